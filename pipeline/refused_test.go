package pipeline_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
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
