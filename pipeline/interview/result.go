package interview

import (
	"cmp"
	"slices"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/bind"
	"muster/pipeline/decision"
	"muster/pipeline/source"
)

// A Result is what the answers come to.
type Result struct {
	Again    bool   // the mapping that lies beside is used as it is
	Preset   string // the built-in mapping, where nothing was to be added to it; "" Mapping says it
	Mapping  []byte // a mapping file; nil with Again or Preset
	Encoding string // as it was chosen; "" it was found out
	Sheet    string // as it was chosen; "" all are read
	Passed   []string
	Region   string // of phone numbers, as it was chosen; it stands in Mapping, too
	Columns  []string
	Trouble  error // the answers do not go together
}

// Result makes a mapping of the answers. Questions without one keep their guess, and stand in the mapping as not
// decided.
func (v *Interview) Result() *Result {
	if v.settled() {
		return &Result{Again: true}
	}
	t := v.table
	r := &Result{Encoding: v.answers["encoding"], Sheet: v.answers["sheet"], Columns: t.names, Region: v.options.Region}
	if d := v.options.Earlier; d != nil && v.answers["again"] == Yes {
		r.Encoding, r.Sheet, r.Region = cmp.Or(r.Encoding, d.Encoding), cmp.Or(r.Sheet, d.Sheet), cmp.Or(r.Region, d.Region)
	}
	if q := v.asked["sheet"]; q != nil {
		for _, o := range q.Options {
			if o.Value != r.Sheet {
				r.Passed = append(r.Passed, o.Value)
			}
		}
	}
	if region := v.answers["region"]; region != "" && region != None {
		r.Region = region
	}
	g := v.decided()
	if v.usesPreset() {
		said := map[int]*guess.Column{}
		for i := range g.Columns {
			if c := &g.Columns[i]; v.answers[columnID(c)] != "" {
				said[i] = c
			}
		}
		r.Mapping = mappings.WithRegion(guess.WithUndecided(t.base, t.text, t.names, t.rows, said), r.Region)
		if name := bind.PresetName(t.base); slices.Equal(r.Mapping, mappings.PresetFile(name)) {
			r.Preset, r.Mapping = name, nil
		}
		return r
	}
	r.Mapping = mappings.WithRegion(g.YAML(), r.Region)
	m, err := mappings.Parse("mapping", r.Mapping)
	if err == nil {
		_, err = m.Bind(t.names, mappings.BindOptions{})
	}
	r.Trouble = err
	return r
}

// Decision is the result as it is remembered for the next file of this shape. mapping is where it was written, ""
// nowhere.
func (r *Result) Decision(file, mapping string) *decision.Decision {
	d := &decision.Decision{File: file, Columns: r.Columns, Mapping: mapping, Encoding: r.Encoding, Sheet: r.Sheet}
	if mapping == "" { // else the mapping says it
		d.Mapping, d.Region = r.Preset, r.Region
	}
	return d
}

// Source is how the file is read with it.
func (r *Result) Source(o source.Options) source.Options {
	if r.Encoding != "" {
		o.Encoding = r.Encoding
	}
	if r.Sheet != "" {
		o.Sheet = r.Sheet
	}
	return o
}
