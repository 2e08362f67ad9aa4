package check

import (
	"fmt"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/source"
	"muster/schema"
)

// CheckOptions say what a checker does beside checking.
type Options struct {
	Seeds    *dedupe.Seeds     // of the identities' hashes; the run's
	Damage   *profile.Detector // what the columns look like; nil: not looked at
	Payloads bool              // encode every fit row, not only those that a rule alone cannot prove
	Sized    bool              // say how large the fit records of any kind but customers are
	Watched  bool              // name the customers of rows, for who watches the survey
	Encoder  *Encoder          // writes the lines of reports; nil: what is said of the rows is not known yet
	Compared []*bind.Input     // the inputs, of a checker that compares rows and checks nothing; else nil
}

// Checker is the stage that turns blocks into checked rows: parse, map, validate, encode. One
// goroutine owns a Checker; several share a validator.
type Checker struct {
	Options

	last     *bind.Table
	record   mappings.Record
	keys     []mappings.Key
	proof    *schema.Proof
	findings []schema.Finding
	scratch  []byte
	room     bind.Joining
	cells    []int // that a record goes without
}

// New makes a checker, which belongs to one goroutine.
func New(o Options) *Checker { return &Checker{Options: o} }

// Check fills in what became of every row of w's chunk. It never fails: a row it cannot bear is a
// problem of that row.
func (c *Checker) Check(w *block.Block, opening *bind.Table) {
	w.Reader.Parse(&w.Chunk, &w.Parsed)
	w.Profile.Whole = w.Seq == 0
	w.Table = c.bound(w.Parsed.Header, opening)
	if c.Compared != nil {
		c.portray(w)
		return
	}
	if c.Damage != nil {
		c.Damage.Begin(w.Input, w.Table, &w.Parsed, &w.Profile)
	}
	for i := range w.Parsed.Rows {
		w.Rows = append(w.Rows, block.Row{})
		c.guarded(w, i)
		if c.Damage != nil { // now, while the cells are in the processor's nearest memory
			c.Damage.Row(&w.Parsed.Rows[i], w.Rows[i].Status)
		}
		if c.Encoder != nil {
			c.Encoder.write(w, i)
		}
	}
	if c.Damage != nil {
		c.Damage.End()
		w.Open = OpenDates(w)
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
func (c *Checker) guarded(w *block.Block, i int) {
	arena, hashes, problems := len(w.Arena), len(w.Hashes), len(w.Problems)
	defer func() {
		if recover() != nil {
			w.Arena, w.Hashes, w.Problems = w.Arena[:arena], w.Hashes[:hashes], w.Problems[:problems]
			w.Rows[i] = block.Row{}
			c.refuse(w, i, outcome.Problem{Code: "run.internal", Column: -1})
		}
	}()
	c.row(w, i)
}

func (c *Checker) row(w *block.Block, i int) {
	row, out := &w.Parsed.Rows[i], &w.Rows[i]
	if row.Code != "" {
		c.refuse(w, i, outcome.Problem{Code: row.Code, Column: row.Column, Detail: takenIn(row)})
		return
	}
	missing := c.read(w, row)
	out.Key.From = len(w.Arena)
	w.Arena = append(w.Arena, c.name(w.Table.Plan.MatchKeys())...)
	out.Key.To = len(w.Arena)
	if c.Watched && len(c.keys) > 0 {
		out.Lead = block.KeySpan{Kind: dedupe.KindNamed(c.keys[0].Kind),
			Value: block.Span{From: len(w.Arena), To: len(w.Arena) + len(c.keys[0].Value)}}
		w.Arena = append(w.Arena, c.keys[0].Value...)
	}
	if c.record.Skipped {
		out.Status = outcome.Skipped
		return
	}
	start := len(w.Problems)
	for _, p := range c.record.Problems {
		w.Problems = append(w.Problems, outcome.Problem{Code: p.Code, Column: w.Table.OwnColumn(p.Column), Detail: p.Detail,
			Dropped: p.Dropped, Warning: p.Warning})
	}
	c.lookUp(w)
	if missing >= 0 {
		w.Problems = append(w.Problems, outcome.Problem{Code: "cell.join", Column: missing})
	}
	c.strangers(w, row)
	c.judge(w, out)
	c.belongs(w)
	c.attachments(w)
	c.define(w, row, start)
	c.holdNobody(w, start)
	out.Problems = block.Span{From: start, To: len(w.Problems)}
	if outcome.Ordered(w.Problems[start:]); outcome.Refused(w.Problems[start:]) {
		out.Status = outcome.Invalid
		for i := range w.Problems[start:] {
			w.Problems[start+i].Dropped = false // nothing of the row is sent
		}
		return
	}
	out.Status = outcome.Unsent
	if c.Sized && w.Table.Kind != nil {
		c.size(w.Table, out)
	}
	c.identify(w, out)
}

// size says how large a record is, and whether it is of a conversation that has ended.
func (c *Checker) size(t *bind.Table, out *block.Row) {
	c.scratch = t.Plan.AppendJSON(c.scratch[:0], &c.record)
	out.Size = len(c.scratch)
	for i := range c.record.Values {
		v := &c.record.Values[i]
		out.Ends = out.Ends || t.Kind.Ends(t.Plan.Slots[v.Slot].Path, string(v.Text))
	}
}

// read makes the record of a row; missing is the column whose key a joined file lacks, -1 none.
func (c *Checker) read(w *block.Block, row *source.Row) (missing int) {
	w.Table.Own(row)
	inPlainForm(w, row)
	if c.Damage != nil {
		w.Profile.Note(row, c.Seeds.Value())
	}
	cells, kinds, missing := w.Table.Extend(row, &c.room)
	w.Table.Plan.Map(cells, kinds, &c.record)
	c.keys = w.Table.Plan.Keys(&c.record, c.keys[:0])
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
func (c *Checker) refuse(w *block.Block, i int, p outcome.Problem) {
	w.Rows[i].Status = outcome.Invalid
	w.Rows[i].Problems = block.Span{From: len(w.Problems), To: len(w.Problems) + 1}
	w.Problems = append(w.Problems, p)
}

// strangers finds cells beyond the columns the plan knows: keys of a JSON record that appeared
// after the mapping was bound and that it has no rule for.
func (c *Checker) strangers(w *block.Block, row *source.Row) {
	if row.Kinds == nil || w.Table.Rejects {
		return
	}
	for i := w.Table.Width; i < len(row.Kinds); i++ {
		if row.Kinds[i] != 0 {
			w.Problems = append(w.Problems, outcome.Problem{Code: "row.unmapped", Column: i,
				Detail: fmt.Sprintf("the key %q appears here and the mapping has no rule for it", w.Table.Column(i))})
		}
	}
}

// judge validates the record. Cells that it finds fault with and that the record can go without are taken out, and the
// rest is judged again: each time there are fewer.
func (c *Checker) judge(w *block.Block, out *block.Row) {
	for c.validate(w, out) {
	}
}

// validate holds the record to the schema, and reports whether cells were taken out: compiled rules prove the common
// case, gojsonschema decides the rest.
func (c *Checker) validate(w *block.Block, out *block.Row) (fewer bool) {
	proof, values := c.proof, c.record.Values
	proof.Begin()
	for i := range values {
		v := &values[i]
		proof.Add(v.Slot, v.Item, v.Kind, v.Text)
	}
	verdict := proof.End()
	if c.Payloads {
		out.Payload.From = len(w.Arena)
		w.Arena = w.Table.Plan.AppendJSON(w.Arena, &c.record)
		out.Payload.To = len(w.Arena)
	}
	switch verdict {
	case schema.Proven:
		return false
	case schema.Found:
		c.findings = c.proof.Findings(c.findings[:0])
		return c.report(w, c.findings)
	default:
		c.scratch = w.Table.Plan.AppendJSON(c.scratch[:0], &c.record)
		findings, err := w.Table.Validator.Validate(c.scratch)
		if err != nil {
			w.Problems = append(w.Problems, outcome.Problem{Code: "run.internal", Column: -1})
			return false
		}
		return c.report(w, findings)
	}
}

// report turns the schema's findings into problems of columns, and takes their cells out where the record can go
// without all of them.
func (c *Checker) report(w *block.Block, findings []schema.Finding) (fewer bool) {
	from, plan := len(w.Problems), w.Table.Plan
	c.cells = c.cells[:0]
	for i := range findings {
		f := &findings[i]
		detail := f.Expected
		if f.Hint != "" {
			detail += "; " + f.Hint
		}
		w.Problems = append(w.Problems, outcome.Problem{Code: f.Code,
			Column: w.Table.OwnColumn(plan.Locate(&c.record, f.Path)), Detail: detail})
		if cell, goes := plan.Goes(&c.record, f.Path); goes {
			c.cells = append(c.cells, cell)
		}
	}
	if len(c.cells) < len(findings) {
		return false
	}
	for i, cell := range c.cells {
		plan.Strip(&c.record, cell)
		w.Problems[from+i].Dropped = true
	}
	return len(findings) > 0
}

// identify notes every identity by which Kustomer would tell the record from others: as hashes, or, in the second pass,
// with their values.
func (c *Checker) identify(w *block.Block, out *block.Row) {
	if c.Payloads {
		out.Keys.From = len(w.Keys)
		for i := range c.keys {
			from := len(w.Arena)
			w.Arena = append(w.Arena, c.keys[i].Value...)
			w.Keys = append(w.Keys, block.KeySpan{Kind: dedupe.KindNamed(c.keys[i].Kind),
				Value: block.Span{From: from, To: len(w.Arena)}})
		}
		out.Keys.To = len(w.Keys)
		return
	}
	out.Hashes.From = len(w.Hashes)
	realm := w.Table.Realm()
	for i := range c.keys {
		k := &c.keys[i]
		w.Hashes = append(w.Hashes, c.Seeds.Hash(dedupe.KindNamed(k.Kind), c.within(realm, k.Value)))
	}
	if len(c.keys) == 0 {
		c.scratch = w.Table.Plan.AppendJSON(c.scratch[:0], &c.record)
		w.Hashes = append(w.Hashes, c.Seeds.Hash(dedupe.Content, c.scratch))
	}
	out.Hashes.To = len(w.Hashes)
	c.differ(w, out)
}

// takenIn is why a row cannot be trusted and, where it is more than one line of the file, which lines it takes in.
func takenIn(row *source.Row) string {
	if row.EndLine <= row.Line {
		return row.Detail
	}
	return fmt.Sprintf("%s; it takes in lines %d to %d", row.Detail, row.Line, row.EndLine)
}
