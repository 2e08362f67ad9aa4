package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/mappings"
	"muster/pipeline/trust"
)

// A change is what a person says of the mapping: of one column, by a recipe, or as text.
type change struct {
	Revision int64             `json:"revision"`
	Place    *int              `json:"place"`
	Target   *string           `json:"target"`  // nil: as it is
	Options  map[string]string `json:"options"` // "": takes the option away
	Values   map[string]string `json:"values"`  // what texts stand for; "": the text stays as it is
	Blank    []string          `json:"blank"`   // texts that count as a blank cell
	Keep     bool              `json:"keep"`    // the guess is right
	Recipe   string            `json:"recipe"`
	Text     *string           `json:"text"`
	Anew     bool              `json:"anew"` // the person's changes go, and the mapping is guessed again
}

// change carries one out. The caller holds mu.
func (s *session) change(ctx context.Context, c *change) error {
	if err := errors.Join(s.at(c.Revision), s.led()); err != nil {
		return err
	}
	m, err := s.understand(ctx)
	if err != nil {
		return err
	}
	if c.Anew {
		return s.anew(ctx)
	}
	old, err := trust.Read(s.mappingPath(), 1<<20)
	if err != nil {
		return fmt.Errorf("read the mapping: %w", err)
	}
	var made []byte
	switch {
	case c.Text != nil:
		if len(*c.Text) > 1<<20 {
			return errors.New("the mapping is longer than a megabyte")
		}
		made = []byte(strings.ReplaceAll(*c.Text, "\r\n", "\n"))
	case c.Recipe != "":
		made, err = s.cook(ctx, old, c.Recipe)
	case c.Place != nil && *c.Place >= 0 && *c.Place < len(m.names):
		made, err = edited(old, func(root *yaml.Node) error { return c.column(root, m) })
		if err == nil {
			if s.record.Decided == nil {
				s.record.Decided = map[string]bool{}
			}
			s.record.Decided[m.called(*c.Place)] = true
		}
	default:
		return errors.New("that change names no column")
	}
	if err != nil {
		return err
	}
	if string(made) != string(old) {
		if err := trust.WriteWhole(s.mappingPath(), made); err != nil {
			return fmt.Errorf("keep the mapping: %w", err)
		}
		if err := s.changed(); err != nil {
			return err
		}
	}
	return s.save()
}

// anew guesses the mapping again.
func (s *session) anew(ctx context.Context) error {
	if err := removeFile(s.mappingPath()); err != nil {
		return err
	}
	s.tables.meaning, s.record.Decided = nil, nil
	_, err := s.understand(ctx)
	return errors.Join(err, s.changed(), s.save())
}

func (s *session) cook(ctx context.Context, old []byte, id string) ([]byte, error) {
	if id == "edits" {
		return s.fromEdits(ctx, old)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range v.Recipes {
		if r.ID == id && r.text != nil {
			return r.text()
		}
		if r.ID == id {
			return edited(old, func(root *yaml.Node) error { r.apply(root); return nil })
		}
	}
	return nil, errors.New("that is done already")
}

// column changes what the mapping says of one column.
func (c *change) column(root *yaml.Node, m *meaning) error {
	columns, name := block(root, "columns"), m.called(*c.Place)
	e, named := entryOf(columns, name)
	if !named || e.Complex && c.Target != nil && e.Target == "" {
		e = entry{}
	}
	if e.Options == nil {
		e.Options = map[string]string{}
	}
	if c.Target != nil && *c.Target != e.Target {
		if err := fits(*c.Target); err != nil {
			return err
		}
		e = *fresh(m, *c.Place, *c.Target)
	}
	if e.Target == "" {
		return fmt.Errorf("say first where %q goes", name)
	}
	maps.Copy(e.Options, c.Options)
	c.values(&e)
	e.write(columns, name)
	comment(columns, name, "100 %: decided by hand")
	return nil
}

// fits says why there is no such target.
func fits(target string) error {
	if target == mappings.Ignore || target == mappings.Undecided {
		return nil
	}
	place, err := mappings.ParsePlace(target)
	if err == nil && place.Nameless {
		err = errors.New("the attribute has no name: write custom.<name>, as custom.visitsNum")
	}
	return err
}

// fresh is the entry of a column that was just sent elsewhere, with the options that its values ask for.
func fresh(m *meaning, place int, target string) *entry {
	e := &entry{Target: target, Options: map[string]string{}}
	g := m.guess.Columns[place] // a copy: the guess stays what it was
	if target == mappings.Ignore || target == mappings.Undecided || g.Choose(target) != nil {
		return e
	}
	layout := g.Layout
	if len(g.Readings) > 0 {
		key := "layout"
		if strings.HasPrefix(g.Readings[0], "decimal") {
			key = "decimal"
		}
		e.Options[key] = "CHOOSE"
	}
	for name, value := range map[string]string{"layout": layout, "split": g.Split, "decimal": g.Decimal} {
		if value != "" {
			e.Options[name] = value
		}
	}
	return e
}

// values takes over what single texts stand for.
func (c *change) values(e *entry) {
	put := func(from, to string) {
		at := slices.IndexFunc(e.Values, func(p pair) bool { return p.From == from })
		if at >= 0 {
			e.Values[at].To = to
			return
		}
		e.Values = append(e.Values, pair{from, to})
	}
	for _, from := range slices.Sorted(maps.Keys(c.Values)) {
		if to := c.Values[from]; to != "" {
			put(from, to)
			continue
		}
		e.Values = slices.DeleteFunc(e.Values, func(p pair) bool { return p.From == from })
	}
	for _, from := range c.Blank {
		put(from, "")
	}
}
