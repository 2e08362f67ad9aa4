package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline/bind"
	"muster/pipeline/decision"
	"muster/pipeline/exit"
	"muster/pipeline/interview"
	"muster/pipeline/printable"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// header gives the columns of a file, in whatever encoding. Empty: they cannot be read.
func header(ctx context.Context, file string, o source.Options) (columns [][]string, recoded bool) {
	reader, err := bind.OpenSource(ctx, file, nil, o)
	if trouble := (*source.Error)(nil); errors.As(err, &trouble) && len(trouble.Readings) > 0 {
		o.Encoding = trouble.Readings[0].Encoding // names are compared without the letters that encodings write differently
		reader, err = bind.OpenSource(ctx, file, nil, o)
	}
	if err != nil {
		return nil, false // what is wrong with the file is said where it is read
	}
	defer reader.Close()
	if several, is := reader.(source.Tables); is {
		for _, h := range several.Headers() {
			columns = append(columns, bind.OwnNames(h))
		}
		return columns, false
	}
	return [][]string{bind.OwnNames(reader.Header())}, !strings.Contains(reader.Describe(), "UTF-")
}

// earlier is what was decided of files that are at least so much like this one; nil: nothing.
func (a *app) earlier(ctx context.Context, file string, f *inputFlags, like float64) (best *decision.Decision) {
	if file == "-" || bind.IsSpecial(file) || len(decision.All(f.state)) == 0 {
		return nil
	}
	read, err := f.source()
	if err != nil {
		return nil
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return nil
	}
	likeness := 0.0
	columns, recoded := header(ctx, file, read)
	for _, names := range columns {
		if d, is := decision.Recall(f.state, whole, names); d != nil && is >= like && is > likeness {
			best, likeness = d, is
		}
	}
	if best != nil && !recoded && best.Encoding != "" {
		own := *best
		own.Encoding = "" // the file is not written as that one was
		best = &own
	}
	return best
}

// recall gives flags that were not given the values that were decided of a file of exactly this shape, and says so.
func (a *app) recall(c *cobra.Command, f *inputFlags, files []string) {
	given := func(flag string) bool { return c.Flags().Changed(flag) }
	if f.Mapping != "" || f.Properties != "" || len(files) != 1 {
		return
	}
	d := a.earlier(c.Context(), files[0], f, 1)
	if d == nil {
		return
	}
	if beside := bind.MappingBeside(files[0]); hasText(beside) {
		if same, err := filepath.Abs(beside); err != nil || same != d.Mapping {
			return // it says itself what the columns are
		}
	} else if rules := d.Rules(); rules != "" {
		f.Mapping = relative(rules)
	}
	dates := ""
	if same, err := filepath.Abs(files[0]); err == nil && same == d.File {
		dates = d.Dates // another file shows its own order, or is asked about
	}
	a.decided = d
	said := ""
	for _, one := range []struct {
		flag, value string
		to          *string
	}{{"encoding", d.Encoding, &f.Encoding}, {"sheet", d.Sheet, &f.Sheet}, {"region", d.Region, &f.Region},
		{"dates", dates, &f.Dates}} {
		if one.value != "" && !given(one.flag) {
			*one.to = one.value
			said += " --" + one.flag + " " + printable.Word(one.value)
		}
	}
	if f.Mapping != "" {
		said += " --mapping " + printable.File(f.Mapping)
	}
	if said != "" {
		a.say(fmt.Sprintf("%s: as was decided for %s:%s", files[0], printable.File(relative(d.File)), said))
	}
}

// relative is a path as it is seen from here, where that is shorter.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if near, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(near, "..") {
		return near
	}
	return path
}

// keepDecision remembers what answers, or flags, said of a file.
func (a *app) keepDecision(state, file string, d *decision.Decision) {
	var rules []byte
	var err error
	if d.File, err = filepath.Abs(file); err == nil && strings.HasSuffix(d.Mapping, ".yaml") {
		if d.Mapping, err = filepath.Abs(d.Mapping); err == nil {
			rules, err = trust.ReadText(d.Mapping)
		}
	}
	d.When = time.Now().UTC().Truncate(time.Second)
	if err == nil {
		err = decision.Remember(state, d, rules)
	}
	if err != nil {
		a.say(err.Error()) // it is asked again next time
	}
}

// keptAfter remembers what the flags of a command said of its one file, once it was read with them. The error is that
// of the command.
func (a *app) keptAfter(err error, c *cobra.Command, f *inputFlags, files []string) error {
	if err == nil && (a.code == 0 || a.code == exit.Rejects) {
		a.keepFlags(c, f, files)
	}
	return err
}

func (a *app) keepFlags(c *cobra.Command, f *inputFlags, files []string) {
	decided := false
	for _, flag := range [...]string{"mapping", "encoding", "sheet", "region", "dates"} {
		decided = decided || c.Flags().Changed(flag)
	}
	if len(files) != 1 || files[0] == "-" || bind.IsSpecial(files[0]) || f.Properties != "" {
		return
	}
	mapping := f.Mapping
	if beside := bind.MappingBeside(files[0]); mapping == "" && hasText(beside) {
		mapping, decided = beside, true
	}
	read, err := f.source()
	if err != nil || !decided {
		return
	}
	columns, _ := header(c.Context(), files[0], read)
	if len(columns) == 0 {
		return
	}
	a.keepDecision(f.state, files[0], &decision.Decision{Columns: columns[0], Mapping: mapping, Encoding: f.Encoding,
		Sheet: f.Sheet, Region: f.Region, Dates: f.Dates})
}

// settle writes down what the answers come to, beside the file, and has the flags follow it.
func (a *app) settle(file string, f *inputFlags, r *interview.Result) error {
	if r.Again {
		return nil
	}
	if r.Trouble != nil {
		return fmt.Errorf("the answers do not go together: %w", r.Trouble)
	}
	beside := ""
	if r.Mapping != nil {
		beside = bind.MappingBeside(file)
		if hasText(beside) {
			if err := os.Rename(beside, beside+".old"); err != nil {
				return fmt.Errorf("put the old mapping aside: %w", err)
			}
			a.say(fmt.Sprintf("what %s said is kept as %s.old", beside, beside))
		}
		if err := trust.WriteWhole(beside, r.Mapping); err != nil {
			return fmt.Errorf("write the mapping: %w", err)
		}
		a.say(fmt.Sprintf("wrote %s, which says what each column is", beside))
	} else {
		f.Mapping, f.Region = r.Preset, cmp.Or(r.Region, f.Region)
	}
	if len(r.Passed) > 0 {
		a.say(fmt.Sprintf("of %s only the sheet %s is read; not read: %s", file, r.Sheet, strings.Join(r.Passed, ", ")))
	}
	f.Encoding, f.Sheet = cmp.Or(r.Encoding, f.Encoding), cmp.Or(r.Sheet, f.Sheet)
	a.keepDecision(f.state, file, r.Decision(file, beside))
	return nil
}
