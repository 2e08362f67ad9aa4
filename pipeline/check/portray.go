package check

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/dedupe"
)

// portray puts together what tells the block's rows that share identities from each other. Values stay in the block: of
// each a hash is kept.
func (c *Checker) portray(w *block.Block) {
	w.Portraits, w.Gone = w.Portraits[:0], false
	table := bind.TableNumber(c.Compared, w.Input, w.Table)
	for i := range w.Shares {
		ordinal := w.Shares[i].Ordinal
		if n := len(w.Portraits); n > 0 && w.Portraits[n-1].Ordinal == ordinal {
			continue
		}
		at := ordinal - w.First
		if at >= int64(len(w.Parsed.Rows)) || w.Parsed.Rows[at].Code != "" {
			w.Gone = true
			return
		}
		row := &w.Parsed.Rows[at]
		c.read(w, row)
		w.Portraits = slices.Grow(w.Portraits, 1)[:len(w.Portraits)+1]
		p := &w.Portraits[len(w.Portraits)-1]
		c.portrait(w.Table, p)
		p.Ordinal, p.Line, p.Table = ordinal, row.Line, table
	}
}

// portrait fills in that of the record in hand, in the room that p has.
func (c *Checker) portrait(t *bind.Table, p *dedupe.Row) {
	*p = dedupe.Row{Folds: t.Folds(), Warns: warningRules(t), Faulty: len(c.record.Problems)+len(c.room.Lacking) > 0,
		Identities: p.Identities[:0], Values: p.Values[:0]}
	for i := range c.keys {
		k := &c.keys[i]
		id := dedupe.Identity{Column: c.columnOf(t, k.Value, k.Kind),
			Hash: c.Seeds.Hash(dedupe.KindNamed(k.Kind), c.within(t.Realm(), k.Value))}
		if network, _, is := bytes.Cut(k.Value, []byte(":")); is && k.Kind == "social" {
			id.Network = uint32(maphash.Bytes(c.Seeds.Value(), network))
		}
		p.Identities = append(p.Identities, id)
	}
	if len(c.keys) == 0 {
		c.scratch = t.Plan.AppendJSON(c.scratch[:0], &c.record)
		p.Identities = append(p.Identities, dedupe.Identity{Hash: c.Seeds.Hash(dedupe.Content, c.scratch), Column: -1})
	}
	for i := range c.record.Values {
		v := &c.record.Values[i]
		if v.Column < 0 {
			continue // the mapping says it of every row
		}
		path := t.Plan.Slots[v.Slot].Path
		one := dedupe.Value{Path: uint16(maphash.String(c.Seeds.Value(), path)), Column: t.OwnColumn(v.Column),
			Listed: v.Item >= 0}
		switch {
		case path == "name" && v.Kind == '"':
			p.Name = dedupe.NameOf(c.Seeds.Value(), v.Text)
			signs := one
			signs.Path, signs.Hash, signs.Signs = one.Path+1, maphash.Bytes(c.Seeds.Value(), v.Text)>>16, true
			p.Values = append(p.Values, signs)
			one.Hash = p.Name.Hash()
		case strings.HasPrefix(path, "emails[]"), strings.HasPrefix(path, "socials[]"):
			one.Hash = maphash.Bytes(c.Seeds.Value(), bytes.ToLower(v.Text))
		default:
			c.scratch = binary.LittleEndian.AppendUint16(append(c.scratch[:0], v.Text...), uint16(v.Kind))
			one.Hash = maphash.Bytes(c.Seeds.Value(), c.scratch)
		}
		one.Hash >>= 16
		p.Values = append(p.Values, one)
	}
}

// columnOf finds where an identity of the record in hand stands, -1 where no column has it by itself.
func (c *Checker) columnOf(t *bind.Table, value []byte, kind string) int {
	for i := range c.record.Values {
		v := &c.record.Values[i]
		if v.Column >= 0 && v.Kind == '"' &&
			(bytes.EqualFold(v.Text, value) || kind == "social" && bytes.HasSuffix(value, bytes.ToLower(v.Text))) &&
			strings.HasPrefix(strings.ToLower(t.Plan.Slots[v.Slot].Path), kind) {
			return t.OwnColumn(v.Column)
		}
	}
	return -1
}
