package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	reading "muster/pipeline/source"
)

// interrupted runs an import that is stopped once some batches have landed, and gives its id.
func interrupted(t *testing.T, o *org, c pipeline.Config) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if _, writes := o.requests(); writes >= 3 {
			stop()
		}
		return false
	})
	defer o.spoil(nil)
	c.Uploads = 1
	s, err := pipeline.Run(ctx, c)
	if err != nil || s.ExitCode != exit.Interrupted {
		t.Fatalf("the run was not interrupted: %v, %+v", err, s)
	}
	return s.Run
}

func resumed(t *testing.T, o *org, state, run string) (*report.Summary, error) {
	t.Helper()
	s, err := pipeline.LoadSettings(state, run)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Unchanged(); err != nil {
		return nil, err
	}
	s.Config.State, s.Config.Org = state, o.connect(t)
	return pipeline.Run(t.Context(), s.Config)
}

// TestResumeGoesOnAsItBegan: with every setting of the first process, from another directory, to
// the same end as if it had never been interrupted.
func TestResumeGoesOnAsItBegan(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	p := writePeople(t, dir, "res", 1200, rand.New(rand.NewPCG(1, 1)))
	text, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	semicolons := strings.ReplaceAll(string(text), ",", ";")
	mapping := peopleMapping + "unmapped: error\n"
	write(t, filepath.Join(dir, "feed.csv"), semicolons+"extra;B;b@example.com;1;yes\n")
	write(t, filepath.Join(dir, "rules.yaml"), mapping)
	t.Chdir(dir)
	run := interrupted(t, o, pipeline.Config{Command: "import", Files: []string{"feed.csv"}, Mapping: "rules.yaml",
		State:  "state",
		Source: reading.Options{Delimiter: ';', MaxRow: 70_000}, Verb: deliver.Create, Region: "NL", Org: o.connect(t)})
	t.Chdir(t.TempDir())
	s, err := resumed(t, o, state, run)
	if err != nil {
		t.Fatal(err)
	}
	if s.Run != run || s.Command != "import" || !s.Balanced || s.Unknown != 0 {
		t.Errorf("run %s went on as %+v", run, s)
	}
	if n := p.fit + 1; count(s, "created") != n {
		t.Errorf("%d created, want %d", count(s, "created"), n)
	}
	if _, err := resumed(t, o, state, run); !errors.As(err, new(*outcome.UsageError)) {
		t.Errorf("a finished run was taken up: %v", err)
	}
}

// TestResumeStopsAtAChange: whatever the run stands on and is not as it was stops it before any
// request is made.
func TestResumeStopsAtAChange(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	p := writePeople(t, dir, "chg", 600, rand.New(rand.NewPCG(2, 2)))
	rules := bind.MappingBeside(p.path)
	run := interrupted(t, o, pipeline.Config{Command: "import", Files: []string{p.path}, State: state, Org: o.connect(t)})
	for name, c := range map[string]struct {
		path  string
		spoil func(text string) (string, bool)
	}{
		"one byte":        {p.path, func(s string) (string, bool) { return strings.Replace(s, "Ana", "Eva", 1), true }},
		"a row more":      {p.path, func(s string) (string, bool) { return s + "x,y,z@example.com,1,yes\n", true }},
		"no file":         {p.path, func(s string) (string, bool) { return "", false }},
		"another mapping": {rules, func(s string) (string, bool) { return s + "# changed\n", true }},
		"no mapping":      {rules, func(s string) (string, bool) { return "", false }},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(c.path)
			if err != nil {
				t.Fatal(err)
			}
			defer write(t, c.path, string(text))
			if after, there := c.spoil(string(text)); there {
				write(t, c.path, after)
			} else if err := os.Remove(c.path); err != nil {
				t.Fatal(err)
			}
			o.spoil(nil)
			_, err = resumed(t, o, state, run)
			if exit.Code(err) != exit.Guard || !strings.Contains(err.Error(), filepath.Base(c.path)) {
				t.Errorf("got %v, exit code %d", err, exit.Code(err))
			}
			if all, _ := o.requests(); all != 0 {
				t.Errorf("%d requests were made", all)
			}
		})
	}
	t.Run("another org", func(t *testing.T) {
		other := newOrg(t, sandbox.Config{})
		_, err := resumed(t, other, state, run)
		if !errors.Is(err, outcome.ErrOtherOrg) || exit.Code(err) != exit.Guard {
			t.Errorf("got %v, exit code %d", err, exit.Code(err))
		}
	})
	t.Run("between look and beginning", func(t *testing.T) {
		s, err := pipeline.LoadSettings(state, run)
		if err != nil {
			t.Fatal(err)
		}
		s.Config.State, s.Config.Org, s.Config.Unmapped = state, o.connect(t), "ignore"
		if _, err := pipeline.Run(t.Context(), s.Config); exit.Code(err) != exit.Guard {
			t.Errorf("got %v, exit code %d", err, exit.Code(err))
		}
	})
	if s, err := resumed(t, o, state, run); err != nil || s.ExitCode != exit.Rejects {
		t.Errorf("with everything as it was: %v, %+v", err, s)
	}
}

// TestEverySettingIsKept: a field that is added to Config is kept with the run, unless it is marked.
func TestEverySettingIsKept(t *testing.T) {
	unkept := map[string]bool{"Stdin": true, "Directory": true, "State": true, "Resume": true, "Org": true,
		"Again": true, "Version": true, "Now": true, "Progress": true, "Lean": true}
	var full pipeline.Config
	fill(reflect.ValueOf(&full).Elem(), unkept)
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var back pipeline.Config
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(full, back) {
		t.Errorf("%v: kept %+v of %+v", err, back, full)
	}
}

// fill sets every field that is not in except to something.
func fill(v reflect.Value, except map[string]bool) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case except[v.Type().Field(i).Name] || !f.CanSet():
		case f.Kind() == reflect.Struct:
			fill(f, nil)
		case f.Kind() == reflect.String:
			f.SetString("x")
		case f.Kind() == reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		case f.CanInt():
			f.SetInt(7)
		case f.CanUint():
			f.SetUint(7)
		case f.CanFloat():
			f.SetFloat(0.5)
		}
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
