package pipeline

import (
	"context"
	"errors"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// errOpenDates ends a survey that has met a date which is not ISO 8601 in a column whose layout nobody has
// said: the whole column must be looked at first. Files whose dates are ISO 8601 are read once only.
var errOpenDates = errors.New("dates of a layout that nobody has said")

// survey is the first pass: every row is read, mapped and validated, and the dedup index finds which rows
// are the same customer. Nothing is sent. Behind it the gate has the word.
func (r *Running) survey(ctx context.Context) error {
	if r.Config.Watch != nil { // a watch must see every row once
		if err := r.settleDates(ctx); err != nil {
			return err
		}
	}
	err := r.surveyOnce(ctx)
	if !errors.Is(err, errOpenDates) {
		return err
	}
	begun := r.roll
	r.roll = nil
	if _, err := begun.files.Close(begun.read); err != nil {
		return err
	}
	if err := errors.Join(begun.closeAnnotated(&report.Summary{}), r.settleDates(ctx)); err != nil {
		return err
	}
	return r.surveyOnce(ctx)
}

// surveyor goes the survey's way once.
type surveyor struct {
	*Running
	survey  *Survey
	index   *dedupe.Index
	ruled   *dedupe.Index // of what must differ by rules of the mappings; nil: no row has any
	seen    profile.Tables
	damages []*profile.Detector // of the checkers
	blocks  []int64             // ordinals of the first rows of the blocks that were read
}

// surveyOnce goes the survey's way once. The error is errOpenDates where it must be begun again.
func (r *Running) surveyOnce(ctx context.Context) (err error) {
	if r.roll, err = r.reconciler(); err != nil {
		return err
	}
	s := &surveyor{Running: r, survey: &Survey{Run: r.Run, Columns: &report.Columns{}}, index: dedupe.NewIndex(r.Dir)}
	r.Survey = s.survey
	defer func() { s.survey.Profiles = s.seen.Ended() }()
	r.phase("read")
	total := r.bytesBefore()
	err = r.flow(ctx, pass{checker: s.checker}, func(w *block.Block) error {
		if err := s.take(w); err != nil {
			return err
		}
		r.Config.Progress.Step(total(w.Input))
		return nil
	})
	r.Config.Progress.Done()
	defer s.index.Close()
	defer s.closeRuled()
	if errors.Is(err, errOpenDates) {
		return err
	}
	s.survey.Damages = profile.Judged(s.damages, r.Inputs, r.Config.acceptsDamage)
	if ctx.Err() == nil {
		s.survey.Ended = true
		shares, searchErr := s.shares()
		if searchErr == nil {
			searchErr = s.compare(ctx, shares)
		}
		err = errors.Join(err, searchErr)
	}
	s.survey.Invalid, s.survey.Profiles = r.roll.count(outcome.Invalid), s.seen.Ended()
	return err
}

// checker makes one of a worker's own.
func (s *surveyor) checker() *check.Checker {
	o := check.Options{Seeds: s.seeds, Watched: s.Config.Watch != nil, Damage: profile.NewDetector(),
		Sized:   s.Config.Org != nil,
		Encoder: s.roll.encoder.Another()}
	s.damages = append(s.damages, o.Damage)
	return check.New(o)
}

// take takes a block that was checked; blocks come in the order of the input.
func (s *surveyor) take(w *block.Block) error {
	if w.Open {
		return errOpenDates
	}
	before := s.survey.Rows
	s.blocks = append(s.blocks, before)
	s.Inputs[w.Input].Count(w.Parsed.Header.Sheet, int64(len(w.Rows)), w.Parsed.Blank)
	s.seen.Add(w.Table, &w.Profile)
	failed := errors.Join(s.mode.Look(s.Running, w, before), s.enter(w)) // the rows are counted all the same
	begun, err := s.mode.Begun(before, before+int64(len(w.Rows)))
	if err != nil {
		return err
	}
	s.roll.begun = begun
	failed = errors.Join(failed, s.roll.Take(w, before))
	s.survey.Rows += int64(len(w.Rows))
	s.roll.read = s.survey.Rows
	return failed
}

// enter enters the fit rows of a block in the dedup index.
func (s *surveyor) enter(w *block.Block) error {
	for i := range w.Rows {
		row := &w.Rows[i]
		if row.Status != outcome.Unsent {
			if s.survey.Moved == nil && w.Parsed.Rows[i].Code == source.HeaderMoved {
				s.survey.Moved = &report.Moved{File: w.Parsed.Header.File, Sheet: w.Parsed.Header.Sheet,
					Line: w.Parsed.Rows[i].Line, Fix: s.roll.encoder.Registered[source.HeaderMoved].Fix}
			}
			continue
		}
		s.survey.Fit++
		if k := w.Table.Kind; k != nil {
			s.survey.Load.Makes(k, s.survey.Rows+int64(i), row.Size, row.Ends)
		} else {
			s.survey.Customers++
		}
		if err := s.index.Add(s.survey.Rows+int64(i), w.Hashes[row.Hashes.From:row.Hashes.To]); err != nil {
			return err
		}
		if row.Ruled.To > row.Ruled.From {
			if s.ruled == nil {
				s.ruled = dedupe.NewIndex(s.Dir)
			}
			if err := s.ruled.Add(s.survey.Rows+int64(i), w.Ruled[row.Ruled.From:row.Ruled.To]); err != nil {
				return err
			}
		}
	}
	return nil
}

// shares are what rows have in common: identities, and what must differ by rules of the mappings.
func (s *surveyor) shares() (*dedupe.Shares, error) {
	shares, err := s.search(s.index)
	if err != nil || s.ruled == nil {
		return shares, err
	}
	ruled, err := s.search(s.ruled)
	if err != nil {
		shares.Close()
		return nil, err
	}
	shares.With(ruled)
	return shares, nil
}

func (s *surveyor) closeRuled() {
	if s.ruled != nil {
		s.ruled.Close()
	}
}

// settleDates looks at the columns of dates whose layout nobody has said, in every input, and binds the
// inputs anew with what they show. The error is *AmbiguousDates, one for each such column, in a *UsageError.
func (r *Running) settleDates(ctx context.Context) error {
	r.closeReaders()
	var mistakes []error
	for _, in := range r.Inputs {
		var open *bind.AmbiguousDates
		said, err := in.SettleDates(ctx)
		switch {
		case errors.As(err, &open):
			mistakes = append(mistakes, err)
		case err != nil:
			return err
		}
		for _, line := range said {
			r.Config.Progress.Say(line)
		}
	}
	r.closeReaders()
	if err := errors.Join(mistakes...); err != nil {
		return &outcome.UsageError{Err: err}
	}
	return ctx.Err()
}
