package source

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// Rows in which nothing can be seen are passed over and counted, in every format; the others keep their numbers.
func TestBlankRows(t *testing.T) {
	cell := func(text string) string {
		return `<c t="inlineStr"><is><t xml:space="preserve">` + text + `</t></is></c>`
	}
	sheet := `<sheetData><row r="1">` + cell("name") + cell("email") + `</row><row r="2">` + cell("\u200b") + cell(" ") +
		`</row>` +
		`<row r="3">` + cell("Ada") + cell("ada@example.org") + `</row><row r="4">` + cell("\u00a0") +
		`<c s="1"/></row><row r="5"><c/></row>` +
		`<row r="6">` + cell(" ") + cell("bo@example.org") + `</row></sheetData>`
	ods := asODS(t, odsTexts([]string{"name", "email"}, []string{"\u200b", " "}, []string{"Ada", "ada@example.org"},
		[]string{"\u00a0", ""}, nil, []string{" ", "bo@example.org"}))
	people := "name,email\n\u200b, \nAda,ada@example.org\n,\n\n\u3000,bo@example.org\n"
	for name, data := range map[string][]byte{
		"a.csv": []byte(people), "a.xlsx": workbook(t, "", "", "S", sheet), "a.ods": ods,
		"a.ndjson": []byte("{\"name\":\"\",\"email\":null}\n{}\n{\"name\":\"Ada\",\"email\":\"ada@example.org\"}\n\n" +
			"{\"name\":\"\u2060\",\"email\":\"bo@example.org\"}\n"),
		"a.json": []byte(`[{"name":" ","email":null},{"name":"Ada","email":"ada@example.org"},{"list":[]},{"email":"bo@example.org"}]`),
	} {
		for _, keep := range []bool{false, true} {
			r, err := openBytes(t, name, data, Options{KeepBlank: keep})
			if err != nil {
				t.Fatal(name, err)
			}
			var c Chunk
			var b Block
			rows, blank := "", int64(0)
			for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
				r.Parse(&c, &b)
				blank += b.Blank
				for _, row := range b.Rows {
					rows += fmt.Sprintf(" %d%s", row.Number, row.Code)
				}
			}
			want, passed := map[string]string{"a.csv": " 3 6", "a.xlsx": " 3 6", "a.ods": " 3 6", "a.ndjson": " 3 5",
				"a.json": " 2 4"}[name], int64(2)
			if keep {
				want, passed = map[string]string{"a.csv": " 2 3 4 6", "a.xlsx": " 2 3 4 6", "a.ods": " 2 3 4 6",
					"a.ndjson": " 1 2 3 5", "a.json": " 1 2 3 4"}[name], 0
			}
			if err != io.EOF || rows != want || blank != passed {
				t.Errorf("%s, kept %v: rows%s and %d blank ones, want%s and %d; %v", name, keep, rows, blank, want, passed, err)
			}
		}
	}
}

// A row of nothing but spaces above the header of a workbook is no header.
func TestSpaceAboveHeader(t *testing.T) {
	sheet := grid(1, "\u00a0\u200b", "name|email", "Ada|ada@example.org")
	for _, keep := range []bool{false, true} {
		r, err := openBytes(t, "a.xlsx", workbook(t, "", "", "S", sheet), Options{KeepBlank: keep})
		if err != nil {
			t.Fatal(err)
		}
		if h := r.Header(); h.Line != 2 || strings.Join(h.Names, " ") != "name email" {
			t.Errorf("header in row %d: %q", h.Line, h.Names)
		}
	}
}
