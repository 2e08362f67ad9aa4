package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/decision"
	"muster/pipeline/interview"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
)

// errLeft ends a dialogue that the person left. Nothing was written.
var errLeft = errors.New("left before the last question: nothing is written")

// sits says whether a person is at the terminal who can be asked.
func (a *app) sits() bool { return a.Asked && a.Watched }

// ask puts every question that the file leaves open, one by one. begun is false where there was none.
func (a *app) ask(ctx context.Context, v *interview.Interview, file string) (begun bool, err error) {
	for {
		q, number, of, err := v.Next(ctx)
		if err != nil || q == nil {
			return begun, err
		}
		begun = true
		a.put(q, number, of)
		for asked := false; !asked; {
			fmt.Fprint(a.Stderr, "> ")
			line, err := a.answered(ctx)
			if errors.Is(err, io.EOF) {
				return true, &hinted{&outcome.UsageError{Err: errLeft}, "the answers come from standard input, and that has " +
					"ended: give the command at a terminal; or " + mappingHint(file)}
			}
			if err != nil {
				return true, err
			}
			switch {
			case line == "b" && v.Back():
				asked = true
				continue
			case line == "b":
				fmt.Fprintln(a.Stderr, "  this is the first question")
				continue
			case line == "?":
				fmt.Fprintln(a.Stderr, "  "+strings.Join(targetNames(), "\n  "))
				continue
			}
			if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(q.Options) {
				line = q.Options[n-1].Value
			}
			if err := v.Answer(q, line); err != nil {
				fmt.Fprintf(a.Stderr, "  %s\n", wrapAt(err.Error(), 2, a.Width))
				continue
			}
			asked = true
		}
	}
}

// put shows a question.
func (a *app) put(q *interview.Question, number, of int) {
	place := fmt.Sprintf("%d of %d  ", number, of)
	fmt.Fprintf(a.Stderr, "\n%s%s\n", place, wrapAt(printable.Line(q.Text), len(place), a.Width-len(place)))
	if len(q.Samples) > 0 {
		var shown []string
		for _, s := range q.Samples {
			shown = append(shown, cutAt(printable.Line(s), 40))
		}
		fmt.Fprintf(a.Stderr, "  %s\n", wrapAt("for instance  "+strings.Join(shown, "  ·  "), 4, a.Width-2))
	}
	if q.Rows > 0 {
		fmt.Fprintf(a.Stderr, "  in %d of %d rows\n", q.Filled, q.Rows)
	}
	for i, o := range q.Options {
		enter := ""
		if o.Value == q.Default {
			enter = "  (Enter)"
		}
		fmt.Fprintf(a.Stderr, "    %d  %s\n", i+1, wrapAt(printable.Line(o.Text)+enter, 7, a.Width-7))
	}
	ways := "b goes back, q leaves"
	if strings.HasPrefix(q.ID, "column:") {
		ways = "? lists places, " + ways
	}
	if q.Other != "" {
		ways = "or " + q.Other + "; " + ways
	}
	fmt.Fprintf(a.Stderr, "  %s\n", wrapAt(ways, 2, a.Width-2))
}

// answered reads one line. The error is io.EOF where no more come.
func (a *app) answered(ctx context.Context) (string, error) {
	line, err := lineOf(a.Stdin)
	switch answer := strings.TrimSpace(string(line)); {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && err != io.EOF:
		return "", fmt.Errorf("read the answer: %w", err)
	case answer == "q":
		fmt.Fprintln(a.Stderr)
		return "", &outcome.UsageError{Err: errLeft}
	case err == io.EOF:
		fmt.Fprintln(a.Stderr)
		return "", io.EOF
	default:
		return answer, nil
	}
}

// wrapAt sets text in lines of at most width columns, those behind the first set in.
func wrapAt(text string, indent, width int) string {
	return strings.Join(wrapped(text, max(width-1, 40)), "\n"+strings.Repeat(" ", indent))
}

func cutAt(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}

// targetNames are the places that a column can go to, with what they take.
func targetNames() (names []string) {
	for _, t := range mappings.Targets() {
		names = append(names, fmt.Sprintf("%-36s %s", t.Path, t.Type))
	}
	return names
}

// interviewOf is the interview about a file with what lies beside it and what was decided of others like it.
func (a *app) interviewOf(ctx context.Context, file string, f *inputFlags, presets bool) (*interview.Interview, error) {
	read, err := f.source()
	if err != nil {
		return nil, err
	}
	o := interview.Options{Source: read, Region: f.Region, NoPresets: !presets}
	if beside := bind.MappingBeside(file); hasText(beside) {
		o.Beside = beside
	} else if f.Mapping == "" {
		o.Earlier = a.earlier(ctx, file, f, decision.Near)
	}
	return interview.New(file, o), nil
}

// hasText says whether a file is there and holds something.
func hasText(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}
