package mappings

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"muster/pipeline/spelling"
)

// bindRest finds out what the columns are that no entry names.
func (b *binder) bindRest() {
	for column, name := range b.columns {
		if b.taken[column] || column >= b.width-b.options.Joined {
			continue
		}
		if column < len(b.options.Blank) && b.options.Blank[column] && strings.TrimSpace(name) == "" {
			b.omit(column, "it has no name, and the first rows hold nothing in it", "")
			continue
		}
		t, group, ok := b.resolve(name)
		switch {
		case slices.Contains(b.options.Keys, column):
			continue
		case ok && group:
			b.groups = append(b.groups, column)
			continue
		case ok && b.strange(t) && (b.options.Unmapped == Ignore || b.mapping.Attributes == Ignore):
			b.omit(column, "the org has no attribute "+t.name, t.name)
			continue
		case ok:
		case b.options.Unmapped == Ignore:
			b.omit(column, NotKnown, "")
			continue
		case b.options.Unmapped == onCustom:
			if t, ok = b.invent(column); !ok {
				continue
			}
		default:
			b.mistake(Unmapped, "", b.unmappedFix(column), []string{name}, "%s is not mapped yet", b.name(column))
			continue
		}
		b.bindings = append(b.bindings, binding{column: column, target: t, manners: b.base, drop: b.drops("")})
	}
}

// resolve finds what a column's own name means: a target, an attribute's system name or its display
// name. group is true for the name of an object whose members are columns.
func (b *binder) resolve(name string) (t target, group, ok bool) {
	name = strings.TrimSpace(name)
	if name == "" {
		return t, false, false
	}
	if name == "custom" || name == "sentiment" {
		return t, true, true
	}
	if rest, dotted := strings.CutPrefix(name, "custom."); dotted {
		if t, ok = b.resolveAttribute(rest); !ok && isName(rest) && suffixOf(rest) != nil {
			t.value, ok = suffixOf(rest).value, true // a system name: that the org lacks it is the schema's to say
		}
		return t, false, ok
	}
	for _, spelled := range []string{name, lowerHead(name)} {
		if b.mapping.fields.named(targetHead(spelled)) == nil && b.mapping.fields.named(spelled) == nil {
			continue // most columns: spare them the search for what they could mean
		}
		if t, err := b.mapping.fields.parseTarget(spelled); err == nil && b.takes(t) {
			return t, false, true
		}
	}
	if isReadOnly(name) {
		return t, false, false
	}
	t, ok = b.resolveAttribute(name)
	return t, false, ok
}

// lowerHead puts the first letter in lower case: AvgSatScoreNum, ExternalId.
func lowerHead(name string) string {
	r := []rune(name)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

func isReadOnly(name string) bool { return slices.Contains(readOnly, lowerHead(name)) }

// resolveAttribute finds a custom attribute by its system name, then by its display name. Offline a
// name is taken for a system name when it looks like one.
func (b *binder) resolveAttribute(name string) (target, bool) {
	t := target{field: b.mapping.fields.named("custom"), member: -1, name: name, value: asIs}
	if b.options.Attributes == nil {
		s := suffixOf(name)
		if s == nil || !isName(name) {
			return t, false
		}
		t.value = s.value
		return t, true
	}
	a := b.attribute(name)
	if a == nil {
		a = b.displayed(name)
	}
	if a == nil {
		return t, false
	}
	t.name = a.Name
	if s := suffixOf(a.Name); s != nil {
		t.value = s.value
	}
	return t, true
}

// attribute finds an attribute by its system name, capitals aside; one spelled just so comes first.
func (b *binder) attribute(name string) *Attribute {
	var found *Attribute
	for i := range b.options.Attributes {
		a := &b.options.Attributes[i]
		if a.Name == name {
			return a
		}
		if found == nil && strings.EqualFold(a.Name, name) {
			found = a
		}
	}
	return found
}

// strange is true of an attribute that the org, whose attributes are known, does not have and is not going to get.
func (b *binder) strange(t target) bool {
	return t.field.shape == custom && b.options.Attributes != nil && !b.options.Create && b.attribute(t.name) == nil
}

// displayed finds the one attribute with a display name. Active ones come first; where two remain,
// the column can mean both, and neither is taken.
func (b *binder) displayed(name string) *Attribute {
	var active, inactive []*Attribute
	for i := range b.options.Attributes {
		a := &b.options.Attributes[i]
		switch {
		case a.Display == "" || spelling.Fold(a.Display) != spelling.Fold(name):
		case a.Active:
			active = append(active, a)
		default:
			inactive = append(inactive, a)
		}
	}
	if len(active) == 0 {
		active = inactive
	}
	if len(active) > 1 {
		b.mistake(Ambiguous, "", "name one of them in the mapping", []string{name},
			"two attributes are called %q: %s and %s", name, active[0].Name, active[1].Name)
	}
	if len(active) == 0 {
		return nil
	}
	return active[0]
}

// invent makes an attribute's name of a column's, for --unmapped custom.
func (b *binder) invent(column int) (target, bool) {
	name, _ := SystemName(b.columns[column])
	if name == "" {
		b.mistake(Unmapped, "", "name its target in the mapping, or write ignore", []string{b.columns[column]},
			"no system name can be made of %s", b.name(column))
		return target{}, false
	}
	t := target{field: b.mapping.fields.named("custom"), member: -1, name: name, value: asText}
	if s := suffixOf(name); s != nil {
		t.value = s.value
	} else {
		t.name += "Str"
	}
	return t, true
}

// unmappedFix proposes what a column could be.
func (b *binder) unmappedFix(column int) string {
	name := b.columns[column]
	if strings.TrimSpace(name) == "" {
		return fmt.Sprintf("give it a name in the file, or add  %s: and its target, or ignore", ColumnAt(column))
	}
	bare := strings.TrimPrefix(strings.TrimSpace(name), "custom.")
	if isReadOnly(bare) {
		return fmt.Sprintf("Kustomer sets it itself: add  %q: ignore", name)
	}
	generic := fmt.Sprintf("add  %q: and its target, or ignore", name)
	if len(b.mistakes) >= mostHints {
		return generic
	}
	var names []string
	goal := map[string]string{}
	add := func(name, target string) {
		if name != "" && goal[name] == "" {
			names, goal[name] = append(names, name), target
		}
	}
	for _, a := range b.options.Attributes {
		if a.Active {
			add(a.Name, "custom."+a.Name)
			add(a.Display, "custom."+a.Name)
		}
	}
	for i := range b.mapping.fields {
		add(b.mapping.fields[i].label(), b.mapping.fields[i].label())
	}
	for _, e := range b.mapping.entries {
		if e.target.field != nil {
			add(e.column, e.target.path())
		}
	}
	if near := spelling.Nearest(bare, names); near != "" && bare != "" {
		return fmt.Sprintf("did you mean %s? add  %q: %s", near, name, goal[near])
	}
	return generic
}
