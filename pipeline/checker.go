package pipeline

import (
	"fmt"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/source"
	"muster/schema"
)

// Checker is the stage that turns blocks into checked rows: parse, map, validate, encode. One
// goroutine owns a Checker; several share a validator.
type Checker struct {
	seeds    *dedupe.Seeds
	damages  *profile.Detector // what the columns look like, nil: not looked at
	payloads bool              // encode every fit row, not only those the judge must see
	watched  bool              // name the rows' customers for the run's Watch
	clerk    *clerk            // nil: what is said of the rows is not known yet
	inputs   []*bind.Input     // of a checker that compares rows and checks nothing; else nil

	last     *bind.Table
	record   mappings.Record
	keys     []mappings.Key
	proof    *schema.Proof
	findings []schema.Finding
	scratch  []byte
	room     bind.Joining
	cells    []int // that a record goes without
}

// checker makes one for a pass: the survey, or the second one with payloads.
func (r *run) checker(p pass) *Checker {
	if p.shares != nil {
		return &Checker{seeds: r.seeds, inputs: r.inputs}
	}
	c := &Checker{seeds: r.seeds, payloads: p.payloads, watched: !p.payloads && r.config.Watch != nil}
	if !p.payloads {
		c.damages = profile.NewDetector()
		r.damages = append(r.damages, c.damages)
		c.clerk = r.clerk.another()
	}
	return c
}

// Check fills in what became of every row of w's chunk. It never fails: a row it cannot bear is a
// problem of that row.
func (c *Checker) Check(w *work, opening *bind.Table) {
	w.reader.Parse(&w.chunk, &w.block)
	w.profile.Whole = w.seq == 0
	w.table = c.bound(w.block.Header, opening)
	if c.inputs != nil {
		c.portray(w)
		return
	}
	if c.damages != nil {
		c.damages.Begin(w.input, w.table, &w.block, w.chunk.Data, &w.profile)
	}
	for i := range w.block.Rows {
		w.rows = append(w.rows, checkedRow{})
		c.guarded(w, i)
		if c.damages != nil { // now, while the cells are in the processor's nearest memory
			c.damages.Row(&w.block.Rows[i], w.rows[i].status)
		}
		if c.clerk != nil {
			c.clerk.write(w, i)
		}
	}
	if c.damages != nil {
		c.damages.End()
		w.open = openDates(w)
	}
}

// bound finds the table of a header. Headers grow while JSON is read (a key is met for the first
// time in the middle of a file); where the mapping has no rule for the new key, the opening table
// stays, and the rows that have the key get a problem.
func (c *Checker) bound(h *source.Header, opening *bind.Table) *bind.Table {
	switch {
	case h == opening.Header:
		c.use(opening)
	case opening.Sheet(h) != nil:
		c.use(opening.Sheet(h))
	case c.last == nil || h != c.last.Header:
		grown, err := opening.Binder.Bind(h)
		if err != nil {
			narrow := *opening
			narrow.Header = h
			grown = &narrow
		}
		c.use(grown)
	}
	return c.last
}

func (c *Checker) use(t *bind.Table) {
	if c.last != t {
		c.last, c.proof = t, t.Shape.NewProof()
	}
}

// guarded checks one row and turns a panic of ours into a problem of that row, so that one row no
// reader foresaw cannot end a night's run. The panic's text may hold a value, so it is dropped.
func (c *Checker) guarded(w *work, i int) {
	arena, hashes, problems := len(w.arena), len(w.hashes), len(w.problems)
	defer func() {
		if recover() != nil {
			w.arena, w.hashes, w.problems = w.arena[:arena], w.hashes[:hashes], w.problems[:problems]
			w.rows[i] = checkedRow{}
			c.refuse(w, i, outcome.Problem{Code: "run.internal", Column: -1})
		}
	}()
	c.row(w, i)
}

func (c *Checker) row(w *work, i int) {
	row, out := &w.block.Rows[i], &w.rows[i]
	if row.Code != "" {
		c.refuse(w, i, outcome.Problem{Code: row.Code, Column: row.Column, Detail: takenIn(row)})
		return
	}
	missing := c.read(w, row)
	out.key.from = len(w.arena)
	w.arena = append(w.arena, c.name(w.table.Plan.MatchKeys())...)
	out.key.to = len(w.arena)
	if c.watched && len(c.keys) > 0 {
		out.lead = keySpan{dedupe.KindNamed(c.keys[0].Kind), span{len(w.arena), len(w.arena) + len(c.keys[0].Value)}}
		w.arena = append(w.arena, c.keys[0].Value...)
	}
	if c.record.Skipped {
		out.status = outcome.Skipped
		return
	}
	start := len(w.problems)
	for _, p := range c.record.Problems {
		w.problems = append(w.problems, outcome.Problem{Code: p.Code, Column: w.table.OwnColumn(p.Column), Detail: p.Detail, Dropped: p.Dropped})
	}
	if missing >= 0 {
		w.problems = append(w.problems, outcome.Problem{Code: "cell.join", Column: missing})
	}
	c.strangers(w, row)
	c.judge(w, out)
	c.define(w, row, start)
	c.holdNobody(w, start)
	out.problems = span{start, len(w.problems)}
	if !allDropped(w.problems[start:]) {
		out.status = outcome.Invalid
		for i := range w.problems[start:] {
			w.problems[start+i].Dropped = false // nothing of the row is sent
		}
		return
	}
	out.status = outcome.Unsent
	c.identify(w, out)
}

// read makes the record of a row; missing is the column whose key a joined file lacks, -1 none.
func (c *Checker) read(w *work, row *source.Row) (missing int) {
	w.table.Own(row)
	inPlainForm(w, row)
	if c.damages != nil {
		w.profile.Note(row, c.seeds.Value())
	}
	cells, kinds, missing := w.table.Extend(row, &c.room)
	w.table.Plan.Map(cells, kinds, &c.record)
	c.keys = w.table.Plan.Keys(&c.record, c.keys[:0])
	return missing
}

// name is how reports call the record: its first match key, nothing where it has none.
func (c *Checker) name(order []string) []byte {
	for _, kind := range order {
		for i := range c.keys {
			if c.keys[i].Kind == kind {
				return c.keys[i].Value
			}
		}
	}
	return nil
}

// refuse makes a row invalid for one reason.
func (c *Checker) refuse(w *work, i int, p outcome.Problem) {
	w.rows[i].status = outcome.Invalid
	w.rows[i].problems = span{len(w.problems), len(w.problems) + 1}
	w.problems = append(w.problems, p)
}

// strangers finds cells beyond the columns the plan knows: keys of a JSON record that appeared
// after the mapping was bound and that it has no rule for.
func (c *Checker) strangers(w *work, row *source.Row) {
	if row.Kinds == nil || w.table.Rejects {
		return
	}
	for i := w.table.Width; i < len(row.Kinds); i++ {
		if row.Kinds[i] != 0 {
			w.problems = append(w.problems, outcome.Problem{Code: "row.unmapped", Column: i,
				Detail: fmt.Sprintf("the key %q appears here and the mapping has no rule for it", w.table.Column(i))})
		}
	}
}

// judge validates the record. Cells that it finds fault with and that the record can go without are taken out, and the rest is judged
// again: each time there are fewer.
func (c *Checker) judge(w *work, out *checkedRow) {
	for c.validate(w, out) {
	}
}

// validate holds the record to the schema, and reports whether cells were taken out: compiled rules prove the common case, gojsonschema
// decides the rest.
func (c *Checker) validate(w *work, out *checkedRow) (fewer bool) {
	proof, values := c.proof, c.record.Values
	proof.Begin()
	for i := range values {
		v := &values[i]
		proof.Add(v.Slot, v.Item, v.Kind, v.Text)
	}
	verdict := proof.End()
	if c.payloads {
		out.payload.from = len(w.arena)
		w.arena = w.table.Plan.AppendJSON(w.arena, &c.record)
		out.payload.to = len(w.arena)
	}
	switch verdict {
	case schema.Proven:
		return false
	case schema.Found:
		c.findings = c.proof.Findings(c.findings[:0])
		return c.report(w, c.findings)
	default:
		c.scratch = w.table.Plan.AppendJSON(c.scratch[:0], &c.record)
		findings, err := w.table.Binder.Validator.Validate(c.scratch)
		if err != nil {
			w.problems = append(w.problems, outcome.Problem{Code: "run.internal", Column: -1})
			return false
		}
		return c.report(w, findings)
	}
}

// report turns the schema's findings into problems of columns, and takes their cells out where the record can go without all of them.
func (c *Checker) report(w *work, findings []schema.Finding) (fewer bool) {
	from, plan := len(w.problems), w.table.Plan
	c.cells = c.cells[:0]
	for i := range findings {
		f := &findings[i]
		detail := f.Expected
		if f.Hint != "" {
			detail += "; " + f.Hint
		}
		w.problems = append(w.problems, outcome.Problem{Code: f.Code, Column: w.table.OwnColumn(plan.Locate(&c.record, f.Path)), Detail: detail})
		if cell, goes := plan.Goes(&c.record, f.Path); goes {
			c.cells = append(c.cells, cell)
		}
	}
	if len(c.cells) < len(findings) {
		return false
	}
	for i, cell := range c.cells {
		plan.Strip(&c.record, cell)
		w.problems[from+i].Dropped = true
	}
	return len(findings) > 0
}

// identify notes every identity by which Kustomer would tell the record from others: as hashes, or, in the second pass, with
// their values.
func (c *Checker) identify(w *work, out *checkedRow) {
	if c.payloads {
		out.keys.from = len(w.keys)
		for i := range c.keys {
			from := len(w.arena)
			w.arena = append(w.arena, c.keys[i].Value...)
			w.keys = append(w.keys, keySpan{dedupe.KindNamed(c.keys[i].Kind), span{from, len(w.arena)}})
		}
		out.keys.to = len(w.keys)
		return
	}
	out.hashes.from = len(w.hashes)
	for i := range c.keys {
		w.hashes = append(w.hashes, c.seeds.Hash(dedupe.KindNamed(c.keys[i].Kind), c.keys[i].Value))
	}
	if len(c.keys) == 0 {
		c.scratch = w.table.Plan.AppendJSON(c.scratch[:0], &c.record)
		w.hashes = append(w.hashes, c.seeds.Hash(dedupe.Content, c.scratch))
	}
	out.hashes.to = len(w.hashes)
}

// takenIn is why a row cannot be trusted and, where it is more than one line of the file, which lines it takes in.
func takenIn(row *source.Row) string {
	if row.EndLine <= row.Line {
		return row.Detail
	}
	return fmt.Sprintf("%s; it takes in lines %d to %d", row.Detail, row.Line, row.EndLine)
}
