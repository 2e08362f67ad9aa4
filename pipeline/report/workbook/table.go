package workbook

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"

	"muster/pipeline/trust"
)

// ErrUnholdable means that a sheet cannot hold a table: a cell is too long or no text, or there are too many rows.
var ErrUnholdable = errors.New("no sheet of a workbook can hold it")

// Table writes a workbook of one sheet, all its cells as text: a spreadsheet rounds no number of it and takes no zero
// off. each gives the rows, as wide as the header; they are written as they come. Errors wrap ErrUnholdable where it is
// the table's fault, and leave no file.
func Table(to, name string, header [][]byte, each func(use func(cells [][]byte) error) error) error {
	if len(header) > mostColumns || slices.ContainsFunc(header, unholdable) {
		return ErrUnholdable
	}
	return trust.Replace(to, 0o600, func(out *os.File) error {
		w := &refusedWriter{bookWriter: &bookWriter{zip: zip.NewWriter(out)}, comments: &sheetComments{}}
		w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
			return flate.NewWriter(out, flate.BestSpeed)
		})
		rows := func() (number int, err error) {
			number = 1
			w.row(1, header, func(int) int { return headText })
			err = each(func(cells [][]byte) error {
				if number == mostRows || slices.ContainsFunc(cells, unholdable) {
					return ErrUnholdable
				}
				number++
				w.row(number, cells, func(int) int { return plainText })
				return nil
			})
			return number, err
		}
		if err := errors.Join(w.frame(name), w.sheet("xl/worksheets/sheet1.xml", len(header), 16, rows)); err != nil {
			return err
		}
		return errors.Join(w.kinds("", 1), w.zip.Close())
	})
}

// frame writes what a workbook with such sheets has beside them, but for the list of its parts.
func (w *refusedWriter) frame(names ...string) error {
	sheets, rels := "", ""
	for i, name := range names {
		sheets += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, name, i+1, i+1)
		rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1,
			relationsNamespace, i+1)
	}
	related := func(inside string) []byte {
		return []byte(xmlHead + `<Relationships xmlns="` + packages + `relationships">` + inside + `</Relationships>`)
	}
	return errors.Join(
		w.write("_rels/.rels", related(`<Relationship Id="rId1" Type="`+relationsNamespace+
			`/officeDocument" Target="xl/workbook.xml"/>`)),
		w.write("xl/workbook.xml", []byte(xmlHead+`<workbook xmlns="`+mainNamespace+`" xmlns:r="`+relationsNamespace+
			`"><sheets>`+sheets+`</sheets></workbook>`)),
		w.write("xl/_rels/workbook.xml.rels", related(rels+fmt.Sprintf(`<Relationship Id="rId%d" Type="%s`+
			`/styles" Target="styles.xml"/>`, len(names)+1, relationsNamespace))),
		w.write("xl/styles.xml", []byte(refusedStyles)))
}

// kinds writes the list of parts: of so many sheets, and of what else there is.
func (w *refusedWriter) kinds(more string, sheets int) error {
	var types strings.Builder
	types.WriteString(`<Default Extension="rels" ` +
		`ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` +
		spreadsheetML + `sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="` + spreadsheetML +
		`styles+xml"/>`)
	for n := range sheets {
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n+1,
			spreadsheetML)
	}
	return w.write("[Content_Types].xml", []byte(xmlHead+`<Types xmlns="`+packages+`content-types">`+types.String()+more+
		`</Types>`))
}
