package web

import (
	"bytes"
	"encoding/json"
	"strings"

	"muster/mappings"
)

// cardCount is how many customers the page shows as they will look.
const cardCount = 3

// A card is one customer as it will look in Kustomer.
type card struct {
	Line     int64
	Name     string
	Facts    []fact
	Problems []string
}

type fact struct{ Name, Value, Kind string }

// cards makes customers of the first rows.
func cards(m *meaning, plan *mappings.Plan) (all []card) {
	if plan == nil {
		return nil
	}
	var record mappings.Record
	var payload []byte
	for i := range m.rows {
		row := &m.rows[i]
		cells := make([][]byte, len(row.Cells))
		for j := range cells {
			cells[j] = []byte(row.Cells[j])
		}
		if plan.Skips(cells, row.Kinds, &record) {
			continue
		}
		plan.Map(cells, row.Kinds, &record)
		c := card{Line: row.Line}
		for _, p := range record.Problems {
			name := "the row"
			if p.Column >= 0 && p.Column < len(m.names) {
				name = m.names[p.Column]
			}
			c.Problems = append(c.Problems, name+": expected "+p.Detail)
		}
		payload = plan.AppendJSON(payload[:0], &record)
		c.facts(payload)
		if all = append(all, c); len(all) == cardCount {
			break
		}
	}
	return all
}

// facts lists what a payload says, lists by their entries, with words in place of the names that programs use.
func (c *card) facts(payload []byte) {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return
		}
		var value any
		if d.Decode(&value) != nil {
			return
		}
		name, _ := key.(string)
		switch v := value.(type) {
		case []any:
			for _, one := range v {
				c.entry(name, one)
			}
		case map[string]any:
			for _, member := range sortedKeys(v) {
				c.add(words(strings.TrimSuffix(member, mappings.SuffixOf(member))), said(v[member]), "")
			}
		default:
			if name == "name" {
				c.Name = said(v)
				continue
			}
			c.add(words(name), said(v), "")
		}
	}
}

// entry is one of a list: what it is first, then what else is said of it.
func (c *card) entry(list string, value any) {
	object, is := value.(map[string]any)
	if !is {
		c.add(words(list), said(value), "")
		return
	}
	kind, rest := said(object["type"]), []string{}
	for _, member := range sortedKeys(object) {
		if member != "type" {
			rest = append(rest, said(object[member]))
		}
	}
	c.add(words(strings.TrimSuffix(list, "s")), strings.Join(rest, ", "), kind)
}

func (c *card) add(name, value, kind string) {
	if value != "" && value != "null" {
		c.Facts = append(c.Facts, fact{name, short(value), kind})
	}
}

func said(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSuffix(strings.TrimSuffix(v, "T00:00:00.000Z"), ":00.000Z")
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case json.Number:
		return v.String()
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// words makes of a system name what people read: avgSatScore → avg sat score.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	switch text := b.String(); text {
	case "email":
		return "e-mail"
	case "external id":
		return "external ID"
	case "signed up at", "birthday at", "created at", "last seen at", "last activity at":
		return strings.TrimSuffix(text, " at")
	case "default lang":
		return "language"
	default:
		return text
	}
}
