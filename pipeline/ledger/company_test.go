package ledger

import (
	"slices"
	"testing"
	"time"
)

// Which company is which stays known over a crash, to the run that noted it alone; what was made is told until it is
// taken back.
func TestCompaniesOfARun(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r, other := begin(t, l, "run", "f"), begin(t, l, "other", "g")
	a, b, c := l.CompanyKey("A-1", ""), l.CompanyKey("", "a-1"), l.CompanyKey("", "globex")
	if a == b {
		t.Error("an external id and a name are one key")
	}
	must(t, r.LinkCompany(a, hexID(2), true))
	must(t, r.LinkCompany(b, hexID(2), true)) // rows call it otherwise
	must(t, r.LinkCompany(c, hexID(1), false))
	must(t, other.LinkCompany(c, hexID(3), true))
	must(t, l.Close())
	l = open(t, dir)
	r = begin(t, l, "ignored", "f")
	for key, want := range map[KeyHash]string{a: hexID(2), b: hexID(2), c: hexID(1), {}: ""} {
		if got, err := r.LinkedCompany(key); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if made, err := r.MadeCompanies(); err != nil || !slices.Equal(made, []string{hexID(2)}) {
		t.Errorf("%v, %v", made, err)
	}
	must(t, r.UnmakeCompany(hexID(2)))
	if made, err := r.MadeCompanies(); err != nil || len(made) > 0 {
		t.Errorf("%v, %v", made, err)
	}
	must(t, r.Finish(RunFinished, 0, nil))
	_, err := l.Compact(time.Now().Add(time.Hour))
	must(t, err)
	if got, err := r.LinkedCompany(c); err != nil || got != "" {
		t.Errorf("%q is kept of a run that was tidied away, %v", got, err)
	}
}
