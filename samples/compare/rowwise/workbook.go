package main

import (
	"archive/zip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// sheetPart is where excelize keeps the first sheet.
const sheetPart = "xl/worksheets/sheet1.xml"

// iterate reads every cell of the first sheet. It judges nothing.
func iterate(name string) (f found, err error) {
	book, err := excelize.OpenFile(name)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return f, err
	}
	for rows.Next() {
		if _, err := rows.Columns(); err != nil {
			return f, err
		}
		f.Rows++
	}
	f.Rows-- // the header
	return f, rows.Close()
}

// inflate unpacks the first sheet and does nothing with it.
func inflate(name string) (f found, err error) {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	part, err := archive.Open(sheetPart)
	if err != nil {
		return f, err
	}
	_, err = io.Copy(io.Discard, part)
	return f, err
}

// numbers are the columns whose cells a spreadsheet keeps as numbers.
var numbers = map[string]bool{"Avg Sat Score": true, "Orders": true}

// writeWorkbook puts the records of a CSV file into the first sheet of a workbook, texts shared as spreadsheets share
// them. Rows of a wrong width and stray quotes become rows like others.
func writeWorkbook(from, to string) (f found, err error) {
	in, err := os.Open(from)
	if err != nil {
		return f, err
	}
	defer in.Close()
	records := csv.NewReader(in)
	records.FieldsPerRecord, records.LazyQuotes, records.ReuseRecord = -1, true, true
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	sheet := book.GetSheetName(0)
	var isNumber []bool
	for line := 1; ; line++ {
		record, err := records.Read()
		if err == io.EOF {
			return f, book.SaveAs(to)
		}
		if err != nil {
			return f, err
		}
		if line == 1 {
			for _, name := range record {
				isNumber = append(isNumber, numbers[name])
			}
		} else {
			f.Rows++
		}
		cells := cellsOf(record, isNumber)
		if err := book.SetSheetRow(sheet, fmt.Sprint("A", line), &cells); err != nil {
			return f, err
		}
	}
}

func cellsOf(record []string, isNumber []bool) []any {
	cells := make([]any, len(record))
	for i, text := range record {
		if text == "" {
			continue
		}
		cells[i] = text
		if i < len(isNumber) && isNumber[i] {
			if number, err := strconv.ParseFloat(text, 64); err == nil {
				cells[i] = number
			}
		}
	}
	return cells
}
