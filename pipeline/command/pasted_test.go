package command_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/command"
)

// The places of an output where a command stands that can be pasted: alone on a line, as what comes next; before what
// it does, in brackets; and in a hint.
var (
	alone   = regexp.MustCompile(`(?m)^  (muster [a-z].*)$`)
	noted   = regexp.MustCompile(`(?m)^muster: +(muster [a-z].*?)  \(`)
	hinted  = regexp.MustCompile(`(?m)^muster: hint: (.*)$`)
	meant   = regexp.MustCompile(`(?:^|[ (])muster [a-z]+`)
	runID   = regexp.MustCompile(`^\d{8}-\d{6}-`)
	example = regexp.MustCompile(`^[A-Z]+…?$|^[A-Z]+\|[A-Z]+$`) // FILE, ORG: what a person puts there
)

// printedCommands are the commands in what a program printed.
func printedCommands(said string) (list []string) {
	for _, form := range []*regexp.Regexp{alone, noted} {
		for _, m := range form.FindAllStringSubmatch(said, -1) {
			list = append(list, m[1])
		}
	}
	for _, m := range hinted.FindAllStringSubmatch(said, -1) {
		for _, at := range meant.FindAllStringIndex(m[1], -1) {
			list = append(list, inProse(strings.TrimLeft(m[1][at[0]:], " (")))
		}
	}
	return list
}

// inProse is a command that a sentence begins with: its words up to the first that is one of the sentence's.
func inProse(text string) string {
	words := strings.Split(text, " ")
	end := min(2, len(words))
	if bare := strings.TrimRight(words[1], ",;:)?."); bare != words[1] {
		return words[0] + " " + bare
	}
	for value := false; end < len(words); end++ {
		w := words[end]
		isFlag := strings.HasPrefix(w, "-")
		bare := strings.TrimRight(w, ",;:)?")
		ends := slices.Contains([]string{"shows", "tells", "says", "lists", "has"}, bare)
		if ends || !value && !isFlag && w != ">" && !strings.ContainsAny(bare, "./'") &&
			!example.MatchString(bare) && bare != "last" && !runID.MatchString(bare) {
			break
		}
		value = isFlag && !strings.Contains(w, "=") || w == ">"
		if bare != w {
			words[end] = bare
			end++
			break
		}
	}
	return strings.Join(words[:end], " ")
}

// heldByLaw11 fails a script where one of the commands that its programs printed cannot be pasted: a shell splits it,
// every flag of it is one of the command's, the files that a report says come next are there, and the command works
// where and when it was printed, see [pasted].
func heldByLaw11(work, said, pasted string) error {
	files, err := os.ReadDir(said)
	if err != nil {
		return err
	}
	var list []string
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(said, f.Name()))
		if err != nil {
			return err
		}
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		if ran := strings.Split(string(line), "\x00")[0]; ran == "help" || ran == "explain" ||
			strings.Contains(string(line), "--help") || ran == "read" {
			continue // the manual's commands are examples
		}
		for _, c := range printedCommands(string(rest)) {
			if !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	split, err := shellSplit(list)
	if err != nil {
		return err
	}
	var wrong []string
	for i, args := range split {
		if why := unpasteable(work, args); why != "" {
			wrong = append(wrong, fmt.Sprintf("law 11: %q cannot be pasted: %s", list[i], why))
		}
	}
	ran, err := unworking(pasted)
	if err != nil {
		return err
	}
	wrong = append(wrong, ran...)
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// shellSplit has bash take commands apart, each into the arguments that muster would get.
func shellSplit(list []string) (split [][]string, err error) {
	dir, err := os.MkdirTemp("", "pasted-")
	if err != nil || len(list) == 0 {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var script strings.Builder
	script.WriteString(`muster() { printf '%s\037' "$@" >&3; printf '\036' >&3; }` + "\n")
	for _, c := range list {
		// nothing is written: what a mapping lies beside is a sample
		script.WriteString(strings.ReplaceAll(c, " > ", " '>' ") + "\n")
	}
	run := exec.Command("bash", "--norc", "-c", script.String())
	out, err := os.Create(filepath.Join(dir, "args"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	run.Dir, run.ExtraFiles = dir, []*os.File{out}
	if said, err := run.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("law 11: a shell does not take the commands: %w: %s", err, said)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		return nil, err
	}
	for one := range strings.SplitSeq(strings.TrimSuffix(string(text), "\x1e"), "\x1e") {
		split = append(split, strings.Split(strings.TrimSuffix(one, "\x1f"), "\x1f"))
	}
	if len(split) != len(list) {
		return nil, fmt.Errorf("law 11: of %d commands a shell makes %d", len(list), len(split))
	}
	return split, nil
}

// unpasteable says why a command cannot be given as it was printed; "" it can.
func unpasteable(work string, args []string) string {
	var errs bytes.Buffer
	code := command.Main(context.Background(), command.Env{Args: append(slices.Clone(args), "--help"),
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &errs,
		Width: 80, Lookup: func(string) (string, bool) { return "", false }})
	if code != 0 {
		return strings.TrimSpace(errs.String())
	}
	if !slices.Contains([]string{"check", "import", "plan", "apply", "map", "start", "read"}, args[0]) {
		return ""
	}
	for _, name := range args[1:] {
		if strings.HasPrefix(name, "-") || name == ">" {
			break // flags come behind the files, or the files behind them, where one begins with a dash
		}
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(work, path)
		}
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			continue // the run was tidied away since
		}
		if _, err := os.Stat(path); err != nil && !example.MatchString(name) {
			return "there is no " + name
		}
	}
	return ""
}

func TestCommandsAreFoundInWhatIsPrinted(t *testing.T) {
	said := "Next\n  muster verify last --state 'a b'\n      reads back\n" +
		"muster: muster import a.csv --ignore 'X Y'  (leaves them out)\n" +
		"muster: hint: muster map a.csv -o a.mapping.yaml writes a mapping to read over; or muster doctor --to ORG tells " +
		"which\n"
	want := []string{"muster verify last --state 'a b'", "muster import a.csv --ignore 'X Y'",
		"muster map a.csv -o a.mapping.yaml", "muster doctor --to ORG"}
	if got := printedCommands(said); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "out-1"), "check\n  muster check gone.csv\n  muster runs --nope\n"+
		"  muster explain cell.date\n")
	if err := heldByLaw11(dir, dir, dir); err == nil || strings.Count(err.Error(), "law 11") != 2 {
		t.Errorf("a file that is not there and a flag that there is not: %v", err)
	}
}
