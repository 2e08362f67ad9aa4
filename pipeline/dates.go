package pipeline

import (
	"context"
	"errors"

	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// errOpenDates ends a survey that has met a date which is not ISO 8601 in a column whose layout nobody has
// said: the whole column must be looked at first. Files whose dates are ISO 8601 are read once only.
var errOpenDates = errors.New("dates of a layout that nobody has said")

// survey is the first pass: every row is read, mapped and validated, and the dedup index finds which rows
// are the same customer. Nothing is sent.
func (r *run) survey(ctx context.Context) (*Reconciler, error) {
	if r.config.Watch != nil { // a watch must see every row once
		if err := r.settleDates(ctx); err != nil {
			return nil, err
		}
	}
	reconciler, err := r.surveyAll(ctx)
	if !errors.Is(err, errOpenDates) {
		return reconciler, err
	}
	if _, err := reconciler.files.Close(r.read); err != nil {
		return nil, err
	}
	if err := errors.Join(reconciler.closeAnnotated(&report.Summary{}), r.settleDates(ctx)); err != nil {
		return nil, err
	}
	return r.surveyAll(ctx)
}

// settleDates looks at the columns of dates whose layout nobody has said, in every input, and binds the
// inputs anew with what they show. The error is *AmbiguousDates, one for each such column, in a *UsageError.
func (r *run) settleDates(ctx context.Context) error {
	r.closeReaders()
	var mistakes []error
	for _, in := range r.inputs {
		var open *bind.AmbiguousDates
		said, err := in.SettleDates(ctx)
		switch {
		case errors.As(err, &open):
			mistakes = append(mistakes, err)
		case err != nil:
			return err
		}
		for _, line := range said {
			r.config.Progress.Say(line)
		}
	}
	r.closeReaders()
	if err := errors.Join(mistakes...); err != nil {
		return &outcome.UsageError{Err: err}
	}
	return ctx.Err()
}
