package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/trust"
	"muster/pipeline/yamlfile"
)

// group reads jobs that are said together: one group, or with for-each one for every row of a table.
func (p *parser) group(key, n *yaml.Node) {
	if !jobName.MatchString(key.Value) {
		p.Mistake(key, nameForm, "a group cannot be called %q", key.Value)
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "for-each" {
			continue
		}
		inside := *n
		inside.Content = slices.Delete(slices.Clone(n.Content), i, i+2)
		mistakes := len(p.Mistakes)
		rows := p.rows(n.Content[i+1])
		if len(rows) == 0 && len(p.Mistakes) == mistakes {
			p.Mistake(n.Content[i+1], "", "for-each names nobody")
		}
		for _, row := range rows {
			before := slices.Clone(p.Mistakes)
			p.groupOf(key, row.in(p, &inside), row.cells["name"], key.Value)
			for i := len(before); i < len(p.Mistakes); i++ {
				if m := &p.Mistakes[i]; row.filled[place{m.Line, m.Column}] {
					m.Message = row.table + ", row " + row.cells["name"] + ": " + m.Message
				}
			}
			// What is wrong with one row's jobs, and not by its cells, is wrong with every row's, and said once.
			p.Mistakes = append(before, slices.DeleteFunc(p.Mistakes[len(before):], func(m Mistake) bool {
				at := place{m.Line, m.Column}
				return !row.filled[at] && slices.ContainsFunc(before, func(b Mistake) bool { return at == place{b.Line, b.Column} })
			})...)
		}
		return
	}
	p.groupOf(key, n, key.Value, "")
}

// groupOf reads one group.
func (p *parser) groupOf(key, n *yaml.Node, name, each string) {
	if slices.Contains(p.groups, name) {
		p.Mistake(key, "a name stands for one group", "%q is the name of two groups", name)
		return
	}
	if p.project.Job(name) != nil {
		p.Mistake(key, "a name stands for one of them", "a job and a group are both called %q", name)
		return
	}
	p.groups = append(p.groups, name)
	own := &entry{}
	var names, jobs []*yaml.Node
	p.object(n, "group "+name, append(p.orgRules(own), rule{"jobs", func(n *yaml.Node) {
		p.Members(n, "jobs", func(key, value *yaml.Node) { names, jobs = append(names, key), append(jobs, value) })
	}}))
	if len(jobs) == 0 && !p.mistakenIn(n) {
		p.Mistake(key, "such as jobs: {customers: {source: …}}", "group %s has no jobs", name)
	}
	whole := own.within(p.top, name)
	for i := range jobs {
		p.job(names[i], jobs[i], whole, name, each)
	}
}

// A row is one of a table: its cells by column.
type row struct {
	cells   map[string]string
	columns []string
	table   string         // for messages
	filled  map[place]bool // values of the project file that its cells stand in
}

// place is a line and a column of the project file.
type place struct{ line, column int }

// largestTable bounds a table of orgs: a thousand with ten columns need a tenth of it.
const largestTable = 1 << 20

// rows reads the table of a for-each, which is a CSV file or a list.
func (p *parser) rows(n *yaml.Node) (rows []row) {
	switch {
	case n.Kind == yaml.SequenceNode:
		rows = p.listed(n)
	case n.Kind == yaml.ScalarNode && n.Tag != "!!null" && n.Value != "":
		rows = p.tabled(n)
	default:
		p.Mistake(n, "such as orgs.csv, or [{name: acme}, {name: globex}]", "for-each is a CSV file or a list, this is %s",
			yamlfile.Describe(n))
	}
	names := map[string]bool{}
	return slices.DeleteFunc(rows, func(r row) bool {
		name := r.cells["name"]
		switch {
		case !jobName.MatchString(name):
			p.Mistake(n, nameForm, "%s: an entry cannot be called %q", r.table, name)
		case names[name]:
			p.Mistake(n, "each has a name of its own", "%s: %q stands there twice", r.table, name)
		default:
			names[name] = true
			return false
		}
		return true
	})
}

func (p *parser) listed(n *yaml.Node) (rows []row) {
	for _, item := range n.Content {
		r := row{cells: map[string]string{}, table: "for-each", filled: map[place]bool{}}
		p.Members(item, "an entry of for-each", func(key, value *yaml.Node) {
			if value.Kind != yaml.ScalarNode {
				p.Mistake(value, "", "%s must be one value, this is %s", key.Value, yamlfile.Describe(value))
				return
			}
			if r.columns = append(r.columns, key.Value); value.Tag != "!!null" {
				r.cells[key.Value] = value.Value
			}
		})
		if _, has := r.cells["name"]; !has && !p.mistakenIn(item) {
			p.Mistake(item, "such as {name: acme}", "an entry of for-each has no name")
			continue
		}
		rows = append(rows, r)
	}
	return rows
}

// tabled reads a CSV file. Whoever may write it says where keys go, so it is held to what the project file itself is
// held to.
func (p *parser) tabled(n *yaml.Node) (rows []row) {
	name := p.project.Path(n.Value)
	file, err := trust.OpenAny(name)
	if err != nil {
		p.Mistake(n, "", "for-each: %v", err)
		return nil
	}
	defer file.Close()
	if p.project.Stranger == nil {
		p.project.Stranger = trust.Owned(file, filepath.Dir(name))
	}
	text, err := trust.ReadOpen(file, largestTable)
	if err != nil {
		p.Mistake(n, "", "for-each: %v", err)
		return nil
	}
	if text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")); !utf8.Valid(text) {
		p.Mistake(n, "save it as UTF-8", "%s is not UTF-8", n.Value)
		return nil
	}
	head, _, _ := bytes.Cut(text, []byte("\n"))
	reader := csv.NewReader(bytes.NewReader(text))
	for _, comma := range ",;\t" { // Excel writes the list separator of its country
		if bytes.Count(head, []byte(string(comma))) > bytes.Count(head, []byte(string(reader.Comma))) {
			reader.Comma = comma
		}
	}
	reader.TrimLeadingSpace = reader.Comma != '\t'
	table, err := reader.ReadAll()
	var at *csv.ParseError
	switch {
	case errors.As(err, &at):
		p.Mistake(n, "", "%s, line %d: %v", n.Value, at.Line, at.Err)
		return nil
	case err != nil || len(table) == 0 || !slices.ContainsFunc(table[0],
		func(c string) bool { return strings.TrimSpace(c) == "name" }):
		p.Mistake(n, "the first line names the columns: name,share", "%s has no column name", n.Value)
		return nil
	}
	for _, cells := range table[1:] {
		r := row{cells: map[string]string{}, table: n.Value, filled: map[place]bool{}}
		for i, column := range table[0] {
			column = strings.TrimSpace(column)
			r.columns = append(r.columns, column)
			r.cells[column] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, r)
	}
	return rows
}

// placeholder is a column of the table that stands in a value; $$( is a $( that stays.
var placeholder = regexp.MustCompile(`\$?\$\(([^()]*)\)`)

// in is a copy of a node with the row's cells in it. A key whose value is nothing but a cell that is blank is not said.
func (r *row) in(p *parser, n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return r.in(p, n.Alias)
	}
	with := *n
	with.Content = make([]*yaml.Node, 0, len(n.Content))
	for i, below := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			with.Content = append(with.Content, below)
			continue
		}
		filled := r.in(p, below)
		if n.Kind == yaml.MappingNode && filled.Kind == yaml.ScalarNode && filled.Value == "" &&
			below.Kind == yaml.ScalarNode && below.Value != "" {
			with.Content = with.Content[:len(with.Content)-1]
			continue
		}
		with.Content = append(with.Content, filled)
	}
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "$(") {
		with.Value = placeholder.ReplaceAllStringFunc(n.Value, func(found string) string {
			column := strings.TrimSuffix(strings.TrimLeft(found, "$("), ")")
			if strings.HasPrefix(found, "$$") {
				return found[1:]
			}
			if !slices.Contains(r.columns, column) {
				p.Mistake(n, "columns are "+strings.Join(r.columns, ", ")+"; $$( stands for $(", "%s has no column %q", r.table,
					column)
			}
			cell, has := r.cells[column]
			if has {
				r.filled[place{max(n.Line, 1), max(n.Column, 1)}] = true
			}
			return cell
		})
		if with.Style == 0 && with.Value != "" {
			var plain yaml.Node
			if yaml.Unmarshal([]byte(with.Value), &plain) == nil && len(plain.Content) == 1 &&
				plain.Content[0].Kind == yaml.ScalarNode {
				with.Tag = plain.Content[0].Tag
			}
		}
	}
	return &with
}
