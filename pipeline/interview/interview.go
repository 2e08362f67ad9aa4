package interview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/bind"
	"muster/pipeline/decision"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// Options are what is known beforehand.
type Options struct {
	Source    source.Options
	Region    string             // of phone numbers; "": it is asked for where they need one
	NoPresets bool               // a known export is guessed like any other file
	Beside    string             // a mapping file that lies beside the file already; "": none, or it is not to be used
	Earlier   *decision.Decision // what was decided of a file with nearly these columns; nil: nothing
}

// An Interview is about one file. Its methods belong to one goroutine.
type Interview struct {
	file    string
	options Options
	answers map[string]string
	asked   map[string]*Question // those that were answered, as they were put
	trail   []string             // questions answered, in order

	loaded string // what the table was read with
	table  *table
}

// A table is what was read of the file, as the answers so far say.
type table struct {
	trouble *source.Error // it cannot be read before its encoding is known
	sheets  []*source.Header
	header  *source.Header
	names   []string
	rows    [][]string
	// of the system whose export it is, or of what was decided earlier; nil: the columns are guessed
	base  *mappings.Mapping
	text  []byte  // of base
	sure  float64 // that it is that system's
	guess *guess.Guess
}

// New begins an interview; nothing is read yet.
func New(file string, o Options) *Interview {
	return &Interview{file: file, options: o, answers: map[string]string{}, asked: map[string]*Question{}}
}

// Questions are all that are to be asked, answered or not, as far as the answers so far show: an answer can bring new
// ones. The error is of reading the file.
func (v *Interview) Questions(ctx context.Context) ([]*Question, error) {
	var list []*Question
	add := func(q *Question) bool {
		if q == nil {
			return true
		}
		own := *q
		own.Answer = v.answers[q.ID]
		list = append(list, &own)
		return own.Answer != ""
	}
	if !add(v.again()) || v.settled() {
		return list, nil
	}
	if err := v.load(ctx); err != nil {
		return nil, err
	}
	if v.table.trouble != nil {
		add(v.encoding())
		return list, nil
	}
	add(v.asked["encoding"])
	if !add(v.sheet()) || !add(v.known()) {
		return list, nil
	}
	for _, q := range v.columns() {
		add(q)
	}
	for _, q := range v.names() {
		add(q)
	}
	add(v.country())
	return list, nil
}

// settled says whether a mapping that lies beside the file is used as it is.
func (v *Interview) settled() bool { return v.answers["again"] == Yes && v.options.Beside != "" }

// takeEarlier takes what was decided of a file with nearly these columns for what is known of this one.
func (v *Interview) takeEarlier(t *table) {
	d := v.options.Earlier
	if d == nil || v.answers["again"] != Yes {
		return
	}
	text := mappings.PresetFile(d.Rules())
	if text == nil {
		var err error
		if text, err = trust.ReadText(d.Rules()); err != nil {
			return // it is asked anew
		}
	}
	text = mappings.WithoutMissing(text)
	if m, err := mappings.Parse(d.Rules(), text); err == nil {
		t.base, t.text, t.sure = m, text, 0
	}
}

// Next is the first question without an answer, which number it has and how many there are; nil: all are answered.
func (v *Interview) Next(ctx context.Context) (q *Question, number, of int, err error) {
	list, err := v.Questions(ctx)
	for i, q := range list {
		if q.Answer == "" {
			return q, i + 1, len(list), err
		}
	}
	return nil, 0, len(list), err
}

// Answer answers a question; "" takes its default. The error says why that is no answer.
func (v *Interview) Answer(q *Question, answer string) error {
	if answer == "" {
		answer = q.Default
	}
	if answer == "" {
		return errors.New("choose one: nothing in the file says which it is")
	}
	if err := q.check(answer); err != nil {
		return err
	}
	answer, err := v.sound(q, answer)
	if err != nil {
		return err
	}
	v.answers[q.ID], v.asked[q.ID] = answer, q
	v.trail = append(v.trail, q.ID)
	return nil
}

// sound is an answer as it is kept. The error says why it cannot be.
func (v *Interview) sound(q *Question, answer string) (string, error) {
	head, place, _ := strings.Cut(q.ID, ":")
	switch {
	case head == "column":
		if err := v.try(place, answer); err != nil {
			return "", err
		}
	case q.ID == "region" && answer != None:
		code := mappings.CountryCode(answer)
		if code == "" {
			return "", fmt.Errorf("%q is no country: write two letters such as NL, or its name", answer)
		}
		return code, nil
	}
	return answer, nil
}

// Back takes the last answer back; false: there is none.
func (v *Interview) Back() bool {
	if len(v.trail) == 0 {
		return false
	}
	last := v.trail[len(v.trail)-1]
	v.trail = v.trail[:len(v.trail)-1]
	delete(v.answers, last)
	delete(v.asked, last)
	return true
}

// source is how the file is read, as the answers say.
func (v *Interview) source() source.Options {
	o := v.options.Source
	if d := v.options.Earlier; d != nil && v.answers["again"] == Yes {
		o.Encoding, o.Sheet = cmp.Or(o.Encoding, d.Encoding), cmp.Or(o.Sheet, d.Sheet)
	}
	if e := v.answers["encoding"]; e != "" {
		o.Encoding = e
	}
	if s := v.answers["sheet"]; s != "" {
		o.Sheet = s
	}
	return o
}

// load reads the file, unless that was done with the answers as they are.
func (v *Interview) load(ctx context.Context) error {
	o := v.source()
	key := o.Encoding + "\x00" + o.Sheet + "\x00" + v.answers["again"]
	if v.table != nil && v.loaded == key {
		return nil
	}
	t, err := read(ctx, v.file, o)
	if err != nil {
		return err
	}
	if t.trouble == nil {
		if m, sure := mappings.Recognise(t.names); m != nil && sure >= mappings.Sure && !v.options.NoPresets {
			t.base, t.text, t.sure = m, mappings.PresetFile(bind.PresetName(m)), sure
		}
		v.takeEarlier(t)
		t.guess = guess.Infer(t.names, t.rows, guess.Options{Region: v.options.Region, File: filepath.Base(v.file)})
	}
	v.table, v.loaded = t, key
	return nil
}

// read reads the header and the first rows of the first table. A file whose encoding is in doubt is no error.
func read(ctx context.Context, file string, o source.Options) (*table, error) {
	reader, err := bind.OpenSource(ctx, file, nil, o)
	var trouble *source.Error
	if errors.As(err, &trouble) && len(trouble.Readings) > 1 {
		return &table{trouble: trouble}, nil
	}
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	t := &table{header: reader.Header(), names: bind.OwnNames(reader.Header())}
	if several, is := reader.(source.Tables); is {
		t.sheets = several.Headers()
	}
	var chunk source.Chunk
	var block source.Block
	for len(t.rows) < bind.SampleRows {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		reader.Parse(&chunk, &block)
		if block.Header.Sheet != t.header.Sheet {
			continue
		}
		if own := bind.OwnNames(block.Header); len(own) > len(t.names) {
			t.names = own
		}
		for i := range block.Rows {
			row := &block.Rows[i]
			if row.Code != "" {
				continue
			}
			cells := make([]string, len(row.Cells))
			for k, cell := range row.Cells {
				cells[k] = string(cell)
			}
			t.rows = append(t.rows, cells)
		}
	}
	t.names = slices.Clone(t.names)
	return t, nil
}
