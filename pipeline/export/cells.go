package export

import (
	"bytes"
	"encoding/json"
	"strings"

	"muster/pipeline/report"
)

// cells are the values of a row as a table holds them, one for each column: a text as it is, tags by commas, and any
// other list or object as JSON.
func cells(columns []string, row Row) []string {
	list := make([]string, len(columns))
	for i, column := range columns {
		list[i] = cell(row[column])
	}
	return list
}

func cell(value json.RawMessage) string {
	var text string
	if string(value) == "null" {
		return ""
	}
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var words []string
	if len(value) > 0 && value[0] == '[' && json.Unmarshal(value, &words) == nil && plainWords(words) {
		return strings.Join(words, ", ")
	}
	var compact bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return string(value)
	}
	return compact.String()
}

// plainWords says whether words are told apart by the commas between them.
func plainWords(words []string) bool {
	for _, w := range words {
		if w == "" || w != strings.TrimSpace(w) || strings.ContainsAny(w, ",[{:") {
			return false
		}
	}
	return true
}

// appendDefused appends a line of CSV whose cells no spreadsheet runs as formulas.
func appendDefused(dst []byte, cells []string) []byte {
	defused := make([]string, len(cells))
	for i, c := range cells {
		defused[i] = string(report.Defuse(nil, []byte(c)))
	}
	return AppendLine(dst, defused)
}

// AppendLine appends cells as one line of CSV. It is quoted so that it is read again as it is, whatever is found out of
// the file's delimiter, quotes and header.
func AppendLine[T ~string | ~[]byte](dst []byte, cells []T) []byte {
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !mustBeQuoted(cell, len(cells) == 1) {
			dst = append(dst, cell...)
			continue
		}
		dst = append(dst, '"')
		for i := range len(cell) {
			if cell[i] == '"' {
				dst = append(dst, '"')
			}
			dst = append(dst, cell[i])
		}
		dst = append(dst, '"')
	}
	return append(dst, '\n')
}

// mustBeQuoted says whether a cell stands in quotes: where it holds what may be taken for a delimiter, a quote or the
// end of a line, where space at its ends might be trimmed, and where it is empty and alone, since a blank line is no
// row.
func mustBeQuoted[T ~string | ~[]byte](cell T, alone bool) bool {
	if len(cell) == 0 {
		return alone
	}
	if first, last := cell[0], cell[len(cell)-1]; first == ' ' || last == ' ' || first == '\'' || first == '#' {
		return true
	}
	for i := range len(cell) {
		if c := cell[i]; c < '0' && strings.IndexByte(",\"\n\r\t", c) >= 0 || c == ';' || c == '|' {
			return true
		}
		if alone && strings.IndexByte("^~!#$%*=:\\\x1f\x1e\x01 ", cell[i]) >= 0 {
			return true
		}
	}
	return false
}
