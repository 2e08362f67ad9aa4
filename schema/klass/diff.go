package klass

import (
	"encoding/json"
	"slices"
	"strings"
)

// Kinds of differences between the attributes that are wanted and those an org has.
const (
	Lacking  = "lacking"  // wanted, and the org has none of the name
	Inactive = "inactive" // wanted, and not active in the org
	Choices  = "choices"  // wanted choices that the org's attribute does not have
	Spelling = "spelling" // the org has the name in other capitals
	Listed   = "list"     // a list in one, a single value in the other
	Open     = "open"     // choices are wanted, and the org's attribute takes any text
	Display  = "display"  // another display name
	Extra    = "extra"    // only the org has it
	Retired  = "retired"  // not active as wanted, and active in the org
)

// A Difference is one way in which an org's Klass is not as wanted.
type Difference struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Type    string `json:"type,omitempty"`    // in words
	Display string `json:"display,omitempty"` // as wanted
	// Spelling, Display: what the org has; Lacking: an attribute with the same display name
	Has     string    `json:"has,omitempty"`
	Choices []string  `json:"choices,omitempty"` // Lacking: all; Choices: those the org lacks
	Want    Attribute `json:"-"`
	Have    Attribute `json:"-"`
}

// Asks reports whether records for what is wanted could be refused because of the difference.
func (d Difference) Asks() bool {
	return slices.Contains([]string{Lacking, Inactive, Choices, Spelling, Listed}, d.Kind)
}

// CanApply reports whether the difference can be mended without taking anything away: by making an attribute, or adding
// choices.
func (d Difference) CanApply() bool {
	return d.Kind == Choices && d.Want.Type == "Str" || d.Kind == Lacking && d.Want.Type != "Tree" &&
		CheckName(d.Name) == nil
}

// Compare finds how have differs from want, in order of name. A nil have is a Klass without attributes.
func Compare(want, have *Klass) []Difference {
	var all []Difference
	found := map[string]bool{}
	for _, w := range want.Attributes {
		h := have.Find(w.Name)
		if h == nil {
			if w.Active {
				all = append(all, lacking(w, have))
			}
			continue
		}
		found[h.Name] = true
		all = append(all, differences(w, *h)...)
	}
	if have != nil {
		for _, h := range have.Attributes {
			if h.Active && !found[h.Name] {
				all = append(all, Difference{Kind: Extra, Name: h.Name, Type: wordsOf(h.Type), Display: h.Display, Have: h})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Difference) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Find is the attribute of a name, else the one that differs only in capitals.
func (k *Klass) Find(name string) (found *Attribute) {
	if k == nil {
		return nil
	}
	for i := range k.Attributes {
		a := &k.Attributes[i]
		if a.Name == name {
			return a
		}
		if found == nil && strings.EqualFold(a.Name, name) {
			found = a
		}
	}
	return found
}

func lacking(w Attribute, have *Klass) Difference {
	d := Difference{Kind: Lacking, Name: w.Name, Type: wordsOf(w.Type), Display: w.Display, Choices: w.Enumeration,
		Want: w}
	if have != nil && w.Display != "" {
		for _, h := range have.Attributes {
			if h.Active && Fold(h.Display) == Fold(w.Display) {
				d.Has = h.Name
			}
		}
	}
	return d
}

func differences(w, h Attribute) (all []Difference) {
	add := func(kind, has string, choices []string) {
		all = append(all, Difference{Kind: kind, Name: w.Name, Type: wordsOf(w.Type), Display: w.Display, Has: has,
			Choices: choices, Want: w, Have: h})
	}
	if w.Name != h.Name {
		add(Spelling, h.Name, nil)
	}
	switch {
	case w.Active && !h.Active:
		add(Inactive, "", nil)
	case !w.Active && h.Active:
		add(Retired, "", nil)
	}
	var missing []string
	for _, choice := range w.Enumeration {
		if !slices.Contains(h.Enumeration, choice) {
			missing = append(missing, choice)
		}
	}
	switch {
	case len(h.Enumeration) == 0 && len(missing) > 0:
		add(Open, "", missing)
	case len(missing) > 0:
		add(Choices, "", missing)
	}
	if w.Array != h.Array {
		add(Listed, "", nil)
	}
	if w.Display != "" && h.Display != "" && w.Display != h.Display {
		add(Display, h.Display, nil)
	}
	return all
}

// Property is what a metadata update says of the attribute that mends the difference: its type follows from its name
// (https://developer.kustomer.com/api/core-resources/update-custom-attribute-metadata).
func (d Difference) Property() json.RawMessage {
	p := struct {
		DisplayName string   `json:"displayName,omitempty"`
		Enumeration []string `json:"enumeration,omitempty"`
		Array       bool     `json:"array,omitempty"`
		Multi       bool     `json:"multi,omitempty"`
		Target      string   `json:"target,omitempty"`
	}{DisplayName: d.Want.Display, Enumeration: d.Want.Enumeration, Target: d.Want.Target}
	if d.Kind == Choices {
		p.DisplayName, p.Enumeration, p.Target = "", slices.Concat(d.Have.Enumeration, d.Choices), ""
	} else {
		p.Multi, p.Array = d.Want.Array && d.Want.Type == "Id", d.Want.Array && d.Want.Type != "Id"
	}
	text, _ := json.Marshal(p) // texts and flags always marshal
	return text
}

// Wanted is a Klass of attributes that are only known by name: what a mapping fills.
func Wanted(name string, attributes []string) *Klass {
	k := &Klass{Name: name}
	for _, a := range attributes {
		k.Attributes = append(k.Attributes, Attribute{Name: a, Type: TypeOf(a, ""), Active: true})
	}
	slices.SortFunc(k.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	k.Attributes = slices.CompactFunc(k.Attributes, func(a, b Attribute) bool { return a.Name == b.Name })
	return k
}
