package mappings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	records "muster/pipeline/object"
)

// build makes the plan of the bindings, field after field in the order of the payload.
func (b *binder) build() *Plan {
	p := &Plan{fields: b.mapping.fields, keys: slices.Clone(b.mapping.Keys)}
	own := slices.ContainsFunc(b.bindings, func(one binding) bool {
		return one.target.field != nil &&
			one.target.field.key == ownIdentity
	})
	if id := identityNames[ownIdentity]; own && !slices.Contains(p.keys, id) {
		p.keys = slices.Insert(p.keys, 0, id) // who has an id of Kustomer's is found by it
	}
	p.rankKeys()
	for i := range b.mapping.fields {
		f := &b.mapping.fields[i]
		var mine []binding
		for _, one := range b.bindings {
			if one.target.field == f {
				mine = append(mine, one)
			}
		}
		switch f.shape {
		case scalar, object, custom:
			b.buildSingles(p, f, mine)
		case list, words:
			b.buildList(p, f, mine)
		}
	}
	p.says = p.says[:p.telling()]
	for _, column := range b.groups {
		p.steps = append(p.steps, step{group: true, part: part{feed: feed{column: column, other: -1}}})
	}
	return p
}

// telling counts the slots up to the end of the last field that tells who the customer is. Slots and values stand field
// by field, in one order.
func (p *Plan) telling() int {
	for n := len(p.places); n > 0; n-- {
		if p.places[n-1].field.key != noIdentity {
			return n
		}
	}
	return 0
}

// rankKeys puts the identities in the order in which Keys gives them.
func (p *Plan) rankKeys() {
	order := []identity{ownIdentity, externalIdentity}
	for _, key := range p.keys {
		order = append(order, identity(slices.Index(identityNames[:], key)))
	}
	order = append(order, emailIdentity, phoneIdentity, whatsappIdentity, socialIdentity)
	for i, id := range slices.Backward(order) {
		p.rank[id] = uint8(i)
	}
}

// buildSingles makes a step for each value of a scalar, an object or the custom attributes.
func (b *binder) buildSingles(p *Plan, f *field, mine []binding) {
	if f.shape == custom {
		slices.SortStableFunc(mine, func(x, y binding) int { return strings.Compare(x.target.name, y.target.name) })
	}
	if f.shape == object {
		slices.SortStableFunc(mine, func(x, y binding) int { return x.target.member - y.target.member })
	}
	for len(mine) > 0 {
		n := 1
		for n < len(mine) && mine[n].target.name == mine[0].target.name && mine[n].target.member == mine[0].target.member {
			n++
		}
		p.steps = append(p.steps, step{part: b.part(p, mine[:n])})
		mine = mine[n:]
	}
}

// part makes one value of the bindings that go to the same place.
func (b *binder) part(p *Plan, same []binding) part {
	var out part
	for _, one := range same {
		if one.combine == combineNot {
			continue
		}
		if out.combine != combineNot && (out.combine != one.combine || out.glue != one.glue) {
			b.doubled(same, "their rules do not agree: give them the same join or prefer")
			break
		}
		out.combine, out.glue = one.combine, one.glue
	}
	constant := same[len(same)-1].column < 0
	if len(same) > 1 && out.combine == combineNot {
		fix := `ignore all but one, or add  join: " "  or  prefer: first`
		if constant {
			fix = "take the constant off, or add  prefer: first  to the column, and the constant fills its blanks"
		}
		b.doubled(same, fix)
	} else if len(same) > 1 && out.combine == combineJoin &&
		(constant || slices.ContainsFunc(same, func(one binding) bool { return one.target.value == asCodeOrName })) {
		b.doubled(same, "constants, and columns that hold a code or a name, cannot be joined")
	}
	feeds := make([]feed, len(same))
	for i, one := range same {
		feeds[i] = b.feed(p, one)
		feeds[i].clear = feeds[i].clear && (out.combine == combineNot || i == len(same)-1 && out.combine == combineFirst)
	}
	out.feed, out.plain = feeds[0], firstSpecial([]byte(out.glue)) == len(out.glue)
	if len(feeds) > 1 {
		out.more = feeds[1:]
	}
	if t := same[0].target; t.member >= 0 {
		out.flag = t.field.members[t.member].flag
	}
	return out
}

func (b *binder) doubled(same []binding, fix string) {
	columns, names := []string{}, []string{}
	for _, one := range same {
		names = append(names, b.name(one.column))
		if one.column >= 0 {
			columns = append(columns, b.columns[one.column])
		}
	}
	path := same[0].target.path()
	b.mistake(Doubled, path, fix, columns, "%s go to %s", strings.Join(names, " and "), path)
}

// feed makes the source of one value.
func (b *binder) feed(p *Plan, one binding) feed {
	t := one.target
	f := feed{column: one.column, other: -1, null: t.nullable() && (one.column < 0 || b.mapping.Nulls == onClear)}
	f.clear = t.nullable() && one.manners.blank == blankClears
	f.null = f.null || f.clear
	f.lists = t.field.shape == custom
	if t.value == asCodeOrName {
		return b.choice(p, one, f)
	}
	f.slot = p.slot(t, one.column)
	if one.column < 0 {
		f.fix(p, one.value)
		return f
	}
	f.read = newConversion(t.value, one.manners)
	f.read.clears = t.nullable()
	if t.value == asDate {
		b.openDate(p, f.read, one)
	}
	return f
}

// choice makes a feed that fills one of two members that stand together: the code, or the name.
func (b *binder) choice(p *Plan, one binding, f feed) feed {
	t := one.target
	code, name := t, t
	name.member++ // countryName stands behind countryCode, regionName behind regionCode
	if one.column < 0 {
		if !isCode(one.value.Text) {
			code = name
		}
		f.slot = p.slot(code, -1)
		f.fix(p, one.value)
		return f
	}
	f.slot, f.other = p.slot(code, one.column), p.slot(name, one.column)
	f.read = newConversion(t.value, one.manners)
	if t.field.members[t.member].value == asCountry {
		f.read.take(readAlphaThree)
	}
	return f
}

// fix makes a feed of a constant.
func (f *feed) fix(p *Plan, v Value) {
	v.Slot = f.slot
	f.fixed, p.Slots[f.slot].Fixed = &v, &v
}

// slot adds the place of a target. The main member of an item has the path of the member.
func (p *Plan) slot(t target, column int) int {
	f, at, says := t.field, place{field: t.field, member: t.member}, noIdentity
	path := f.name
	switch f.shape {
	case scalar:
		at.open, at.name, says = quoteKey(f.name), f.name, f.key
	case words:
		path += "[]"
		at.open = quoteKey(f.name) + "["
	case custom:
		path += "." + t.name
		at.open, at.key, at.name = quoteKey(f.name)+"{", quoteKey(t.name), t.name
	case object:
		at.name = f.members[t.member].name
		path += "." + at.name
		at.open, at.key = quoteKey(f.name)+"{", quoteKey(at.name)
	case list:
		path += "[]"
		at.open = quoteKey(f.name) + "["
		if t.member >= 0 {
			at.name = f.members[t.member].name
			path += "." + at.name
			at.key = quoteKey(at.name)
			if f.same != nil && at.name == f.same[0].Member {
				says = f.key
			}
		}
	}
	at.column = column
	p.Slots = append(p.Slots, Slot{Path: path, Column: column})
	p.places, p.says = append(p.places, at), append(p.says, says)
	return len(p.Slots) - 1
}

func quoteKey(name string) string {
	text, _ := json.Marshal(name) // a string always marshals
	return string(text) + ":"
}

// buildList makes the items of a list. A rule that takes whole cells has an item of its own; rules
// for members with one label share one.
func (b *binder) buildList(p *Plan, f *field, mine []binding) {
	var groups []*itemGroup
	for _, one := range mine {
		if one.target.member < 0 {
			groups = append(groups, &itemGroup{label: one.target.label, kind: one.target.kind, own: []binding{one}})
		}
	}
	for _, one := range mine {
		if one.target.member >= 0 {
			groups = b.joinGroup(groups, one)
		}
	}
	slices.SortStableFunc(groups, func(x, y *itemGroup) int { return x.first(mine) - y.first(mine) })
	for i, g := range groups {
		p.steps = append(p.steps, step{item: b.item(p, f, g), opens: i == 0})
	}
}

// An itemGroup is what makes one item of a list.
type itemGroup struct {
	label, kind string
	own         []binding // the rule that takes whole cells, if there is one
	members     []binding
}

// first is where the group's first binding stands among all of its field.
func (g *itemGroup) first(all []binding) int {
	for i := range all {
		for _, one := range [][]binding{g.own, g.members} {
			if len(one) > 0 && one[0].column == all[i].column && one[0].target == all[i].target {
				return i
			}
		}
	}
	return len(all)
}

func (b *binder) joinGroup(groups []*itemGroup, one binding) []*itemGroup {
	var found []*itemGroup
	for _, g := range groups {
		if g.label == one.target.label {
			found = append(found, g)
		}
	}
	switch len(found) {
	case 0:
		return append(groups, &itemGroup{label: one.target.label, kind: one.target.kind, members: []binding{one}})
	case 1:
		found[0].members = append(found[0].members, one)
		return groups
	}
	t := one.target
	b.mistake(Ambiguous, t.path(), fmt.Sprintf("number the items, like %s[1] and %s[1].%s", t.field.name, t.field.name,
		t.field.members[t.member].name),
		nil, "%s could belong to each of %d items of %s", b.name(one.column), len(found), t.field.name)
	return groups
}

// item makes the rule of one group.
func (b *binder) item(p *Plan, f *field, g *itemGroup) *item {
	it := &item{field: f, column: -1, most: f.items, always: true,
		full: &fault{codeTooMany, fmt.Sprintf("at most %d different %s", f.items, f.name)}}
	for _, key := range f.same {
		it.same = append(it.same, itemKey{f.memberNamed(key.Member), key.Form})
	}
	members := slices.Clone(g.members)
	if len(g.own) > 0 {
		members = b.ownCells(p, it, g.own[0], members)
	}
	if kind := f.memberNamed("type"); g.kind != "" && kind >= 0 {
		t := target{field: f, member: kind}
		members = append(members, binding{column: -1, target: t,
			value: Value{Column: -1, Kind: '"', plain: true, Text: []byte(g.kind)}})
	}
	slices.SortStableFunc(members, func(x, y binding) int { return x.target.member - y.target.member })
	for len(members) > 0 {
		n := samePlace(members)
		made := b.part(p, members[:n])
		made.main = it.texts && members[0].target.member == f.mainMember()
		it.parts = append(it.parts, made)
		members = members[n:]
	}
	b.finishItem(it)
	return it
}

// samePlace counts the bindings at the start of members of which only one can be filled: those of one
// member, and the name beside a code where a column holds either.
func samePlace(members []binding) int {
	n, first, either := 1, members[0].target, members[0].target.value == asCodeOrName
	for n < len(members) {
		t := members[n].target
		if t.member != first.member && !(either && t.member == first.member+1) {
			break
		}
		either = either || t.value == asCodeOrName
		n++
	}
	return n
}

// ownCells lets an item be made of whole cells: texts, or JSON where a cell is an array or object. It
// returns the members with the main one among them.
func (b *binder) ownCells(p *Plan, it *item, own binding, members []binding) []binding {
	f, main := it.field, it.field.mainMember()
	own.target.member = main
	if f.shape == words || main >= 0 {
		it.texts = own.column >= 0
		members = append(members, own)
	}
	if own.column < 0 {
		return members
	}
	it.column, it.split, it.pick = own.column, []byte(own.split), own.pick
	if f.name == "tags" && own.split == "" {
		it.split = []byte(",")
	}
	if f.name == records.Attachments && own.split == "" {
		it.split = []byte(";")
	}
	if f.shape == list {
		it.raw = p.slot(target{field: f, member: -1}, own.column)
		for i := range f.members {
			member := target{field: f, member: i, value: f.members[i].value}
			it.members = append(it.members, b.feed(p, binding{column: own.column, target: member, manners: own.manners}))
		}
	}
	return members
}

// finishItem finds out what makes the item: other columns than its own, or constants alone.
func (b *binder) finishItem(it *item) {
	for i := range it.parts {
		part := &it.parts[i]
		if part.feed.column >= 0 || part.more != nil {
			it.always = false
			it.shared = it.shared || !part.main
		}
	}
	it.always = it.always && it.column < 0
	it.shared = it.shared && it.column >= 0
}
