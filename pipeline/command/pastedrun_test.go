package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// pasteIn is the environment variable that names where a script's programs leave the commands that they printed, each
	// with a copy of the script's folder as it was then.
	pasteIn = "MUSTER_TEST_PASTED"
	// pasteAll is the one by which each command is run, also where one of its kind was.
	pasteAll = "MUSTER_TEST_PASTED_ALL"
	// askedIn is the one that makes the standard input of a script's program a terminal's.
	askedIn = "MUSTER_TEST_ASKED"
)

var (
	anyNumber = regexp.MustCompile(`[0-9]+`)
	// parts of a command that a person fills in
	filledIn = regexp.MustCompile(`(^|[ =])([A-Z]{2,}|[A-Z]+\|[A-Z]+|…|N|acme)([ =.,;]|$)|https://acme`)
	// serving are the commands that run until they are ended, writing those that change an org.
	serving = []string{"ui", "sandbox", "node", "worker"}
	writing = []string{"import", "apply", "undo", "resume", "run", "klass", "forget"}
	// needed are the flags that a command that is printed has from the one that printed it.
	needed = map[string][]string{
		"--state": {"runs", "show", "resume", "undo", "verify", "import", "check", "plan", "restore", "tidy", "forget",
			"accept-drift"},
		"--key-file": {"resume", "undo", "verify", "apply", "doctor"},
		"--project":  {"lint", "run", "accept-drift"},
	}
)

// A pasted is a command that a program printed, in the state in which it was printed.
type pasted struct {
	By     string   // the command that printed it, and how it ended
	Line   string   // as it was printed
	Shell  string   // the same, for the copy of the folder
	Name   string   // of the command
	Dir    string   // in the copy
	Env    []string // of the program that printed it
	Given  []byte   // what that program was given on standard input
	Says   string   // what is wrong with it, once it was run; "" nothing
	Copied string   // the copy
}

// pastePrinted keeps each command that a program printed. Those that may go to an org that the script serves are run at
// once, where they change nothing there.
func pastePrinted(args []string, code int, said string, given []byte) {
	dir := os.Getenv(pasteIn)
	if dir == "" || len(args) == 0 || slices.Contains([]string{"help", "explain", "read"}, args[0]) ||
		slices.Contains(args, "--help") {
		return
	}
	for _, line := range printedCommands(said) {
		words := strings.Fields(line)
		if len(words) < 2 || filledIn.MatchString(line) || slices.Contains(serving, words[1]) ||
			!claimed(dir, args, code, words) {
			continue
		}
		p := &pasted{By: fmt.Sprintf("muster %s (exit %d)", strings.Join(args, " "), code), Line: line, Name: words[1],
			Given: given, Says: lacks(args, words)}
		served := servedOrg(line)
		if p.Says != "" || served && slices.Contains(writing, p.Name) {
			p.Shell = "" // what is wrong is known, or it would change an org that the script goes on with
		} else if err := p.copyFolder(dir); err != nil {
			p.Says = err.Error()
		} else if served {
			p.run()
		}
		text, err := json.Marshal(p)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("pasted-%d-%x", time.Now().UnixNano(), os.Getpid())), text,
				0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// claimed says that no command of this kind was printed yet: by the same command with the same exit code, with the same
// flags.
func claimed(dir string, args []string, code int, words []string) bool {
	if os.Getenv(pasteAll) != "" {
		return true
	}
	kind := []string{args[0], fmt.Sprint(code)}
	for _, w := range words[1:] {
		if name := filepath.Base(w); strings.HasPrefix(name, "rejects") || strings.HasPrefix(name, "annotated") {
			w = name
		} else if !strings.HasPrefix(w, "-") && len(kind) > 2 {
			w = ""
		}
		kind = append(kind, anyNumber.ReplaceAllString(w, "0"))
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(dir), "kind-"+strings.ReplaceAll(strings.Join(kind, "_"), "/", "_")),
		os.O_CREATE|os.O_EXCL, 0o600)
	return err == nil && f.Close() == nil
}

// lacks says which flag of the command that printed another this one lacks; "" none.
func lacks(args, words []string) string {
	for flag, names := range needed {
		i := slices.Index(args, flag)
		if i < 0 || i+1 == len(args) || args[i+1] == ".muster" || !slices.Contains(names, words[1]) ||
			slices.Contains(words, flag) {
			continue
		}
		return "it lacks " + flag + " " + args[i+1]
	}
	return ""
}

// servedOrg says that a command may go to an org that another program serves.
func servedOrg(line string) bool {
	return strings.Contains(line, "http://") || !strings.Contains(line, "sandbox") &&
		slices.ContainsFunc(os.Environ(), func(pair string) bool { return strings.Contains(pair, "=http://127.") })
}

// copyFolder copies the folder of the script, and the samples where the command is about them.
func (p *pasted) copyFolder(dir string) error {
	work, err := os.Getwd()
	home := os.Getenv("WORK")
	if err != nil || home == "" || !strings.HasPrefix(work, home) {
		return fmt.Errorf("%s is not below %s: %w", work, home, err)
	}
	if p.Copied, err = os.MkdirTemp(dir, "copy-"); err != nil {
		return err
	}
	switch out, err := exec.Command("cp", "-a", home+"/.", p.Copied).CombinedOutput(); {
	case err == nil || strings.Contains(string(out), "No such file"): // which was gone while it was copied
	case strings.Contains(err.Error(), "file size limit"):
		return nil // the script has no room on its disk
	default:
		return fmt.Errorf("%w: %s", err, out)
	}
	moved := strings.NewReplacer(home, p.Copied)
	if samples := os.Getenv("SAMPLES"); strings.Contains(p.Line, samples) {
		own := filepath.Join(p.Copied, ".samples")
		if out, err := exec.Command("cp", "-a", samples, own).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		moved = strings.NewReplacer(home, p.Copied, samples, own)
	}
	p.Shell, p.Dir = moved.Replace(p.Line), filepath.Join(p.Copied, strings.TrimPrefix(work, home))
	for _, pair := range os.Environ() {
		if v, _, _ := strings.Cut(pair, "="); v != pasteIn && v != saidIn {
			p.Env = append(p.Env, moved.Replace(pair))
		}
	}
	return nil
}

// run runs it once, and says what is wrong with it.
func (p *pasted) run() {
	if p.Shell == "" {
		return
	}
	defer os.RemoveAll(p.Copied)
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	run := exec.CommandContext(ctx, "bash", "--norc", "-c", p.Shell)
	p.Shell = ""
	run.Dir, run.Env = p.Dir, p.Env
	// A person pastes it at a terminal, and agrees: a question that takes no yes takes the first of its answers. Rows that
	// came by a pipe come by it again.
	if slices.Contains(strings.Fields(p.Line), "-") {
		run.Stdin = bytes.NewReader(p.Given)
	} else {
		run.Env = append(run.Env, askedIn+"=1")
		run.Stdin = strings.NewReader(strings.Repeat("y\n1\n", 60))
	}
	out, err := run.CombinedOutput()
	code := run.ProcessState.ExitCode()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		p.Says = fmt.Sprintf("it does not end: %s", out)
	case err != nil && !errors.As(err, &exit):
		p.Says = err.Error()
	case code == 2 && p.Name == "lint" && !strings.Contains(string(out), "muster: error"):
		// that the project file is wrong is what it was asked
	case code == 2 || code == 1 || code < 0:
		p.Says = fmt.Sprintf("exit %d: %s", code, out)
	}
}

// unworking are the commands that a script's programs printed and that do not work.
func unworking(dir string) (wrong []string, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "pasted-*"))
	if err != nil {
		return nil, err
	}
	list, places := make([]pasted, len(names)), make(chan struct{}, 6) // most of them wait for the rate of an org
	var all sync.WaitGroup
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(text, &list[i])
		}
		if err != nil {
			return nil, err
		}
		places <- struct{}{}
		all.Go(func() {
			list[i].run()
			<-places
		})
	}
	all.Wait()
	for _, p := range list {
		if p.Says != "" {
			wrong = append(wrong, fmt.Sprintf("law 11: %s prints\n  %s\n  %s", p.By, p.Line,
				strings.ReplaceAll(strings.TrimSpace(p.Says), "\n", "\n  ")))
		}
	}
	return wrong, nil
}
