package source

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// benchBooks are the 20-column customers as workbooks: strings shared, as Excel writes them, or in the cells.
func benchBooks(b *testing.B) map[string][]byte {
	names, rows := customers()
	f := excelize.NewFile()
	for i, row := range append([][]string{names}, rows...) {
		place, _ := excelize.CoordinatesToCellName(1, i+1)
		f.SetSheetRow("Sheet1", place, &row)
	}
	return map[string][]byte{"shared": excel(b, f), "inline": asXLSX(b, names, rows, true)}
}

func readBook(b *testing.B, r Reader) (rows int) {
	var c Chunk
	var block Block
	for {
		err := r.Cut(&c)
		if err == io.EOF {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		r.Parse(&c, &block)
		rows += len(block.Rows)
	}
}

// BenchmarkBook reads the same workbooks with muster (opening included), with excelize's row iterator, and by
// unpacking the sheet alone.
func BenchmarkBook(b *testing.B) {
	for kind, data := range benchBooks(b) {
		name := saved(b, "a.xlsx", data)
		b.Run(kind+"/muster", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(name, nil, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if n := readBook(b, r); n != benchRows {
					b.Fatal(n)
				}
				r.Close()
			}
			rate(b)
		})
		b.Run(kind+"/excelize", func(b *testing.B) {
			for b.Loop() {
				f, err := excelize.OpenFile(name)
				if err != nil {
					b.Fatal(err)
				}
				rows, err := f.Rows("Sheet1")
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for ; rows.Next(); n++ {
					if _, err := rows.Columns(); err != nil {
						b.Fatal(err)
					}
				}
				if n != benchRows+1 {
					b.Fatal(n)
				}
				f.Close()
			}
			rate(b)
		})
		b.Run(kind+"/inflate", func(b *testing.B) {
			for b.Loop() {
				z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
				if err != nil {
					b.Fatal(err)
				}
				z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
				for _, f := range z.File {
					if strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
						r, _ := f.Open()
						io.Copy(io.Discard, r)
					}
				}
			}
			rate(b)
		})
	}
}

// BenchmarkBookParse is the part of the work that runs on as many cores as there are.
func BenchmarkBookParse(b *testing.B) {
	for kind, data := range benchBooks(b) {
		b.Run(kind, func(b *testing.B) {
			r, err := openBytes(b, "a.xlsx", data, Options{})
			if err != nil {
				b.Fatal(err)
			}
			var chunks []*Chunk
			for c := new(Chunk); r.Cut(c) == nil; c = new(Chunk) {
				chunks = append(chunks, c)
			}
			var block Block
			for _, c := range chunks {
				r.Parse(c, &block)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range chunks {
					r.Parse(c, &block)
				}
			}
			rate(b)
		})
	}
}
