package fetch_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"muster/pipeline/config"
)

// sshServer is a real SSH server in this process that serves the files of this machine over SFTP to the user feed, by
// password or key.
type sshServer struct {
	address string
	host    ssh.PublicKey
}

func newSSHServer(t *testing.T, user ssh.PublicKey) *sshServer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if c.User() == "feed" && string(password) == "hush" {
				return nil, nil
			}
			return nil, errors.New("no")
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() == "feed" && string(key.Marshal()) == string(user.Marshal()) {
				return nil, nil
			}
			return nil, errors.New("no")
		},
	}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			go serveSFTP(raw, config)
		}
	}()
	return &sshServer{listener.Addr().String(), signer.PublicKey()}
}

func serveSFTP(raw net.Conn, config *ssh.ServerConfig) {
	defer raw.Close()
	_, channels, requests, err := ssh.NewServerConn(raw, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		channel, asked, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range asked {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		}()
		server, err := sftp.NewServer(channel, sftp.ReadOnly())
		if err == nil {
			go func() { _ = server.Serve(); channel.Close() }()
		}
	}
}

func TestAnSFTPServer(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	user, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	server := newSSHServer(t, user)
	d := newDesk(t)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("hush"))
	if err != nil {
		t.Fatal(err)
	}
	d.put(t, "id", string(pem.EncodeToMemory(block)), 0)
	d.put(t, "known", knownhosts.Line([]string{knownhosts.Normalize(server.address)}, server.host)+"\n", 0)
	stranger := newSSHServer(t, user)
	d.put(t, "other", knownhosts.Line([]string{knownhosts.Normalize(server.address)}, stranger.host)+"\n", 0)
	if err := os.Mkdir(filepath.Join(d.dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.put(t, "out/feed-1.csv", "one", 2*time.Hour)
	d.put(t, "out/feed-2.csv", strings.Repeat("two", 100_000), time.Hour)

	from := "sftp://feed@" + server.address + filepath.Join(d.dir, "out") + "/feed-*.csv"
	password := config.Secret{Env: "hush"}
	whole := config.Source{From: from, Password: password, KnownHosts: "known"}
	got, last := d.took(t, whole, nil)
	if got != "feed-2.csv="+strings.Repeat("two", 100_000) {
		t.Fatalf("took %.80q", got)
	}
	if got, _ := d.took(t, whole, last); got != "same" {
		t.Errorf("the second time: %.80q", got)
	}
	for _, test := range []struct {
		name   string
		change func(s *config.Source)
		want   string
	}{
		{"by key", func(s *config.Source) {
			s.PrivateKey = "id"
			s.From = strings.Replace(s.From, "feed@", "", 1)
			s.User = "feed"
		}, "feed-2.csv=two"},
		{"key without its passphrase", func(s *config.Source) { s.PrivateKey = "id"; s.Password = config.Secret{} },
			"denied: the private key id cannot be used"},
		{"wrong password", func(s *config.Source) { s.Password.Env = "loud" }, "denied: 127.0.0.1"},
		{"no known hosts", func(s *config.Source) { s.KnownHosts = "" }, "denied: sftp://127.0.0.1"},
		{"another server", func(s *config.Source) { s.KnownHosts = "other" }, "denied: 127.0.0.1"},
		{"no such file", func(s *config.Source) { s.From = strings.Replace(s.From, "feed-*", "none-*", 1) },
			"absent: no file fits sftp://127.0.0.1"},
		{"no such folder", func(s *config.Source) { s.From = strings.Replace(s.From, "/out/", "/in/", 1) },
			"absent: 127.0.0.1"},
		{"nobody there", func(s *config.Source) { s.From = "sftp://feed@127.0.0.1:1/x.csv" },
			"unreachable: reach 127.0.0.1:1"},
	} {
		s := whole
		test.change(&s)
		got, _ := d.took(t, s, nil)
		if !strings.HasPrefix(got, test.want) || strings.Contains(got, "hush") || strings.Contains(got, "loud") {
			t.Errorf("%s: got %.200q, want %q", test.name, got, test.want)
		}
	}
}
