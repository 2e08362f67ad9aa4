package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"muster/pipeline/config"
	"muster/pipeline/trust"
)

// sftpPlace is a folder of an SFTP server. It is connected to once, when it is first asked.
type sftpPlace struct {
	address string
	config  *ssh.ClientConfig
	folder  string
	pattern string
	client  *sftp.Client
	wire    *ssh.Client
}

// largestKey bounds a private key: one of 16384 bits has 13 kB.
const largestKey = 64 << 10

// sftpIdle is how long the server may say nothing.
const sftpIdle = time.Minute

func (f *Fetcher) sftp(ctx context.Context, s *config.Source) (place, error) {
	u, err := url.Parse(s.From)
	if err != nil {
		return nil, fault(Unreachable, "%s is no address", Shown(s.From))
	}
	p := &sftpPlace{address: u.Host, folder: path.Dir(u.Path), pattern: path.Base(u.Path)}
	if u.Port() == "" {
		p.address = net.JoinHostPort(u.Hostname(), "22")
	}
	known := s.KnownHosts
	if known == "" {
		return nil, fault(Denied, "%s needs known-hosts: a file with the server's key, as ssh-keyscan prints it; without "+
			"it nobody knows who answers", Shown(s.From))
	}
	check, err := knownhosts.New(f.Folder(known))
	if err != nil {
		return nil, fmt.Errorf("read known-hosts: %w", err)
	}
	user := s.User
	if user == "" && u.User != nil {
		user = u.User.Username()
	}
	p.config = &ssh.ClientConfig{User: user, HostKeyCallback: check, Timeout: sftpIdle}
	p.config.Auth, err = f.sftpAuth(ctx, s)
	return p, err
}

// sftpAuth is how we show who we are: a private key, which password decrypts where there is one, or the password
// itself.
func (f *Fetcher) sftpAuth(ctx context.Context, s *config.Source) ([]ssh.AuthMethod, error) {
	var password string
	if !s.Password.None() {
		var err error
		if password, err = f.Secret(ctx, s.Password); err != nil {
			return nil, err
		}
	}
	if s.PrivateKey == "" {
		return []ssh.AuthMethod{ssh.Password(password)}, nil
	}
	pem, err := trust.Read(f.Folder(s.PrivateKey), largestKey)
	if err != nil {
		return nil, fmt.Errorf("read the private key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) && password != "" {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(password))
	}
	if err != nil {
		return nil, fault(Denied, "the private key %s cannot be used: %w", s.PrivateKey, err)
	}
	return []ssh.AuthMethod{ssh.PublicKeys(signer)}, nil
}

func (p *sftpPlace) close() {
	if p.client != nil {
		p.client.Close()
	}
	if p.wire != nil {
		p.wire.Close()
	}
	p.client, p.wire = nil, nil
}

// connect opens the connection unless it is open.
func (p *sftpPlace) connect(ctx context.Context) error {
	if p.client != nil {
		return nil
	}
	raw, err := (&net.Dialer{Timeout: sftpIdle}).DialContext(ctx, "tcp", p.address)
	if err != nil {
		return p.lost(ctx, "reach", err)
	}
	wire, channels, requests, err := ssh.NewClientConn(&attentive{raw}, p.address, p.config)
	if err != nil {
		raw.Close()
		return p.refused(ctx, err)
	}
	p.wire = ssh.NewClient(wire, channels, requests)
	if p.client, err = sftp.NewClient(p.wire); err != nil {
		p.close()
		return p.lost(ctx, "speak SFTP with", err)
	}
	return nil
}

// refused tells a server that is not who it should be, or does not let us in, from one that cannot be reached.
func (p *sftpPlace) refused(ctx context.Context, err error) error {
	var stranger *knownhosts.KeyError
	if errors.As(err, &stranger) {
		return fault(Denied, "%s shows a key that known-hosts does not have: another server, or a new key", p.address)
	}
	var down net.Error
	if errors.As(err, &down) || errors.Is(err, io.EOF) {
		return p.lost(ctx, "reach", err)
	}
	return fault(Denied, "%s does not let us in: %w", p.address, err)
}

func (p *sftpPlace) lost(ctx context.Context, act string, err error) error {
	p.close()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fault(Unreachable, "%s %s: %w", act, p.address, err)
}

func (p *sftpPlace) list(ctx context.Context) ([]Entry, error) {
	if err := p.connect(ctx); err != nil {
		return nil, err
	}
	all, err := p.client.ReadDir(p.folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fault(Absent, "%s has no folder %s", p.address, p.folder)
	case errors.Is(err, os.ErrPermission):
		return nil, fault(Denied, "%s does not show us the folder %s", p.address, p.folder)
	case err != nil:
		return nil, p.lost(ctx, "list the files of", err)
	}
	var found []Entry
	for _, info := range all {
		if fits(p.pattern, info.Name()) && info.Mode().IsRegular() {
			found = append(found, Entry{Name: info.Name(), Size: info.Size(), Modified: info.ModTime().UTC()})
		}
	}
	return found, nil
}

func (p *sftpPlace) fetch(ctx context.Context, e, _ Entry, w io.Writer) (Entry, error) {
	if err := p.connect(ctx); err != nil {
		return e, err
	}
	file, err := p.client.Open(path.Join(p.folder, e.Name))
	if err != nil {
		return e, p.lost(ctx, "open "+e.Name+" of", err)
	}
	defer file.Close()
	n, err := io.Copy(w, file)
	if err == nil && n != e.Size {
		err = fmt.Errorf("%d bytes of %d came", n, e.Size)
	}
	if err != nil {
		return e, p.lost(ctx, "fetch "+e.Name+" from", err)
	}
	return e, nil
}

// attentive gives up a connection on which nothing comes or goes for a while.
type attentive struct{ net.Conn }

func (c *attentive) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(sftpIdle)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *attentive) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(sftpIdle)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
