package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"strings"

	"muster/pipeline/config"
)

// email sends the message through a server: on port 465 with TLS from the first byte, else with STARTTLS, which is
// asked for and not only hoped for.
func (t *Teller) email(ctx context.Context, s *config.SMTP, m *Message) error {
	var password string
	if !s.Password.None() {
		var err error
		if password, err = t.Secret(ctx, s.Password); err != nil {
			return err
		}
	}
	host, port, err := net.SplitHostPort(s.Server)
	if err != nil {
		return err
	}
	client, err := dial(ctx, s, host, port)
	if err != nil {
		return fmt.Errorf("reach %s: %w", s.Server, err)
	}
	defer client.Close()
	if s.User != "" {
		if err := client.Auth(smtp.PlainAuth("", s.User, password, host)); err != nil {
			return errors.New("the server does not take the user and password")
		}
	}
	if err := client.Mail(bare(s.From)); err != nil {
		return err
	}
	for _, to := range s.To {
		if err := client.Rcpt(bare(to)); err != nil {
			return err
		}
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(t.letter(s, m)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}

func dial(ctx context.Context, s *config.SMTP, host, port string) (*smtp.Client, error) {
	settings := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	raw, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return nil, err
	}
	if deadline, limited := ctx.Deadline(); limited {
		if err := raw.SetDeadline(deadline); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
	}
	if port == "465" {
		raw = tls.Client(raw, settings)
	}
	client, err := smtp.NewClient(raw, host)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	if port != "465" && !s.Plain {
		if err := client.StartTLS(settings); err != nil {
			return nil, errors.Join(fmt.Errorf("it offers no TLS: %w", err), client.Close())
		}
	}
	return client, nil
}

// bare is an address without the name before it.
func bare(address string) string {
	if _, rest, named := strings.Cut(address, "<"); named {
		address, _, _ = strings.Cut(rest, ">")
	}
	return strings.TrimSpace(address)
}

// letter is the message as a mail (RFC 5322).
func (t *Teller) letter(s *config.SMTP, m *Message) []byte {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails: it ends the program instead
	domain := bare(s.From)
	domain = domain[strings.LastIndex(domain, "@")+1:]
	var b bytes.Buffer
	for _, line := range [...]string{
		"From: " + s.From, "To: " + strings.Join(s.To, ", "),
		"Subject: " + mime.QEncoding.Encode("utf-8", m.Title()),
		"Date: " + t.Now().Format("Mon, 02 Jan 2006 15:04:05 -0700"),
		"Message-ID: <" + hex.EncodeToString(id[:]) + "@" + domain + ">",
		"Auto-Submitted: auto-generated", // so that no absence note answers (RFC 3834)
		"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
	} {
		b.WriteString(line + "\r\n")
	}
	text := quotedprintable.NewWriter(&b)
	_, _ = text.Write([]byte(strings.ReplaceAll(m.Text(), "\n", "\r\n")))
	_ = text.Close()
	return b.Bytes()
}
