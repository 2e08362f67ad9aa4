package web

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/source"
)

// begun makes a session of a file, its rows laid out.
func begun(t *testing.T, name, text string) *bench {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	v := serve(t, Config{State: filepath.Join(dir, "state"), Files: []string{file}})
	s := v.store.list()[0]
	st, err := s.rows(t.Context())
	if err == nil {
		err = st.whole(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, s, v}
}

type bench struct {
	*testing.T
	s *session
	v *served
}

// edit puts a text into a cell, as a person does.
func (w *bench) edit(row int64, column int, text string) {
	w.Helper()
	e := &edit{Kind: "edit"}
	e.Cells = append(e.Cells, struct {
		Row    int64  `json:"r"`
		Column int    `json:"c"`
		Text   string `json:"t"`
	}{row, column, text})
	o, err := w.s.entered(e)
	if err == nil {
		_, err = w.s.tables.edits.do(o)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *bench) fixed() string {
	w.Helper()
	if err := w.s.writeFixed(w.Context()); err != nil {
		w.Fatal(err)
	}
	path, _ := w.s.fixed()
	text, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// TestFixedFileHasTheFormOfTheOriginal: delimiter, encoding and every cell that nobody touched.
func TestFixedFileHasTheFormOfTheOriginal(t *testing.T) {
	var latin bytes.Buffer
	w, err := source.Encode(&latin, "Windows-1252")
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("Name;Ort;Notiz\nJörg Müller;Köln;\"a;b\"\nAda Weiß;Zürich;\nZoë Groß;Gießen;x\n" +
		"René Süß;Düren;\"zwei\nZeilen\"\n"))
	w.Close()
	c := begun(t, "kunden.csv", latin.String())
	c.edit(1, 1, "Züri")
	want := strings.Replace(latin.String(), "Z\xfcrich", "Z\xfcri", 1)
	if got := c.fixed(); got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	if _, how := c.s.fixed(); strings.Join(how, " ") != "--header --delimiter ; --encoding Windows-1252" {
		t.Errorf("it is read with %v", how)
	}
	c.edit(0, 0, "Łukasz") // which Windows-1252 cannot say
	if _, how := c.s.fixed(); strings.Contains(strings.Join(how, " "), "1252") ||
		!strings.Contains(c.fixed(), "Łukasz;Köln") {
		t.Errorf("what the encoding lacks is lost: %v", how)
	}
	text, err := os.ReadFile(c.s.record.File)
	if err != nil || string(text) != latin.String() {
		t.Error("the file itself was changed")
	}
}

// TestDoubtfulRowsStayRefused: a row that could not be trusted is not made a good one by being written anew, until a
// person has looked at it.
func TestDoubtfulRowsStayRefused(t *testing.T) {
	c := begun(t, "c.csv", "Name,City\nAda,Bath\n\"Gus \"the\" Cat\",York\nBob,Leeds\nEve,Hull,x\n")
	c.edit(0, 1, "Wells")
	got := c.fixed()
	r, err := source.OpenStream("fixed.csv", strings.NewReader(got), source.Options{HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	firstRows(r, 10, func(_ *source.Header, row *source.Row) { codes = append(codes, row.Code) })
	if strings.Join(codes, ",") != ",row.width,,row.width" {
		t.Errorf("the rows of %q have codes %q", got, codes)
	}
	c.edit(1, 1, "Ely")
	if got := c.fixed(); !strings.Contains(got, "\nBob,Leeds\n") || strings.Contains(got, "row.syntax") {
		t.Errorf("a row that was looked at is still refused: %q", got)
	}
}

// TestEditsSurviveACrash: every operation is on disk before it is told of, and a line that was cut short is none.
func TestEditsSurviveACrash(t *testing.T) {
	c := begun(t, "c.csv", "Name,City\nAda,Bath\nBob,Leeds\n")
	c.edit(0, 1, "Wells")
	c.edit(1, 0, "Rob")
	if _, err := c.s.tables.edits.do(&operation{Undo: true}); err != nil {
		t.Fatal(err)
	}
	path := c.s.editsPath(c.s.tables.under)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString(`{"kind":"edit","cells":[{"r":0,"c":0,"b":"Ada","a":"A`)
	file.Close()
	e, err := openEdits(path)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	if len(e.done) != 1 || len(e.back) != 1 || e.n != 1 {
		t.Errorf("there are %d operations, %d taken back, %d cells", len(e.done), len(e.back), e.n)
	}
	if text, there := e.at(0, 1); text != "Wells" || !there {
		t.Errorf("the cell is %q", text)
	}
	if _, err := e.do(&operation{Redo: true}); err != nil || e.n != 2 {
		t.Errorf("what was taken back cannot be done again: %v", err)
	}
}

// TestRowsAreFoundAtOnce: any row is read by its place, and found by its line, while they are laid out and afterwards.
func TestRowsAreFoundAtOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("Name,City\n")
	for i := range 5000 {
		b.WriteString("Ada " + strings.Repeat("x", i%7) + ",\"Bath\n" + strings.Repeat("y", i%3) + "\"\n")
	}
	c := begun(t, "c.csv", b.String())
	st := c.s.tables.rows
	n, all, err := st.state()
	if n != 5000 || !all || err != nil {
		t.Fatal(n, all, err)
	}
	for _, from := range []int64{0, 1, 4321, 4999} {
		rows, err := st.read(from, 3)
		if err != nil || len(rows) != int(min(3, 5000-from)) || rows[0].Cells[0] != "Ada "+strings.Repeat("x", int(from)%7) {
			t.Errorf("row %d is %v %v", from, rows, err)
		}
		if at := st.ordinal(rows[0].Line); at != from {
			t.Errorf("row %d starts on line %d, where row %d is found", from, rows[0].Line, at)
		}
	}
	if st.ordinal(3) != -1 || st.ordinal(1<<40) != -1 {
		t.Error("a row is found where none starts")
	}
	seen := int64(0)
	if err := st.each(context.Background(), func(ordinal int64, _ *storedRow) bool {
		seen += ordinal
		return true
	}); err != nil || seen != 4999*5000/2 {
		t.Errorf("each comes by rows that add up to %d, %v", seen, err)
	}
}

// TestLaw11TheFileOfTheCommandIsThere: the command of a page names the file with the edits, and the last of them is in
// it.
func TestLaw11TheFileOfTheCommandIsThere(t *testing.T) {
	c := begun(t, "c.csv", "Name,City\nAda,Bath\nBob,Leeds\n")
	for _, city := range []string{"Wells", "Ely"} {
		c.edit(0, 1, city)
		_, page := c.v.get(c.v.base + c.s.url("problems"))
		path, _ := c.s.fixed()
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "Ada,"+city) ||
			!strings.Contains(page, path) {
			t.Errorf("the page names %s, which holds %q: %v", path, text, err)
		}
	}
}
