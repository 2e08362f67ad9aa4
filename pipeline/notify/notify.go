// Package notify says to people and to machines that watch how a job's night was: by a signed webhook, in Slack, by
// e-mail, through a command, by a heartbeat, and as metrics. What is said names jobs, files, columns and counts, never
// a customer.
package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// Message is what is told of a job. Its JSON form is the webhook's body; fields are only ever added.
type Message struct {
	Version   int              `json:"version"`
	Job       string           `json:"job"`
	Project   string           `json:"project"` // the folder's name, to tell several apart
	Org       string           `json:"org,omitempty"`
	Host      string           `json:"host,omitempty"` // the machine that ran it
	State     string           `json:"state"`          // well, warned or failed
	Before    string           `json:"before"`
	Recovered bool             `json:"recovered"` // it had failed and is well again
	ExitCode  int              `json:"exit_code"`
	Meaning   string           `json:"exit_meaning"`
	Run       string           `json:"run,omitempty"`
	At        time.Time        `json:"at"`
	Counts    map[string]int64 `json:"counts,omitempty"`
	Says      []string         `json:"says,omitempty"` // what was found, one line each
	Next      []string         `json:"next,omitempty"` // commands that make sense now
}

// Title is the message in one line: where, what, and the cause.
func (m *Message) Title() string {
	where := "muster: " + m.Job
	if m.Project != "" {
		where = "muster: " + m.Project + "/" + m.Job
	}
	switch {
	case m.Recovered:
		return where + " is well again"
	case m.State == "well":
		return where + " went well"
	case m.State == "warned":
		return where + " went well, with a warning" + m.cause()
	default:
		return fmt.Sprintf("%s: exit %d%s", where, m.ExitCode, cmp.Or(m.cause(), ": "+m.Meaning))
	}
}

// longestCause is what of a cause fits into the subject of a mail that is read on a phone.
const longestCause = 160

// cause is the first thing that was found, "" where nothing was.
func (m *Message) cause() string {
	for _, says := range m.Says {
		if strings.HasPrefix(says, "took up run ") || strings.HasPrefix(says, "tried again: ") ||
			(m.State == "warned") != strings.HasPrefix(says, "warning: ") {
			continue
		}
		line := []rune(printable.Line(strings.TrimPrefix(says, "warning: ")))
		if len(line) > longestCause {
			line = append(line[:longestCause], '…')
		}
		return ": " + string(line)
	}
	return ""
}

// Text is the message for people, the title first.
func (m *Message) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, m.Title())
	if m.State == "failed" {
		fmt.Fprintf(&b, "exit %d: %s\n", m.ExitCode, m.Meaning)
	}
	for _, line := range m.Says {
		fmt.Fprintln(&b, printable.Line(line))
	}
	if m.Run != "" {
		fmt.Fprintf(&b, "run %s%s\n", m.Run, counted(m.Counts))
	}
	for _, command := range m.Next {
		fmt.Fprintf(&b, "next: %s\n", command)
	}
	b.WriteString(m.from())
	return b.String()
}

// from says which project of which org on which machine it is.
func (m *Message) from() string {
	var parts []string
	for _, part := range [...][2]string{{"project", m.Project}, {"org", m.Org}, {"host", m.Host}} {
		if part[1] != "" {
			parts = append(parts, part[0]+" "+printable.Line(part[1]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "\n"
}

// counted is the balance in the report's order, without what is zero.
func counted(counts map[string]int64) string {
	var parts []string
	for _, status := range [...]string{"created", "updated", "unchanged", "duplicate", "skipped", "invalid", "rejected",
		"unsent", "unknown"} {
		if n := counts[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", status, n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// Teller brings messages to channels.
type Teller struct {
	Secret    func(ctx context.Context, s config.Secret) (string, error)
	HTTP      *http.Client
	Folder    string // commands are run there
	UserAgent string
	Now       func() time.Time
	Hidden    []string // variables of the environment that commands are not given
}

// patience is how long one channel may take.
const patience = 30 * time.Second

// tries is how often a channel that does not answer is asked.
const tries = 3

// Tell brings a message to one channel. The error never holds an address, which may be a secret, nor a password.
func (t *Teller) Tell(ctx context.Context, c *config.Channel, m *Message) error {
	ctx, cancel := context.WithTimeout(ctx, tries*patience)
	defer cancel()
	var err error
	switch c.Kind {
	case "webhook":
		err = t.webhook(ctx, c, m)
	case "slack":
		err = t.slack(ctx, c, m)
	case "email":
		err = t.email(ctx, &c.SMTP, m)
	default:
		err = t.command(ctx, c.Command, m)
	}
	if err != nil {
		return fmt.Errorf("tell by %s (line %d of the project file): %w", c.Kind, c.Line, err)
	}
	return nil
}

func (t *Teller) address(ctx context.Context, c *config.Channel) (string, error) {
	if c.Address != "" {
		return c.Address, nil
	}
	return t.Secret(ctx, c.URL)
}

// webhook posts the message. Where there is a secret the header X-Muster-Signature is t=SECONDS,v1=HEX: the HMAC-SHA256
// of the seconds, a full stop and the body, so that neither body nor time can be forged or sent again later.
func (t *Teller) webhook(ctx context.Context, c *config.Channel, m *Message) error {
	address, err := t.address(ctx, c)
	if err != nil {
		return err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if !c.Secret.None() {
		key, err := t.Secret(ctx, c.Secret)
		if err != nil {
			return err
		}
		header.Set("X-Muster-Signature", Sign(key, t.Now(), body))
	}
	return t.post(ctx, address, header, body)
}

// Sign is the header that proves who sent a body, and when.
func Sign(key string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

func (t *Teller) slack(ctx context.Context, c *config.Channel, m *Message) error {
	address, err := t.address(ctx, c)
	if err != nil {
		return err
	}
	// The three characters that Slack asks to be escaped (https://docs.slack.dev/messaging/formatting-message-text).
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(m.Text())
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return err
	}
	return t.post(ctx, address, http.Header{"Content-Type": {"application/json"}}, body)
}

// post sends a body, again where nobody answered or the server was at fault.
func (t *Teller) post(ctx context.Context, address string, header http.Header, body []byte) (err error) {
	for try := range tries {
		if try > 0 && !pause(ctx, time.Duration(try)*time.Second) {
			return err
		}
		var code int
		code, err = t.request(ctx, http.MethodPost, address, header, body)
		if err == nil && code >= 500 || code == http.StatusTooManyRequests {
			err = fmt.Errorf("status %d", code)
			continue
		}
		if err == nil && code >= 300 {
			return fmt.Errorf("status %d", code)
		}
		if err == nil || errors.Is(err, errMoved) || errors.Is(err, errAddress) {
			return err
		}
	}
	return err
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (t *Teller) request(ctx context.Context, method, address string, header http.Header, body []byte) (code int,
	err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil || q.URL.Host == "" {
		return 0, errAddress
	}
	if q.URL.Scheme != "https" && !trust.Loopback(q.URL.Hostname()) { // an address that is a secret was seen by nobody yet
		return 0, errAddress
	}
	if header != nil {
		q.Header = header
	}
	q.Header.Set("User-Agent", t.UserAgent)
	answer, err := trust.Unredirected(t.HTTP).Do(q)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // without the address
		}
		return 0, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode >= 300 && answer.StatusCode < 400 {
		return answer.StatusCode, errMoved
	}
	return answer.StatusCode, nil
}

// errMoved: what is told goes to the address that was named and to no other.
var errMoved = errors.New("it answers with a redirect, which is not followed: name the address where it leads")

// errAddress: asking again would not make it one.
var errAddress = errors.New("that is no address that begins with https://")

// Beat asks for a heartbeat's address: whoever watches it learns from its absence.
func (t *Teller) Beat(ctx context.Context, address string) error {
	code, err := t.request(ctx, http.MethodGet, address, nil, nil)
	if err == nil && code >= 300 {
		err = fmt.Errorf("status %d", code)
	}
	if err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	return nil
}

// command runs a command with the message on its standard input.
func (t *Teller) command(ctx context.Context, words []string, m *Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Dir, c.WaitDelay, c.Stdin = t.Folder, time.Second, strings.NewReader(m.Text())
	c.Env = trust.Environment(c.Environ(), t.Hidden...)
	err := c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%s failed with exit code %d", words[0], exit.ExitCode())
	}
	return err
}
