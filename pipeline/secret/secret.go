// Package secret finds secrets where the project file or a flag says they are: in a file, a variable of the
// environment, the keyring of the operating system, the output of a command, or standard input. A secret is handed to
// whoever asked and kept nowhere; no error holds any of it.
package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"muster/pipeline/config"
	"muster/pipeline/parallel"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// Opener finds secrets in the world that main gave it.
type Opener struct {
	Lookup func(name string) (string, bool) // environment variables
	Stdin  io.Reader
	Path   func(name string) string              // from where names of files are meant; nil: the working directory
	Hidden []string                              // variables of the environment that commands are not given
	Warn   func(says string)                     // hears of files that others may read; nil: nobody does
	Waits  func(what string, most time.Duration) // hears of waits of two seconds and more; nil: nobody does
}

// largest bounds a secret: a key of 8192 bits in PEM has 6.5 kB.
const largest = 64 << 10

// told is from when on a wait is told.
const told = 2 * time.Second

// patience is how long a command may take to tell a secret: as long as somebody needs to touch a hardware key.
const patience = time.Minute

var (
	// ErrNone: the place holds nothing.
	ErrNone = errors.New("there is no secret")
	// ErrSeveral: the place holds more than one line.
	ErrSeveral = errors.New("there is more than one line")
	// ErrTooLong: the place holds more than a secret can have.
	ErrTooLong = errors.New("there is more than 64 kB, which is no secret")
	// ErrMarked: the file begins with a byte order mark, as some editors on Windows write it.
	ErrMarked = errors.New("it begins with a byte order mark, which is no part of a secret: save it as UTF-8 without one")
)

// Open reads a secret that is one line. The error names the place and never the secret; ErrNone where it is empty.
func (o *Opener) Open(ctx context.Context, s config.Secret) (string, error) {
	if o.Waits != nil {
		defer parallel.Overdue(told, func() { o.Waits(Place(s)+" to tell the secret", patience) })()
	}
	raw, err := o.read(ctx, s)
	if err != nil {
		return "", fmt.Errorf("read the secret from %s: %w", Place(s), err)
	}
	if err := fit(raw); err != nil {
		return "", fmt.Errorf("read the secret from %s: %w", Place(s), err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// Place names where a secret is found, for people.
func Place(s config.Secret) string {
	switch {
	case s.File == "-":
		return "standard input"
	case s.File != "":
		return s.File
	case s.Env != "":
		return "the variable " + s.Env
	case s.Keyring != "":
		return "the keyring's entry " + s.Keyring
	case len(s.Command) > 0:
		return "the command " + s.Command[0] // its other words may say too much
	default:
		return "nowhere"
	}
}

func (o *Opener) read(ctx context.Context, s config.Secret) ([]byte, error) {
	switch {
	case s.File == "-":
		return Line(o.Stdin)
	case s.File != "":
		return o.file(ctx, s.File)
	case s.Env != "":
		value, _ := o.Lookup(s.Env)
		return []byte(value), nil
	case s.Keyring != "":
		service, user, _ := strings.Cut(s.Keyring, "/")
		value, err := keyring.Get(service, user)
		if errors.Is(err, keyring.ErrNotFound) {
			err = ErrNone
		}
		return []byte(value), err
	case len(s.Command) > 0:
		return o.command(ctx, s.Command)
	default:
		return nil, ErrNone
	}
}

func (o *Opener) file(ctx context.Context, name string) ([]byte, error) {
	if o.Path != nil {
		name = o.Path(name)
	}
	file, err := trust.OpenAny(name)
	if err != nil {
		return nil, errors.Unwrap(err) // the name is said already
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	if info.Mode().IsRegular() && o.Warn != nil && trust.Readable(file) {
		o.Warn(name + " may be read by others on this machine: chmod go-r " + printable.File(name))
	}
	// Not a regular file only: <(pass show kustomer) is a pipe, and whoever writes to it may keep it waiting.
	_ = file.SetReadDeadline(time.Now().Add(patience)) // regular files have none, and need none
	text, err := io.ReadAll(io.LimitReader(parallel.Interruptible(ctx, file), largest+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, errors.Unwrap(err)
	}
	return text, nil
}

// fit says why what was read is no secret.
func fit(raw []byte) error {
	switch text := bytes.TrimSpace(raw); {
	case len(raw) > largest:
		return ErrTooLong
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")), bytes.HasPrefix(raw, []byte("\xff\xfe")),
		bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return ErrMarked
	case len(text) == 0:
		return ErrNone
	case bytes.ContainsAny(text, "\r\n"):
		return ErrSeveral
	}
	return nil
}

// command takes what a command prints. What it says on standard error is its own affair and is not kept, since it may
// repeat the secret.
func (o *Opener) command(ctx context.Context, words []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.WaitDelay, c.Env = time.Second, trust.Environment(c.Environ(), o.Hidden...)
	if o.Path != nil {
		c.Dir = o.Path(".")
	}
	var out bytes.Buffer
	c.Stdout = &limited{to: &out, left: largest + 1}
	err := c.Run()
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("it did not end within %s", patience)
	case errors.As(err, &failed):
		return nil, fmt.Errorf("it failed with exit code %d", failed.ExitCode())
	case err != nil:
		return nil, errors.New("it cannot be run")
	}
	return out.Bytes(), nil
}

// limited drops what is too long.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	if _, err := l.to.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Line reads one line from a stream and not a byte more: an input may stand behind it.
func Line(r io.Reader) ([]byte, error) {
	var line []byte
	var b [1]byte
	for len(line) <= largest {
		n, err := r.Read(b[:])
		if n == 1 && b[0] == '\n' {
			return line, nil
		}
		line = append(line, b[:n]...)
		if err == io.EOF {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return line, nil
}
