package web

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/mappings"
	"muster/pipeline/decision"
	"muster/pipeline/trust"
)

// mostPairs bounds what is said of single values in a mapping at once.
const mostPairs = 500

// recalled offers what was decided of another file with these columns. The commands of the page remember it, as all
// others do.
func (s *session) recalled(m *meaning, now string) []recipe {
	d, likeness := decision.Recall(s.state(), s.record.File, m.names)
	if d == nil || d.File == s.record.File {
		return nil
	}
	why := "it has the same columns"
	if likeness < 1 {
		why = "most of its columns are the same"
	}
	take := func() ([]byte, error) {
		rules := d.Rules()
		if preset := mappings.PresetFile(rules); preset != nil {
			return preset, nil
		}
		return trust.Read(rules, 1<<20)
	}
	if text, err := take(); err != nil || string(text) == now {
		return nil // it is gone, or it is what stands here already
	}
	return []recipe{{ID: "recalled", Title: fmt.Sprintf("Use what you decided for %s on %s", filepath.Base(d.File),
		d.When.Local().Format("2 January 2006")), Why: why, text: take}}
}

// pairs are what the edits say of single values: where a text of a column always became the same other one.
func (e *edits) pairs() map[int][]pair {
	type place struct {
		row    int64
		column int
	}
	first := map[place]string{}
	for i := range e.done {
		for _, c := range e.done[i].Cells {
			if at := (place{c.Row, c.Column}); !c.Edited {
				first[at] = c.Before
			}
		}
	}
	became := map[int]map[string]string{}
	torn := map[int]map[string]bool{}
	for at, was := range first {
		now, edited := e.at(at.row, at.column)
		if was = strings.TrimSpace(was); !edited || was == "" || was == now {
			continue
		}
		if became[at.column] == nil {
			became[at.column], torn[at.column] = map[string]string{}, map[string]bool{}
		}
		if other, there := became[at.column][was]; there && other != now {
			torn[at.column][was] = true
		}
		became[at.column][was] = now
	}
	all := map[int][]pair{}
	for column, values := range became {
		for _, was := range sortedKeys(values) {
			if !torn[column][was] {
				all[column] = append(all[column], pair{was, values[was]})
			}
		}
	}
	return all
}

// fromEdits says in the mapping what the edits say of single values, so that the next file of this kind gets it, too.
func (s *session) fromEdits(ctx context.Context, old []byte) ([]byte, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	m, err := s.understand(ctx)
	if err != nil {
		return nil, err
	}
	parsed, err := mappings.Parse("mapping.yaml", old)
	if err != nil {
		return nil, err
	}
	pairs, said := s.tables.edits.pairs(), 0
	made, err := edited(old, func(root *yaml.Node) error {
		columns := block(root, "columns")
		for place := range m.names {
			if len(pairs[place]) == 0 || said+len(pairs[place]) > mostPairs {
				continue
			}
			e, named := entryOf(columns, m.called(place))
			if !named {
				e.Target, _ = parsed.Says(m.called(place))
			}
			if e.Target == "" || e.Target == mappings.Ignore || e.Target == mappings.Undecided {
				continue
			}
			c := change{Values: map[string]string{}}
			for _, p := range pairs[place] {
				if p.To == "" {
					c.Blank = append(c.Blank, p.From)
					continue
				}
				c.Values[p.From] = p.To
			}
			c.values(&e)
			e.write(columns, m.called(place))
			said += len(pairs[place])
		}
		return nil
	})
	if err == nil && said == 0 {
		err = errors.New("no edit says of a value what it always becomes")
	}
	return made, err
}
