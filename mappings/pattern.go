package mappings

import (
	"regexp"
	"slices"
	"strings"

	"muster/pipeline/spelling"
)

// Column names in a mapping can stand for many columns: {n} for a number, {*} for any text.
//
//	E-mail {n} - Value: emails[{n}]
//	"{*} (metadata)": custom
//
// They take the columns that no plain name takes, the first that fits each; {n} in a target is the
// number found. An attribute that is not named is named by what {*} stands for: the org's own of
// that system or display name, else one of the type that as: says, else Str. as: system takes it for the
// system name it is, and a display name in its place is a problem.
const (
	wildNumber = "{n}"
	wildText   = "{*}"
	asSystem   = "system" // as: the text of {*} is the system name
)

func isPattern(column string) bool {
	return strings.Contains(column, wildNumber) || strings.Contains(column, wildText)
}

// compilePattern makes the expression of a column name with wildcards. Capitals make no difference.
func compilePattern(column string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(column)
	quoted = strings.ReplaceAll(quoted, regexp.QuoteMeta(wildNumber), `(?P<n>\d{1,3})`)
	quoted = strings.ReplaceAll(quoted, regexp.QuoteMeta(wildText), `(?P<text>.+)`)
	return regexp.MustCompile(`(?is)^\s*` + quoted + `\s*$`)
}

// wild is what the wildcards of a pattern stand for in one column's name.
type wild struct{ number, text string }

func (e *entry) wildIn(column string) (w wild, ok bool) {
	found := e.pattern.FindStringSubmatch(column)
	if found == nil {
		return w, false
	}
	if i := e.pattern.SubexpIndex("n"); i >= 0 {
		w.number = strings.TrimLeft(found[i], "0")
	}
	if i := e.pattern.SubexpIndex("text"); i >= 0 {
		w.text = strings.TrimSpace(found[i])
	}
	return w, true
}

// expand gives the entries of the mapping, those with wildcards replaced by one for each column that
// they stand for in this file.
func (b *binder) expand() []entry {
	own := b.mapping.entries
	if !slices.ContainsFunc(own, func(e entry) bool { return e.pattern != nil }) {
		return own
	}
	named := map[string]bool{}
	for _, e := range own {
		if e.pattern == nil {
			named[e.column], named[spelling.Fold(e.column)] = true, true
		}
	}
	stands := map[string][]string{} // pattern → columns, in the file's order
	for _, column := range b.columns {
		if named[column] || named[spelling.Fold(column)] {
			continue
		}
		for i := range own {
			if e := &own[i]; e.pattern != nil && e.pattern.MatchString(column) {
				if !slices.Contains(stands[e.column], column) {
					stands[e.column] = append(stands[e.column], column)
				}
				break
			}
		}
	}
	var all []entry
	for _, e := range own {
		if e.pattern == nil {
			all = append(all, e)
			continue
		}
		for _, column := range stands[e.column] {
			all = append(all, b.concrete(e, column))
		}
	}
	return all
}

// concrete is an entry with wildcards as it is for one column.
func (b *binder) concrete(e entry, column string) entry {
	w, _ := e.wildIn(column)
	e.column, e.optional = column, true
	if e.ignore || e.open != "" {
		return e
	}
	t := &e.target
	if e.numbered && w.number != "" {
		t.label = strings.TrimSpace(t.kind + " " + w.number)
	}
	if t.field.shape != custom || t.name != "" {
		return e
	}
	if e.as == asSystem {
		return b.exact(e, w.text)
	}
	words := w.text
	if words == "" {
		words = column
	}
	if words == strings.ToUpper(words) {
		words = strings.ToLower(words) // LOYALTY_TIER has its words between the underscores
	}
	if a := b.called(words); a != nil {
		t.name = a.Name
	} else if base := Camel(words); base != "" {
		t.name = WithSuffix(base, e.as)
	} else {
		e.open, e.target = "no system name can be made of its name", target{member: -1}
		return e
	}
	if e.suffix = suffixOf(t.name); e.suffix != nil {
		t.value = e.suffix.value
	}
	return e
}

// exact takes what {*} stands for as a system name, however it looks: what the org does not know by it is the schema's
// to say.
func (b *binder) exact(e entry, name string) entry {
	t := &e.target
	t.name, t.value = name, asIs
	if a := b.attribute(name); a != nil {
		t.name = a.Name // the org's own capitals
	}
	if e.suffix = suffixOf(t.name); e.suffix != nil {
		t.value = e.suffix.value
	}
	return e
}

// called finds the org's attribute that words mean.
func (b *binder) called(words string) *Attribute { return AttributeFor(words, b.options.Attributes) }

// AttributeFor finds the attribute that words mean: its system name, with or without the suffix, or its display name.
// Active ones only; nil where none is meant.
func AttributeFor(words string, attributes []Attribute) *Attribute {
	folded := spelling.Fold(words)
	for i := range attributes {
		a := &attributes[i]
		bare := a.Name
		if s := suffixOf(bare); s != nil {
			bare = strings.TrimSuffix(bare, s.Name)
		}
		if a.Active && (folded == spelling.Fold(a.Name) || folded == spelling.Fold(bare) ||
			folded == spelling.Fold(a.Display)) {
			return a
		}
	}
	return nil
}
