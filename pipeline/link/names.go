package link

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/pipeline/kustomer"
)

// capitals is what a run learns of the org's filter for names: whether capitals make a difference to it is not
// documented.
type capitals struct {
	sample *kustomer.Company // one that the org has, to ask it with
	known  bool
	matter bool
}

func (c *capitals) learn(of *kustomer.Company) {
	if !c.known && c.sample == nil && swapped(of.Name) != of.Name {
		c.sample = of
	}
}

// named finds the one company of a name. Several are for a person to tell apart.
func (l *Linker) named(ctx context.Context, name string) (companyLink, error) {
	all, whole, err := l.viewer.CompaniesByName(ctx, name)
	if err == nil && whole && len(all) == 0 {
		all, whole, err = l.otherwise(ctx, name)
	}
	switch {
	case err != nil:
		return companyLink{}, err
	case len(all) > 1:
		return several(all, "name"), nil
	case !whole:
		return companyLink{code: "identity.company", detail: "the org lists more companies for this name than can be " +
			"read; map a column to company.externalId"}, nil
	case len(all) == 0:
		return companyLink{}, nil
	}
	l.found++
	l.filter.learn(&all[0])
	return companyLink{id: all[0].ID}, nil
}

// otherwise looks for a name in other capitals, and with single spaces, unless the org's filter is known to make no
// difference.
func (l *Linker) otherwise(ctx context.Context, name string) (found []kustomer.Company, whole bool, err error) {
	if err := l.probe(ctx); err != nil || l.filter.known && !l.filter.matter {
		return nil, true, err
	}
	whole = true
	for _, spelling := range spellings(name) {
		some, all, err := l.viewer.CompaniesByName(ctx, spelling)
		if err != nil {
			return nil, false, err
		}
		whole = whole && all
		for _, c := range some {
			if !slices.ContainsFunc(found, func(f kustomer.Company) bool { return f.ID == c.ID }) {
				found = append(found, c)
			}
		}
	}
	return found, whole, nil
}

// probe asks, once a run, for a company that is there with its capitals and small letters changed places.
func (l *Linker) probe(ctx context.Context) error {
	f := &l.filter
	if f.known || f.sample == nil {
		return nil
	}
	all, _, err := l.viewer.CompaniesByName(ctx, swapped(f.sample.Name))
	if err != nil {
		return err
	}
	f.known = true
	f.matter = !slices.ContainsFunc(all, func(c kustomer.Company) bool { return c.ID == f.sample.ID })
	f.sample = nil
	return nil
}

// spellings are the ways in which people write a name, but for the one that it has.
func spellings(name string) (list []string) {
	name = strings.TrimSpace(name)
	spaced := strings.Join(strings.Fields(name), " ")
	for _, one := range []string{spaced, strings.ToLower(spaced), strings.ToUpper(spaced), capitalised(spaced)} {
		if one != name && !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// capitalised is a name with a capital for each word.
func capitalised(name string) string {
	words := strings.Fields(strings.ToLower(name))
	for i, w := range words {
		first, size := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToTitle(first)) + w[size:]
	}
	return strings.Join(words, " ")
}

// swapped is a text with its capitals and small letters changed places.
func swapped(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}
