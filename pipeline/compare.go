package pipeline

import (
	"context"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
)

// A survey that has found identities which several rows share looks at those rows again, in the order of the input, and
// at no others: which of them are one customer hangs on their names, their other identities, and what they say.

// compare looks at the rows that share identities, and amends what the survey said of those that are not the first of
// their customer.
func (s *surveyor) compare(ctx context.Context, shares *dedupe.Shares) error {
	defer shares.Close()
	if !shares.Some() {
		return nil
	}
	s.closeReaders()
	defer s.closeReaders()
	resolver := dedupe.NewResolver(s.Dir)
	s.Config.Progress.Phase("compare", s.survey.Rows)
	defer s.Config.Progress.Done()
	err := s.flow(ctx, pass{checker: s.comparer, shares: shares, pick: s.pick}, func(w *block.Block) error {
		if w.Gone {
			return bind.ErrInputChanged
		}
		rest := w.Shares
		for i := range w.Portraits {
			p := &w.Portraits[i]
			n := 0
			for n < len(rest) && rest[n].Ordinal == p.Ordinal {
				n++
			}
			v, err := resolver.Take(p, rest[:n])
			rest = rest[n:]
			if err == nil && v.Noted() {
				err = s.roll.amend(judgedRow(w, &v, s.Inputs), p.Faulty)
			}
			if !v.Stays() {
				s.survey.Fit--
			}
			if err != nil {
				return err
			}
		}
		s.Config.Progress.Step(w.First + int64(len(w.Parsed.Rows)))
		return nil
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		resolver.Close()
		return err
	}
	s.survey.Damages = profile.WorstFirst(append(s.survey.Damages,
		profile.Shared(resolver.Common(), s.Inputs, s.survey.Rows, s.Config.acceptsDamage)...))
	s.survey.Verdicts, err = resolver.Verdicts()
	return err
}

// comparer makes a checker that looks only at what tells customers apart.
func (s *surveyor) comparer() *check.Checker {
	return check.New(check.Options{Seeds: s.seeds, Compared: s.Inputs})
}

// pick finds the rows of a block that share identities; false where none does.
func (s *surveyor) pick(w *block.Block, shares *dedupe.Shares, block int) (some bool, err error) {
	if block >= len(s.blocks) {
		return false, bind.ErrInputChanged
	}
	w.First = s.blocks[block]
	end := s.survey.Rows
	if block+1 < len(s.blocks) {
		end = s.blocks[block+1]
	}
	w.Shares, err = shares.Before(end, w.Shares[:0])
	return len(w.Shares) > 0, err
}

// judgedRow is the outcome of a row that was looked at again. Its cells are those of the block.
func judgedRow(w *block.Block, v *dedupe.Verdict, inputs []*bind.Input) *block.Outcome {
	row := &w.Parsed.Rows[v.Ordinal-w.First]
	o := &block.Outcome{Ordinal: v.Ordinal, Table: w.Table, Line: row.Line, Number: row.Number, Status: outcome.Unsent}
	o.Judge(v, inputs)
	if o.Status == outcome.Invalid {
		o.Cells = row.Cells
	}
	return o
}
