package workbook

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/flate"

	"muster/pipeline/report"
)

// notes reads problems.csv as notes on cells, row by row.
type notes struct {
	lines *csv.Reader
	file  string
	fixes map[string]string
	next  problemLine // read ahead
	ended bool
	err   error
}

type problemLine struct {
	sheet           string
	row, column     int // from 1 and from 0
	code, said, fix string
	suggestion      string
}

// comment is the line as a cell's comment says it.
func (p *problemLine) comment() string {
	text := p.said + ".\nFix: " + p.fix + ".\n(" + p.code + ")"
	if p.suggestion != "" {
		text = "Likely meant: " + p.suggestion + "\n" + text
	}
	return text
}

// cellNote is what is said of one cell.
type cellNote struct {
	column int
	text   string
	put    *Put // nil: the cell keeps what it holds
}

func newNotes(problems io.Reader, file string, fixes map[string]string) *notes {
	n := &notes{lines: csv.NewReader(problems), file: file, fixes: fixes}
	n.lines.ReuseRecord = true
	n.lines.FieldsPerRecord = strings.Count(report.ProblemHeader, ",") + 1
	if _, n.err = n.lines.Read(); errors.Is(n.err, io.EOF) {
		n.err, n.ended = nil, true
	}
	n.step()
	return n
}

// more says whether any note is left.
func (n *notes) more() bool { return n.err == nil && !n.ended }

// sheet is that of the next note.
func (n *notes) sheet() string { return n.next.sheet }

// step reads the next problem of the file.
func (n *notes) step() {
	for n.more() {
		cells, err := n.lines.Read()
		if errors.Is(err, io.EOF) {
			n.ended = true
			return
		}
		if err != nil {
			n.err = fmt.Errorf("read the problems: %w", err)
			return
		}
		if report.Undefuse(cells[0]) != n.file {
			continue
		}
		n.next = problemLine{sheet: strings.Clone(report.Undefuse(cells[1])), code: strings.Clone(cells[5]),
			said: strings.Clone(report.Undefuse(cells[6])), fix: strings.Clone(report.Undefuse(cells[7])),
			suggestion: strings.Clone(report.Undefuse(cells[9]))}
		if cells[3] == "" { // the row as a whole: its first cell speaks for it
			n.next.row, n.err = strconv.Atoi(cells[2])
			return
		}
		n.next.column, n.next.row = parseAddress(cells[3])
		return
	}
}

// parseAddress takes F14 apart: column 5, row 14.
func parseAddress(cell string) (column, row int) {
	i := 0
	for i < len(cell) && cell[i] >= 'A' && cell[i] <= 'Z' {
		column = column*26 + int(cell[i]-'A') + 1
		i++
	}
	row, _ = strconv.Atoi(cell[i:])
	return column - 1, row
}

// row takes the notes of the next row of a sheet with any; 0 when there is none left.
func (n *notes) row(sheet string) (row int, cells []cellNote) {
	if !n.more() || n.next.sheet != sheet {
		return 0, nil
	}
	row = n.next.row
	for n.more() && n.next.sheet == sheet && n.next.row == row {
		n.next.fix = cmp.Or(n.fixes[n.next.code], n.next.fix)
		text := n.next.comment()
		if at := slices.IndexFunc(cells, func(c cellNote) bool { return c.column == n.next.column }); at >= 0 {
			cells[at].text += "\n\n" + text
		} else {
			cells = append(cells, cellNote{column: n.next.column, text: text})
		}
		n.step()
	}
	slices.SortFunc(cells, func(a, b cellNote) int { return a.column - b.column })
	return row, cells
}

// sheetComments gathers the comments of a sheet, packed, so that they take little room until they are written.
type sheetComments struct {
	number        int
	kept          int
	comments, vml packed
	firstShape    int
	blocks        int // of 1024 shapes
	relID         string
}

// packed is text that waits in deflated form.
type packed struct {
	bytes bytes.Buffer
	to    *flate.Writer
}

func (p *packed) add(text string) error {
	if p.to == nil {
		p.to, _ = flate.NewWriter(&p.bytes, flate.BestSpeed) // the level is a good one
	}
	_, err := io.WriteString(p.to, text)
	return err
}

// copyTo unpacks what was gathered.
func (p *packed) copyTo(w io.Writer) error {
	if p.to == nil {
		return nil
	}
	if err := p.to.Close(); err != nil {
		return err
	}
	_, err := io.Copy(w, flate.NewReader(&p.bytes))
	return err
}

// name is that of the part, without its folder and ending.
func (c *sheetComments) name() string { return fmt.Sprint("musterComments", c.number) }

// override is the comments' line in the list of parts.
func (c *sheetComments) override() string {
	return `<Override PartName="/xl/` + c.name() + `.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/>`
}

// add takes the comment of one cell.
func (c *sheetComments) add(address string, row int, n cellNote) error {
	var text strings.Builder
	if err := xml.EscapeText(&text, []byte(n.text)); err != nil {
		return err
	}
	shape := c.firstShape + c.kept
	c.kept++
	return errors.Join(
		c.comments.add(`<comment ref="`+address+`" authorId="0"><text><r><t xml:space="preserve">`+text.String()+
			`</t></r></text></comment>`),
		c.vml.add(fmt.Sprintf(`<v:shape id="_x0000_s%d" type="#_x0000_t202" style="position:absolute;visibility:hidden;width:240pt;height:90pt" fillcolor="#ffffe1" o:insetmode="auto">`+
			`<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox/>`+
			`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%d, 15, %d, 2, %d, 15, %d, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
			shape, n.column+1, row-1, n.column+5, row+5, row-1, n.column)))
}

// writeComments writes the parts that hold the comments of all sheets.
func (w *bookWriter) writeComments() error {
	for _, c := range w.comments {
		err := errors.Join(
			w.wrap("xl/"+c.name()+".xml", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+
				`<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>muster</author></authors><commentList>`,
				&c.comments, `</commentList></comments>`),
			w.wrap("xl/drawings/"+c.name()+".vml", `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">`+
				`<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="`+c.blockNumbers()+`"/></o:shapelayout>`+
				`<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`,
				&c.vml, `</xml>`))
		if err != nil {
			return err
		}
	}
	return nil
}

// blockNumbers are the blocks of 1024 shape numbers that the sheet has for itself.
func (c *sheetComments) blockNumbers() string {
	var list []string
	for i := range c.blocks {
		list = append(list, strconv.Itoa(c.firstShape/1024+i))
	}
	return strings.Join(list, ",")
}

func (w *bookWriter) wrap(name, before string, inside *packed, after string) error {
	part, err := w.zip.Create(name)
	if err == nil {
		_, err = io.WriteString(part, before)
	}
	if err == nil {
		err = inside.copyTo(part)
	}
	if err == nil {
		_, err = io.WriteString(part, after)
	}
	return err
}

// relate writes the relations of a sheet with those to its comments.
func (w *bookWriter) relate(s *bookSheet, c *sheetComments) error {
	text := s.relsText
	if text == nil {
		text = []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
			`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`)
	}
	if bytes.HasSuffix(bytes.TrimSpace(text), []byte("/>")) && !bytes.Contains(text, []byte("</Relationships>")) {
		text = bytes.TrimSuffix(bytes.TrimSpace(text), []byte("/>"))
		text = append(text[:len(text):len(text)], "></Relationships>"...)
	}
	text, err := insertBefore(text, "</Relationships>", fmt.Sprintf(
		`<Relationship Id="%[1]s" Type="%[2]s/vmlDrawing" Target="/xl/drawings/%[3]s.vml"/><Relationship Id="%[1]sC" Type="%[2]s/comments" Target="/xl/%[3]s.xml"/>`,
		c.relID, relationsNamespace, c.name()))
	if err != nil {
		return err
	}
	return w.write(s.rels, text)
}
