package source

import "strings"

// relaxed reads one record as relax does; false where it can be taken in two ways.
func (f *plainReader) relaxed(at int) (r refRecord, ok bool) {
	r.column = -1
	text := f.text[at:]
	odd, single := 0, 0
	for i := 0; ; i++ {
		cell, raw, sound := f.relaxedCell(text[i:])
		i += len(raw)
		switch n := strings.Count(cell, `"`); {
		case !sound || i > f.maxRow || len(r.cells) >= f.width && strings.TrimSpace(cell) != "":
			return r, false
		case cell == raw && n > 0:
			trimmed := strings.TrimSpace(raw)
			before, last := strings.CutSuffix(trimmed, `"`)
			if trimmed[0] == '"' || last && n%2 == 1 && !strings.ContainsAny(before[len(before)-1:], "0123456789") {
				return r, false
			}
			odd += n % 2
			for j, ch := range raw {
				if n%2 == 1 && ch == '"' && (j == 0 || !strings.ContainsAny(raw[j-1:j], "0123456789")) {
					single++
				}
			}
		}
		r.cells = append(r.cells, cell)
		if i < len(text) && text[i] == f.delimiter {
			continue
		}
		r.end = at + i + f.lineEndAt(at+i)
		return r, (odd < 2 || single == 0) && len(r.cells) >= f.width
	}
}

// relaxedCell reads the cell that starts text: its own text, and all that it takes up.
func (f *plainReader) relaxedCell(text string) (cell, raw string, sound bool) {
	stops := "\r\n" + string(f.delimiter)
	if !strings.HasPrefix(text, `"`) {
		n := strings.IndexAny(text+"\n", stops)
		return text[:n], text[:n], true
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"' && strings.HasPrefix(text[i+1:], `"`):
			i++
			cell += `"`
		case text[i] == '"':
			rest := strings.TrimLeft(text[i+1:], " \t")
			return cell, text[:len(text)-len(rest)], rest == "" || strings.IndexByte(stops, rest[0]) >= 0
		default:
			cell += text[i : i+1]
		}
	}
	return cell, text, false
}

// surplus takes blank cells beyond the header's off.
func (f *plainReader) surplus(cells []string) []string {
	if len(cells) > f.width && strings.TrimSpace(strings.Join(cells[f.width:], "")) == "" {
		return cells[:f.width]
	}
	return cells
}

// takesInLines says whether a quoted cell of the text, read leniently, goes over lines with as many delimiters as rows
// have.
func (f *plainReader) takesInLines(text string, how leniency) bool {
	ends := func(i int) bool { return i >= len(text) || strings.IndexByte("\r\n"+string(f.delimiter), text[i]) >= 0 }
	inside, start, newLine, delimiters := false, true, false, 0
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case inside && ch == '"' && i+1 < len(text) && text[i+1] == '"':
			i++
		case inside && ch == '"' && (how == textAfter || ends(i+1)):
			inside, newLine = false, false
		case inside && (ch == '\n' || ch == '\r'):
			newLine, delimiters = true, 0
		case inside && newLine && ch == f.delimiter:
			if delimiters++; delimiters >= max(1, f.width-2) {
				return true
			}
		case inside:
		case start && ch == '"':
			inside = true
			start = false
			continue
		case ch == f.delimiter:
			start = true
			continue
		}
		start = false
	}
	return false
}
