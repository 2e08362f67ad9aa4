package pipeline_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/plan"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/pipeline/verify"
)

// verify reads a run of a state directory back.
func verifyRun(t testing.TB, o *org, state, run string, sample int) (*report.Verification, error) {
	t.Helper()
	return verify.Run(t.Context(), verify.Config{State: state, Run: run, ReadOnly: o.sight(t), Sample: sample})
}

// sight is the org for who cannot write.
func (o *org) sight(t testing.TB) *pipeline.ReadOnlyOrg {
	t.Helper()
	viewer, err := kustomer.NewViewer(kustomer.Config{URL: o.front.URL, Key: o.Key(), Share: 1, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	token, err := viewer.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	klass, err := viewer.Metadata(t.Context(), "customer")
	if err != nil {
		t.Fatal(err)
	}
	return &pipeline.ReadOnlyOrg{Viewer: viewer, Token: token, Klass: klass, Name: "test", Host: o.front.URL}
}

// TestVerifyFindsWhatPeopleDid: after an import some customers are edited, some deleted, some given
// more: verify finds each of the first two, and counts the third as nobody's fault.
func TestVerifyFindsWhatPeopleDid(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(6, 1))
	p := writePeople(t, dir, "v", 400, rng)
	connected := o.connect(t)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: connected})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := verifyRun(t, o, dir+"/state", s.Run, 0); err != nil || v.Same != p.fit || v.ExitCode != 0 {
		t.Fatalf("a clean import reads back as %+v, %v", v, err)
	}
	var edited, deleted, given int64
	wrong := map[int64]bool{}
	for _, row := range outcomes(t, s) {
		if row.Status != "created" {
			continue
		}
		switch rng.IntN(8) {
		case 0:
			edited++
			wrong[row.Line] = true
			_, err = connected.Client.Update(t.Context(), row.CustomerID,
				[]byte(`{"name":"Somebody else","custom":{"avgSatScoreNum":-5}}`))
		case 1:
			deleted++
			wrong[row.Line] = true
			err = connected.Client.Delete(t.Context(), row.CustomerID)
		case 2:
			given++
			_, err = connected.Client.Update(t.Context(), row.CustomerID, []byte(`{"username":"u`+row.Key+`"}`))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	writes := o.onlyWrites(t)
	v, err := verifyRun(t, o, dir+"/state", s.Run, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := writes(); n != 0 {
		t.Errorf("verify sent %d requests that were no reading", n)
	}
	if v.Different != edited || v.Missing != deleted || v.Extra != given || v.Same != p.fit-edited-deleted ||
		v.ExitCode != exit.Unproven {
		t.Errorf("edited %d, deleted %d, given %d of %d; verify says %+v", edited, deleted, given, p.fit, v)
	}
	for _, cells := range verdicts(t, v)[1:] {
		var at int64
		fmt.Sscan(cells[2], &at)
		if !wrong[at] {
			t.Errorf("line %d of the file is said to differ", at)
		}
		if cells[5] == "name" && cells[8] != "Somebody else" {
			t.Errorf("the name that is there is not told: %q", cells)
		}
	}
	answer, _ := json.Marshal(v)
	if strings.Contains(string(answer), "Somebody") {
		t.Error("the answer holds a value")
	}
}

// onlyWrites counts from now on the requests that may change the org: a search, which is posted, may not.
func (o *org) onlyWrites(t *testing.T) func() int64 {
	t.Helper()
	var n atomic.Int64
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/search") {
			n.Add(1)
		}
		return false
	})
	return n.Load
}

// verdicts are the lines of verify.csv, which nobody else may read.
func verdicts(t *testing.T, v *report.Verification) [][]string {
	t.Helper()
	info, err := os.Stat(v.Files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("verify.csv has mode %v", info.Mode())
	}
	file, err := os.Open(v.Files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestVerifyFindsWhatTheOrgDid: an org that cuts names, or drops custom attributes, without a word.
// Every customer it did that to is found, and no other.
func TestVerifyFindsWhatTheOrgDid(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"field-truncated", "field-dropped"} {
		t.Run(fault, func(t *testing.T) {
			o := newOrg(t, sandbox.Config{Misbehaviour: sandbox.Misbehaviour{Seed: 3, Rates: map[string]float64{fault: 0.5}}})
			dir := t.TempDir()
			p := writePeople(t, dir, "f", 1500, rand.New(rand.NewPCG(6, 2)))
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir +
				"/state", Org: o.connect(t)})
			if err != nil {
				t.Fatal(err)
			}
			var spoilt int64
			whole := regexp.MustCompile(`^(Ana \d+|two\nlines "quoted")$`)
			for _, list := range o.customers(t) {
				var a struct {
					Name   string
					Custom map[string]any
				}
				if err := json.Unmarshal(list[0].Attributes, &a); err != nil {
					t.Fatal(err)
				}
				if len(a.Custom) == 0 || !whole.MatchString(a.Name) {
					spoilt++
				}
			}
			v, err := verifyRun(t, o, dir+"/state", s.Run, 0)
			if err != nil || spoilt == 0 {
				t.Fatalf("%d customers are spoilt, %v", spoilt, err)
			}
			if v.Different != spoilt || v.Missing != 0 || v.ExitCode != exit.Unproven {
				t.Errorf("%d customers are spoilt; verify says %d different, %d missing", spoilt, v.Different, v.Missing)
			}
		})
	}
}

// TestVerifyRefusesAnotherFile: what was sent cannot be worked out from a file that has changed.
func TestVerifyRefusesAnotherFile(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "c", 20, rand.New(rand.NewPCG(6, 3)))
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: o.connect(t)})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(p.path)
	if err := os.WriteFile(p.path, append(text, "x,x,x@example.com,1,yes\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := verifyRun(t, o, dir+"/state", s.Run, 0); !errors.Is(err, bind.ErrInputChanged) || v != nil {
		t.Errorf("a changed file is verified: %v, %v", v, err)
	}
}

// TestLaw4WhoLooksCannotWrite: what verify and plan hold of an org has no way to a client that writes.
func TestLaw4WhoLooksCannotWrite(t *testing.T) {
	writing := reflect.TypeFor[kustomer.Client]()
	for _, holder := range []reflect.Type{reflect.TypeFor[verify.Verifier](), reflect.TypeFor[verify.Config](),
		reflect.TypeFor[pipeline.ReadOnlyOrg](), reflect.TypeFor[plan.Planner]()} {
		if path := reaches(holder, writing, map[reflect.Type]bool{}); path != "" {
			t.Errorf("%s holds who can write: %s", holder, path)
		}
	}
	if reaches(reflect.TypeFor[pipeline.Org](), writing, map[reflect.Type]bool{}) == "" {
		t.Error("the test does not see a client where there is one")
	}
}

// reaches is the way from a type to another through fields, pointers, lists and maps; "" none.
func reaches(from, to reflect.Type, seen map[reflect.Type]bool) string {
	switch {
	case from == to:
		return from.String()
	case seen[from]:
		return ""
	}
	seen[from] = true
	switch from.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		if way := reaches(from.Elem(), to, seen); way != "" {
			return from.String() + " → " + way
		}
	case reflect.Struct:
		for i := range from.NumField() {
			if way := reaches(from.Field(i).Type, to, seen); way != "" {
				return from.String() + "." + from.Field(i).Name + " → " + way
			}
		}
	}
	return ""
}
