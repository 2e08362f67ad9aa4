package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"

	"muster/pipeline/trust"
)

// ErrUnfit means that a workbook is built in a way that muster does not mend cell by cell.
var ErrUnfit = errors.New("the workbook cannot be annotated as it is")

// A Book gives a user's own workbook back with its wrong cells coloured and commented. Everything else in it stays as
// it is, byte for byte where nothing of a part changes: sheets are copied as a stream, of which only the wrong cells
// are touched.
type Book struct {
	path   string
	file   *os.File
	zip    *zip.Reader
	parts  map[string]*zip.File
	sheets []*bookSheet

	// Fixes go before those of problems.csv, by code: what is known once all rows have been seen.
	Fixes map[string]string

	stylesPart string
	styles     []byte
	formats    int // cellXfs before ours
}

// bookSheet is one sheet of the workbook.
type bookSheet struct {
	name, part string
	commented  bool // it has comments or other legacy drawings of its own
	rels       string
	relsText   []byte
}

// The relations of parts (ECMA-376 part 1, section 9.2; the strict form has other names and is left alone).
const relationsNamespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

// partSize bounds the parts that are read whole: styles, lists of sheets and relations.
const partSize = 32 << 20

// Open looks whether a file is a workbook that can be annotated. The error wraps ErrUnfit where it cannot.
func Open(name string) (*Book, error) {
	b, err := open(name)
	if err == nil {
		if err = b.dress(); err != nil {
			err = errors.Join(fmt.Errorf("%w: %w", ErrUnfit, err), b.file.Close())
		}
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// open finds the sheets of a workbook.
func open(name string) (*Book, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b := &Book{path: name, file: file, parts: map[string]*zip.File{}}
	info, err := file.Stat()
	if err == nil {
		b.zip, err = zip.NewReader(file, info.Size())
	}
	if err == nil {
		b.zip.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
		for _, f := range b.zip.File {
			b.parts[f.Name] = f
		}
		err = b.understand()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrUnfit, err), file.Close())
	}
	return b, nil
}

// Close gives the file back.
func (b *Book) Close() error { return b.file.Close() }

type relations struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// understand reads the list of sheets.
func (b *Book) understand() error {
	const main = "xl/workbook.xml"
	var rels relations
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := errors.Join(b.decode(main, &book), b.decode("xl/_rels/workbook.xml.rels", &rels)); err != nil {
		return err
	}
	targets := map[string]string{}
	for _, r := range rels.List {
		target := resolvePart(main, r.Target)
		targets[r.ID] = target
		if r.Type == relationsNamespace+"/styles" {
			b.stylesPart = target
		}
	}
	for _, s := range book.Sheets {
		one := &bookSheet{name: s.Name, part: targets[s.ID]}
		if !strings.HasPrefix(one.part, "xl/worksheets/") || b.parts[one.part] == nil {
			continue // a chart or a macro
		}
		one.rels = path.Join(path.Dir(one.part), "_rels", path.Base(one.part)+".rels")
		var err error
		if one.relsText, err = b.part(one.rels); err != nil {
			return err
		}
		one.commented = bytes.Contains(one.relsText, []byte("/vmlDrawing")) ||
			bytes.Contains(one.relsText, []byte("/comments"))
		b.sheets = append(b.sheets, one)
	}
	if len(b.sheets) == 0 {
		return errors.New("its sheets are not where they are expected")
	}
	return nil
}

// dress reads the styles, and adds those of wrong cells.
func (b *Book) dress() (err error) {
	if b.stylesPart == "" {
		return errors.New("its styles are not where they are expected")
	}
	if b.styles, err = b.part(b.stylesPart); err != nil {
		return err
	}
	b.styles, b.formats, err = colouredStyles(b.styles)
	return err
}

func resolvePart(from, target string) string {
	if strings.HasPrefix(target, "/") {
		return target[1:]
	}
	return path.Join(path.Dir(from), target)
}

// part is a whole part, nil where there is none.
func (b *Book) part(name string) ([]byte, error) {
	f := b.parts[name]
	if f == nil {
		return nil, nil
	}
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, partSize+1))
	if err == nil && len(text) > partSize {
		err = fmt.Errorf("%s is too large", name)
	}
	return text, err
}

func (b *Book) decode(name string, to any) error {
	text, err := b.part(name)
	if err == nil && text == nil {
		err = fmt.Errorf("it has no %s", name)
	}
	if err != nil {
		return err
	}
	return xml.Unmarshal(text, to)
}

// commentsKept is how many cells of a sheet get a comment. Beyond it cells are coloured all the same: a spreadsheet
// with tens of thousands of comments is too slow to be of use, and problems.csv has every one.
const commentsKept = 10_000

// Annotate writes the workbook to another path: cells that problems names are coloured, and have a comment that says
// what is wrong and how to fix it. problems is a problems.csv, of which the rows of file are taken. uncommented counts
// the wrong cells without a comment. The sheets are deflated by packers.
func (b *Book) Annotate(to, file string, problems io.Reader, packers Packers) (uncommented int64, err error) {
	out, err := trust.Create(to)
	if err != nil {
		return 0, err
	}
	w := &bookWriter{Book: b, zip: zip.NewWriter(out), notes: newNotes(problems, file, b.Fixes),
		segments: segments{packers: packers}}
	w.zip.RegisterCompressor(zip.Deflate, w.compressor)
	err = errors.Join(w.run(), w.zip.Close(), out.Close())
	if err != nil {
		return 0, errors.Join(err, os.Remove(to))
	}
	return w.uncommented, nil
}

// bookWriter is one annotated workbook being written.
type bookWriter struct {
	*Book
	zip         *zip.Writer
	notes       *notes
	segments    segments
	segmented   bool             // the next part is a sheet
	comments    []*sheetComments // of the sheets that have any
	shapes      int              // given to comments so far
	uncommented int64
}

// compressor deflates the next part, a sheet by packers.
func (w *bookWriter) compressor(out io.Writer) (io.WriteCloser, error) {
	if w.segmented {
		w.segments.out = out
		return &w.segments, nil
	}
	return flate.NewWriter(out, flate.BestSpeed)
}

// run writes the sheets first, in the order of their rows, then everything else; the order of parts in the file means
// nothing.
func (w *bookWriter) run() error {
	rewritten := map[string]bool{w.stylesPart: true, "[Content_Types].xml": true}
	for w.notes.more() {
		s := w.sheet(w.notes.sheet())
		if s == nil {
			return fmt.Errorf("no sheet %q: %w", w.notes.sheet(), ErrUnfit)
		}
		if rewritten[s.part] {
			return fmt.Errorf("the problems of sheet %q are not together: %w", s.name, ErrUnfit)
		}
		rewritten[s.part], rewritten[s.rels] = true, true
		if err := w.rewriteSheet(s, true, func() (int, []cellNote) { return w.notes.row(s.name) }); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	if w.notes.err != nil {
		return w.notes.err
	}
	for _, f := range w.Book.zip.File {
		if !rewritten[f.Name] {
			if err := w.zip.Copy(f); err != nil {
				return err
			}
		}
	}
	return errors.Join(w.write(w.stylesPart, w.styles), w.types(), w.writeComments())
}

// sheet finds a sheet by its name; one that has only a single sheet needs none.
func (w *bookWriter) sheet(name string) *bookSheet {
	for _, s := range w.sheets {
		if s.name == name || name == "" && len(w.sheets) == 1 {
			return s
		}
	}
	return nil
}

func (w *bookWriter) write(name string, text []byte) error {
	part, err := w.zip.Create(name)
	if err == nil {
		_, err = part.Write(text)
	}
	return err
}

// types writes the list of parts and their types with those of the comments.
func (w *bookWriter) types() error {
	const name = "[Content_Types].xml"
	text, err := w.part(name)
	if err != nil {
		return err
	}
	var more strings.Builder
	if len(w.comments) > 0 && !bytes.Contains(text, []byte(`Extension="vml"`)) {
		more.WriteString(`<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>`)
	}
	for _, c := range w.comments {
		more.WriteString(c.override())
	}
	text, err = insertBefore(text, "</Types>", more.String())
	if err != nil {
		return err
	}
	return w.write(name, text)
}

// insertBefore puts text before the last occurrence of a mark.
func insertBefore(text []byte, mark, more string) ([]byte, error) {
	at := bytes.LastIndex(text, []byte(mark))
	if at < 0 {
		return nil, fmt.Errorf("there is no %s: %w", mark, ErrUnfit)
	}
	return append(append(append(make([]byte, 0, len(text)+len(more)), text[:at]...), more...), text[at:]...), nil
}
