package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
)

// talkOver asks a person about each column that a guess is not sure of, and prints the mapping, or writes it
// beside the file where the answer goes to a terminal. No value of the file is shown.
func (a *app) talkOver(ctx context.Context, file string, p *pipeline.Proposal) error {
	d := &dialogue{app: a, in: bufio.NewReader(a.Stdin)}
	asked := p.Guess.Questions(guess.Limit)
	if len(asked) > 0 {
		fmt.Fprintf(a.Stderr, "\n%d of %d columns need your word. Enter keeps what stands there, q leaves.\n", len(asked), len(p.Guess.Columns))
	}
	for _, c := range asked {
		if err := d.column(ctx, c); err != nil {
			return err
		}
	}
	text := p.Guess.YAML()
	if err := fits(text, p.Names); err != nil {
		fmt.Fprintf(a.Stderr, "muster: the answers do not go together yet: %v\n", err)
	}
	beside := bind.MappingBeside(file)
	if _, err := os.Lstat(beside); a.Shown && os.IsNotExist(err) {
		answer, err := d.ask(ctx, fmt.Sprintf("\nWrite it to %s? [Y/n] ", beside))
		if err != nil {
			return err
		}
		if !strings.HasPrefix(strings.ToLower(answer), "n") {
			if err := os.WriteFile(beside, text, 0o600); err != nil {
				return fmt.Errorf("write the mapping: %w", err)
			}
			fmt.Fprintf(a.Stderr, "written; next: muster check %s\n", printable.Word(file))
			return nil
		}
	}
	_, err := a.data().Write(text)
	return err
}

// fits says why a mapping cannot be used with these columns as it stands.
func fits(text []byte, columns []string) error {
	m, err := mappings.Parse("mapping", text)
	if err == nil {
		_, err = m.Bind(columns, mappings.BindOptions{})
	}
	return err
}

// dialogue is a person who answers line by line.
type dialogue struct {
	*app
	in *bufio.Reader
}

// errLeft ends a dialogue that the person left. Nothing was written.
var errLeft = errors.New("left before the last question: nothing is written")

// ask prints a question and reads the answer.
func (d *dialogue) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(d.Stderr, question)
	line, err := d.in.ReadString('\n')
	answer := strings.TrimSpace(line)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && !errors.Is(err, io.EOF):
		return "", fmt.Errorf("read the answer: %w", err)
	case err != nil && answer == "", answer == "q":
		fmt.Fprintln(d.Stderr)
		return "", &outcome.UsageError{Err: errLeft}
	}
	return answer, nil
}

// column asks about one column until there is an answer.
func (d *dialogue) column(ctx context.Context, c *guess.Column) error {
	fmt.Fprintf(d.Stderr, "\n%s -> %s  (%.0f %% sure: %s)\n", printable.Line(c.Name), c.Target, 100*c.Confidence, printable.Line(strings.Join(c.Evidence, "; ")))
	for {
		question := "  [k]eep, [i]gnore, or another target (? lists them): "
		if len(c.Readings) > 0 {
			for i, reading := range c.Readings {
				fmt.Fprintf(d.Stderr, "  %d  %s\n", i+1, reading)
			}
			question = "  the number of a reading, [i]gnore, or another target (? lists them): "
		}
		answer, err := d.ask(ctx, question)
		if err != nil {
			return err
		}
		if said := d.take(c, answer); said != "" {
			fmt.Fprintf(d.Stderr, "  %s\n", said)
			continue
		}
		if len(c.Readings) == 0 {
			return nil
		}
	}
}

// take acts on an answer and says what is wrong with it, "" nothing.
func (d *dialogue) take(c *guess.Column, answer string) string {
	number, err := strconv.Atoi(answer)
	switch {
	case answer == "?":
		return strings.Join(targetNames(), "\n  ")
	case len(c.Readings) > 0 && err == nil:
		if number < 1 || number > len(c.Readings) {
			return fmt.Sprintf("there are readings 1 to %d", len(c.Readings))
		}
		err = c.Read(c.Readings[number-1])
	case slices.Contains([]string{"", "k", "keep"}, answer):
		if len(c.Readings) > 0 {
			return "both readings fit: choose one by its number, or ignore the column"
		}
		c.Keep()
		return ""
	case answer == "i":
		err = c.Choose("ignore")
	default:
		err = c.Choose(answer)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// targetNames are the places that a column can go to, with what they take.
func targetNames() (names []string) {
	for _, t := range mappings.Targets() {
		names = append(names, fmt.Sprintf("%-36s %s", t.Path, t.Type))
	}
	return names
}
