package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// saved writes an archive's bytes to a file and gives its name.
func saved(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func excel(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asXLSX writes rows as excelize does: with shared strings, or streamed with the strings in the cells.
func asXLSX(t testing.TB, names []string, rows [][]string, streamed bool) []byte {
	t.Helper()
	f := excelize.NewFile()
	all := append([][]string{names}, rows...)
	if streamed {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range all {
			cells := make([]any, len(row))
			for j := range row {
				cells[j] = row[j]
			}
			if err := w.SetRow(fmt.Sprint("A", i+1), cells); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		return excel(t, f)
	}
	for i := range all {
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &all[i]); err != nil {
			t.Fatal(err)
		}
	}
	return excel(t, f)
}

// packed makes a zip file of names and contents, one behind the other.
func packed(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		part, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		part.Write([]byte(members[i+1]))
	}
	w.Close()
	return b.Bytes()
}

const mainNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

// workbook makes an XLSX by hand: sheets are names and what their XML has inside <worksheet>.
func workbook(t testing.TB, strings_, styles string, sheets ...string) []byte {
	t.Helper()
	var list, rels strings.Builder
	var members []string
	for i := 0; i < len(sheets); i += 2 {
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, sheets[i], i/2+1, i/2+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, i/2+1, i/2+1)
		members = append(members, fmt.Sprintf("xl/worksheets/sheet%d.xml", i/2+1),
			`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="`+mainNamespace+`" xmlns:x="`+mainNamespace+`">`+
				sheets[i+1]+`</worksheet>`)
	}
	const relation = `<Relationship Id="%s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s.xml"/>`
	if strings_ != "" {
		fmt.Fprintf(&rels, relation, "rIdS", "sharedStrings", "sharedStrings")
		members = append(members, "xl/sharedStrings.xml", `<sst xmlns="`+mainNamespace+`">`+strings_+`</sst>`)
	}
	if styles != "" {
		fmt.Fprintf(&rels, relation, "rIdY", "styles", "styles")
		members = append(members, "xl/styles.xml", styles)
	}
	return packed(t, append(members,
		"xl/workbook.xml", `<workbook xmlns:r="r"><sheets>`+list.String()+`</sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships>`+rels.String()+`</Relationships>`)...)
}

func openBytes(t testing.TB, name string, data []byte, o Options) (Reader, error) {
	t.Helper()
	r, err := Open(saved(t, name, data), nil, o)
	if err == nil {
		t.Cleanup(func() { r.Close() })
	}
	return r, err
}

// The same people as a workbook give the same rows as the CSV.
func TestBookConformance(t *testing.T) {
	names, rows := people()
	for _, c := range []struct {
		name, file string
		data       []byte
	}{
		{"shared strings", "a.xlsx", asXLSX(t, names, rows, false)},
		{"strings in the cells", "a.xlsx", asXLSX(t, names, rows, true)},
		{"under another name", "a.csv", asXLSX(t, names, rows, true)},
		{"gzip", "a.xlsx.gz", []byte(gzipped(string(asXLSX(t, names, rows, false))))},
		{"in a zip", "a.zip", packed(t, "a.xlsx", string(asXLSX(t, names, rows, false)))},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{0, 37, 4096} {
				r, err := openBytes(t, c.file, c.data, Options{ChunkSize: size})
				if err != nil {
					t.Fatal(err)
				}
				equal(t, r.Header().Names, names)
				got := cellsOf(t, r)
				if len(got) != len(rows) {
					t.Fatalf("%d rows, want %d", len(got), len(rows))
				}
				for i := range rows {
					if fmt.Sprintf("%q", got[i]) != fmt.Sprintf("%q", rows[i]) {
						t.Fatalf("row %d: got %q, want %q", i, got[i], rows[i])
					}
				}
			}
		})
	}
}
