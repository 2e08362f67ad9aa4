package main

import "strconv"

// standardColumns is how many columns samples/customers.csv has.
const standardColumns = 20

// table makes the rows of one file.
type table struct {
	settings settings
	columns  []column
	wrongs   []wrong // the ways to be wrong that touch only columns the file has
	limit    uint64  // a row whose dice show less is wrong
	person   person
}

// column is one column of the file. Both functions append the person's cell: csv quoted where it must be, json as a
// JSON value; json appends nothing where the person has none.
type column struct {
	name      string
	csv, json func(dst []byte, p *person) []byte
}

func newTable(s settings) *table {
	t := &table{settings: s, columns: standard()}
	t.columns = t.columns[:min(s.columns, standardColumns)]
	for i := standardColumns; i < s.columns; i++ {
		t.columns = append(t.columns, extra(i))
	}
	t.wrongs = fitting(t.columns, s.format)
	t.limit = uint64(s.invalid * (1 << 32))
	return t
}

func (t *table) appendHeader(dst []byte) []byte {
	for i, c := range t.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c.name...)
	}
	return append(dst, '\n')
}

// appendRow appends row i, counted from 0.
func (t *table) appendRow(dst []byte, i int64) []byte {
	p := &t.person
	p.become(t.settings.seed, i)
	var w *wrong
	if p.luck>>32 < t.limit {
		w = &t.wrongs[p.luck&0xFFFFFFFF%uint64(len(t.wrongs))]
	}
	if t.settings.format == "ndjson" {
		return t.appendJSON(dst, w)
	}
	return t.appendCSV(dst, w)
}

func (t *table) appendCSV(dst []byte, w *wrong) []byte {
	columns := t.columns
	if w != nil {
		columns = columns[:len(columns)-w.fewer]
	}
	for i := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		if w != nil && w.at == i {
			dst = w.csv(dst, &t.person)
			continue
		}
		dst = columns[i].csv(dst, &t.person)
	}
	if w != nil && w.at < 0 {
		dst = w.csv(dst, &t.person)
	}
	return append(dst, '\n')
}

func (t *table) appendJSON(dst []byte, w *wrong) []byte {
	dst = append(dst, '{')
	for i := range t.columns {
		c := &t.columns[i]
		start := len(dst)
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, c.name...)
		dst = append(dst, '"', ':')
		value := len(dst)
		if w != nil && w.at == i {
			dst = w.json(dst, &t.person)
		} else {
			dst = c.json(dst, &t.person)
		}
		if len(dst) == value {
			dst = dst[:start]
		}
	}
	if w != nil && w.at < 0 {
		dst = w.json(dst, &t.person)
	}
	return append(dst, '}', '\n')
}

// extraCustom is how many columns a file may have of which those after the standard ones are custom attributes: 80 of
// them and the mapping's nine keep below Kustomer's 100 a customer.
const extraCustom = 100

// extra makes the column of index i, at or after standardColumns. Its name says its type, so that no mapping must.
func extra(i int) column {
	number := strconv.Itoa(i + 1)
	shift := uint(i % 24)
	text := func(dst []byte, p *person) []byte {
		dst = append(dst, "note "...)
		return appendDigits(dst, int(p.dice[1]>>shift&0xFFFF), 5)
	}
	quotedText := func(dst []byte, p *person) []byte { return append(text(append(dst, '"'), p), '"') }
	if i >= extraCustom {
		return column{"Remark " + number, text, quotedText}
	}
	switch i % 4 {
	case 0:
		return column{"extra" + number + "Str", text, quotedText}
	case 1:
		figure := func(dst []byte, p *person) []byte { return strconv.AppendUint(dst, p.dice[2]>>shift&0x3FF, 10) }
		return column{"extra" + number + "Num", figure, figure}
	case 2:
		answer := func(dst []byte, p *person) []byte { return strconv.AppendBool(dst, p.dice[1]>>shift&1 == 0) }
		return column{"extra" + number + "Bool", answer, answer}
	default:
		date := func(dst []byte, p *person) []byte {
			return appendDate(dst, 2000+int(p.dice[2]>>shift&15), 1+int(p.dice[1]>>shift)%12, 1+int(p.dice[0]>>shift&15))
		}
		return column{"extra" + number + "At", date, func(dst []byte, p *person) []byte {
			return append(date(append(dst, '"'), p), '"')
		}}
	}
}
