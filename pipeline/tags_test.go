package pipeline_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/nightly"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// tagOrg is an org whose requests for the names of tags are counted, and refused with a status where there is one.
type tagOrg struct {
	*org
	asked  atomic.Int64
	status atomic.Int64
}

func newTagOrg(t *testing.T) *tagOrg {
	o := &tagOrg{org: newOrg(t, sandbox.Config{RatePerMinute: -1})}
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/tags" {
			return false
		}
		o.asked.Add(1)
		if s := o.status.Load(); s != 0 {
			w.WriteHeader(int(s))
			fmt.Fprint(w, "{}")
			return true
		}
		return false
	})
	return o
}

func (o *tagOrg) imports(t *testing.T, state, rows, write string) *report.Summary {
	mapping := "version: 1\n" + write + "columns: {id: externalId, name: name, tag: tags}\n"
	if !strings.Contains(rows, "tag") {
		mapping = strings.Replace(mapping, ", tag: tags", "", 1)
	}
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Org: o.connect(t), State: state,
		Files: []string{prepared(t, t.TempDir(), "people.csv", rows, mapping)}})
	if err != nil || !s.Balanced {
		t.Fatalf("%v %+v", err, s)
	}
	return s
}

func (o *tagOrg) tags(t *testing.T, id string) int {
	c, err := o.connect(t).Client.Lookup(t.Context(), "externalId", id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(c.Attributes["tags"]), `","`) + min(1, strings.Count(string(c.Attributes["tags"]), `"`))
}

// Tags are compared by their names, which are asked for once, and remembered: an added tag is added, write: overwrite
// overwrites, the same is unchanged, and a run without tags asks for none.
func TestTagsAreComparedByName(t *testing.T) {
	o, dir := newTagOrg(t), t.TempDir()
	step := func(state, rows, write, status string, tags int, asked int64) {
		t.Helper()
		before := o.asked.Load()
		s := o.imports(t, filepath.Join(dir, state), rows, write)
		if got := outcomes(t, s)[0].Status; got != status || s.ExitCode != 0 {
			t.Errorf("%q is %s, exit code %d; want %s", rows, got, s.ExitCode, status)
		}
		if n := o.asked.Load() - before; n != asked {
			t.Errorf("%q: asked for names %d times, want %d", rows, n, asked)
		}
		if n := o.tags(t, "1"); n != tags {
			t.Errorf("%q: %d tags, want %d", rows, n, tags)
		}
	}
	step("a", "id,name,tag\n1,Ann,\"vip,old\"\n", "", "created", 2, 0)
	step("b", "id,name\n1,Bea\n", "", "updated", 2, 0) // no tags: nothing is asked
	step("c", "id,name,tag\n1,Bea,vip\n", "", "unchanged", 2, 1)
	step("c", "id,name,tag\n1,Bea,VIP\n", "", "unchanged", 2, 0) // remembered; capitals alone make no other tag
	step("d", "id,name,tag\n1,Bea,new\n", "", "updated", 3, 1)
	step("e", "id,name,tag\n1,Bea,new\n", "write: {tags: overwrite}\n", "updated", 1, 1)
	step("f", "id,name,tag\n1,Bea,new\n", "write: {tags: overwrite}\n", "unchanged", 1, 1)
}

// Where the names cannot be had a row with tags is not unchanged: what else it says is written, and it says so.
func TestTagsWithoutNames(t *testing.T) {
	for _, status := range []int64{401, 403, 404} {
		o, dir := newTagOrg(t), t.TempDir()
		o.imports(t, filepath.Join(dir, "a"), "id,name,tag\n1,Ann,old\n", "")
		o.status.Store(status)
		for _, rows := range []string{"id,name,tag\n1,Bea,new\n", "id,name,tag\n1,Ann,old\n"} {
			s := o.imports(t, filepath.Join(dir, "b"), rows, "")
			row := outcomes(t, s)[0]
			if row.Code != "kustomer.tags" || row.Column != "tag" || row.Status != "updated" || s.ExitCode != 3 {
				t.Errorf("%d: %+v, exit code %d", status, row, s.ExitCode)
			}
			again := outcomes(t, o.imports(t, filepath.Join(dir, "b"), rows, ""))[0]
			if again.Code != "kustomer.tags" || again.Status != "rejected" {
				t.Errorf("%d: the same row again: %+v", status, again)
			}
		}
		if n := o.tags(t, "1"); n != 1 {
			t.Errorf("%d: %d tags", status, n)
		}
	}
}

// Who has left the file is tagged beside the tags they have.
func TestDepartedKeepTheirTags(t *testing.T) {
	o := newTagOrg(t)
	c, err := o.connect(t).Client.Create(t.Context(), []byte(`{"externalId":"1","tags":["vip","old"]}`))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		done, left, err := nightly.NewDeparted(o.connect(t), time.Now).Tag(t.Context(), []string{c.ID}, "gone")
		if err != nil || done != 1 || left != 0 || o.tags(t, "1") != 3 {
			t.Errorf("%d tagged, %d left, %d tags, %v", done, left, o.tags(t, "1"), err)
		}
	}
	o.status.Store(403)
	if done, left, err := nightly.NewDeparted(o.connect(t), time.Now).Tag(t.Context(), []string{c.ID},
		"more"); err != nil || done != 0 || left != 1 {
		t.Errorf("%d tagged, %d left, %v", done, left, err)
	}
}
