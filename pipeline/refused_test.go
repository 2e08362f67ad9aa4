package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
	"muster/pipeline/sandbox"
	files "muster/pipeline/source"
)

// Whatever a cell holds, the reader takes it back from a workbook of refused rows as it was, and reads no problem for a
// row.
func TestRefusedWorkbookIsReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejects.xlsx")
	header := [][]byte{[]byte("Nr"), []byte("Name"), []byte("_code"), []byte("_column"), []byte("_message"),
		[]byte("_fix")}
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringMatching(`(_x00[0-9a-f]{2}_|[a-z<&>"' =\r\n\t_\x00\x07😀ß]){1,5}`),
			rapid.StringN(1, 8, -1))
		want := []byte(cell.Filter(func(s string) bool { return s != "￾" }).Draw(t, "cell"))
		row := report.Refused{Cells: [][]byte{[]byte("1"), report.Defuse(nil, want), []byte("cell.x"), nil, nil, nil},
			Problems: [][][]byte{{nil, nil, []byte("2"), []byte("B2"), []byte("Name"), []byte("cell.x"), []byte("not right"),
				nil, nil, nil}}}
		left, err := workbook.Refused(path, workbook.Refusals{Header: header, List: files.ProblemColumns(),
			Each: func(use func(*report.Refused) error) error { return use(&row) }})
		if err != nil {
			t.Fatal(err)
		}
		if left.Rows > 0 {
			t.Skip("no sheet can hold it, and that is said")
		}
		r, err := files.Open(path, nil, files.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var chunk files.Chunk
		var block files.Block
		rows := 0
		for {
			if err := r.Cut(&chunk); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			r.Parse(&chunk, &block)
			for _, row := range block.Rows {
				if got := report.Undefuse(row.Cells[1]); !bytes.Equal(got, want) {
					t.Fatalf("%q became %q", want, got)
				}
				rows++
			}
		}
		if rows != 1 {
			t.Fatalf("%d rows", rows)
		}
	})
}

// A row that the org refused is given back by the run that goes on, too, and by one that a limit stops before its first
// request.
func TestRefusedRowsAreGivenBackByARunThatGoesOn(t *testing.T) {
	o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
	var b strings.Builder
	b.WriteString("id,name,email,score,vip\n")
	b.WriteString("g-0.,Ana,g0@example.com,many,yes\n")
	for i := range 1500 {
		fmt.Fprintf(&b, "g-%d.,Ana,g%d@example.com,1,yes\n", i+1, i+1)
	}
	config := pipeline.Config{Command: "import", State: dir + "/state", Uploads: 1, Org: o.connect(t),
		Files: []string{prepared(t, dir, "people.csv", b.String(), peopleMapping)}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte(`"g-900."`)) {
			cancel()
		}
		if at := bytes.Index(body, []byte(`"g-7."`)); at >= 0 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"errors":[{"status":"400","code":"badparam","title":"Invalid","source":{"pointer":"/%d/name"}}]}`,
				bytes.Count(body[:at], []byte(`"externalId"`))-1)
			return true
		}
		return false
	})
	stopped := deliver.Limits{Invalid: &deliver.Allowance{}, Sample: 1}
	for i, run := range []context.Context{ctx, t.Context(), t.Context()} {
		config.Limits = []deliver.Limits{{}, stopped, {}}[i]
		s, err := pipeline.Run(run, config)
		if s == nil {
			t.Fatal(err)
		}
		audit(t, o, s, false)
		if n := count(s, "rejected"); n != 1 || s.Stray != nil {
			t.Errorf("run %d: %d rejected: %v, %+v, %+v", i, n, err, s.Statuses, s.Stray)
		}
	}
}
