package fetch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"muster/pipeline/trust"
)

// folder is a local folder.
type folder struct{ pattern string }

func (p *folder) path(name string) string { return filepath.Join(filepath.Dir(p.pattern), name) }

func (p *folder) close() {}

func (p *folder) list(context.Context) ([]Entry, error) {
	dir, pattern := filepath.Split(p.pattern)
	if dir == "" {
		dir = "."
	}
	all, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault(Absent, "there is no folder %s", filepath.Clean(dir))
	}
	if err != nil {
		return nil, fault(Unreachable, "look into the folder: %w", err)
	}
	var found []Entry
	for _, e := range all {
		if !fits(pattern, e.Name()) {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name())) // follows links, which feeds often are
		if err == nil && info.Mode().IsRegular() {
			found = append(found, Entry{Name: e.Name(), Size: info.Size(), Modified: info.ModTime().UTC()})
		}
	}
	return found, nil
}

// fits says whether a name fits a pattern. Hidden files fit only one that begins like them: half-written files are
// often hidden.
func fits(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
		return false
	}
	ok, err := filepath.Match(pattern, name)
	return err == nil && (ok || pattern == name)
}

func (p *folder) fetch(context.Context, Entry, Entry, io.Writer) (Entry, error) {
	return Entry{}, errors.New("a file that is here is not fetched")
}

// command is a command that writes the file.
type command struct {
	words     []string
	into, dir string
	hidden    []string
}

func (p *command) close() {}

func (p *command) list(context.Context) ([]Entry, error) {
	return []Entry{{Name: "feed", Size: -1}}, nil
}

// commandPatience is how long a command may take: an export of millions of customers takes its time.
const commandPatience = 2 * time.Hour

// fetch runs the command. {} in its words stands for the name of a file it writes; without it, its output is the file.
// What it says on standard error is its own affair: it may hold anything.
func (p *command) fetch(ctx context.Context, e, _ Entry, w io.Writer) (Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	scratch, err := os.MkdirTemp(p.into, ".command-*")
	if err != nil {
		return e, err
	}
	defer os.RemoveAll(scratch)
	target := filepath.Join(scratch, "feed")
	words, named := make([]string, len(p.words)), false
	for i, word := range p.words {
		words[i] = strings.ReplaceAll(word, "{}", target)
		named = named || words[i] != word
	}
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Dir, c.WaitDelay, c.Env = p.dir, 5*time.Second, trust.Environment(c.Environ(), p.hidden...)
	if !named {
		c.Stdout = w
	}
	err = c.Run()
	if to, is := w.(*sink); is && to.err != nil {
		return e, to.err // it could not be written down
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return e, fault(Failed, "the command %s did not end in time: %w", words[0], ctx.Err())
	case errors.As(err, &exit):
		return e, fault(Failed, "the command %s failed with exit code %d", words[0], exit.ExitCode())
	case err != nil:
		return e, fault(Failed, "the command %s cannot be run: %w", words[0], err)
	case !named:
		return e, nil
	}
	file, err := trust.Open(target, os.O_RDONLY, 0)
	if err != nil {
		return e, fault(Failed, "the command %s wrote no file to {}", words[0])
	}
	defer file.Close()
	_, err = io.Copy(w, file)
	return e, err
}
