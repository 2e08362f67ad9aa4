package web

import (
	"errors"
	"strings"

	"muster/mappings"
	"muster/pipeline/suggest"
	"muster/pipeline/trust"
)

// sampled is how many cells of a group are looked at: whether anything is known of them, and of which country they are.
const sampled = 100

// suggestion is what was likely meant in a cell that cannot be used, "" nobody knows.
func (s *session) suggestion(k *kind, column int, text string) string {
	return suggest.For(suggest.Cell{Code: k.Code, Expected: k.expected(), Text: text,
		Region: s.tables.problems.regions[column]})
}

// hint says of each group of problems whether something is suggested for its cells. The caller holds mu.
func (s *session) hint(m *meaning, groups []group) error {
	regions := s.tables.problems.regions
	for i := range groups {
		g := &groups[i]
		if g.Column < 0 {
			continue
		}
		if _, told := regions[g.Column]; g.Code == "cell.phone" && !told {
			var err error
			if regions[g.Column], err = s.regionOf(m, g); err != nil {
				return err
			}
		}
		if g.Code == "cell.phone" && strings.Contains(g.Expected, "need region") {
			g.Region = regions[g.Column]
		}
		o, err := s.suggestedIn(g.first, filter{Code: g.Code, Column: g.Column}, 1)
		if err != nil {
			return err
		}
		g.Suggests = len(o.Cells) > 0
	}
	return nil
}

// regionOf is the country that the phone numbers of a group are of, by what most of them can be and by the countries
// that their rows name; "" where two are as likely.
func (s *session) regionOf(m *meaning, g *group) (string, error) {
	country := -1
	if text, err := trust.Read(s.mappingPath(), 1<<20); err == nil {
		if parsed, err := mappings.Parse("mapping.yaml", text); err == nil {
			for place := range m.names {
				if target, _ := parsed.Says(m.called(place)); strings.Contains(target, ".country") {
					country = place
				}
			}
		}
	}
	var numbers []string
	countries := map[string]int{}
	err := s.tables.rows.some(g.first, func(ordinal int64, r *storedRow) bool {
		s.tables.edits.over(ordinal, r, 0)
		if g.Column < len(r.Cells) && r.Cells[g.Column] != "" {
			numbers = append(numbers, r.Cells[g.Column])
			if country >= 0 && country < len(r.Cells) {
				countries[mappings.CountryCode(r.Cells[country])]++
			}
		}
		return true
	})
	delete(countries, "")
	region, _, others := mappings.RegionOfAll(numbers, countries)
	if len(others) > 0 {
		return "", err
	}
	return region, err
}

// suggested makes one operation of all values that are suggested for the cells of one column with one kind of problem.
// Each kind of suggestion is right so often that all may be taken at once: package suggest measures it.
func (s *session) suggested(f filter) (*operation, error) {
	if s.tables.problems == nil || f.Code == "" || f.Column < 0 {
		return nil, errors.New("say of which problems the suggested values are meant")
	}
	return s.suggestedIn(s.tables.problems.rows(f), f, mostCells)
}

// suggestedIn is what is suggested in some rows, at most so many cells.
func (s *session) suggestedIn(ordinals []int64, f filter, most int) (*operation, error) {
	p, o := s.tables.problems, &operation{Kind: "suggest"}
	err := s.tables.rows.some(ordinals, func(ordinal int64, r *storedRow) bool {
		s.tables.edits.over(ordinal, r, 0)
		for _, one := range p.of(ordinal) {
			if !f.holds(p, &one) || f.Column >= len(r.Cells) {
				continue
			}
			before := r.Cells[f.Column]
			if after := s.suggestion(&p.kinds[one.Kind], f.Column, before); after != "" {
				_, edited := s.tables.edits.at(ordinal, f.Column)
				o.Cells = append(o.Cells, cell{ordinal, f.Column, before, after, edited})
				break
			}
		}
		return len(o.Cells) < most
	})
	return o, err
}
