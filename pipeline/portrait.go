package pipeline

import (
	"context"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
)

// A survey that has found identities which several rows share looks at those rows again, in the order of the input, and
// at no others: which of them are one customer hangs on their names, their other identities, and what they say.

// pass is one going through the inputs.
type pass struct {
	payloads bool           // every fit row is encoded
	shares   *dedupe.Shares // only the rows that share identities are looked at; nil: all rows are
}

// compare looks at the rows that share identities, and amends what the survey said of those that are not the first of
// their customer.
func (r *run) compare(ctx context.Context, shares *dedupe.Shares, reconciler *Reconciler) error {
	defer shares.Close()
	if !shares.Some() {
		return nil
	}
	r.closeReaders()
	defer r.closeReaders()
	resolver := dedupe.NewResolver(r.dir)
	r.config.Progress.Phase("compare", r.read)
	defer r.config.Progress.Done()
	err := r.flow(ctx, pass{shares: shares}, func(w *block.Block) error {
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
			if err == nil && v.Relation != dedupe.Kept {
				err = reconciler.amend(judgedRow(w, &v, r.inputs))
				r.fit--
			}
			if err != nil {
				return err
			}
		}
		r.config.Progress.Step(w.First + int64(len(w.Parsed.Rows)))
		return nil
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		resolver.Close()
		return err
	}
	r.damaged = profile.WorstFirst(append(r.damaged, profile.Shared(resolver.Common(), r.inputs, r.read, r.config.acceptsDamage)...))
	r.verdicts, err = resolver.Verdicts()
	return err
}

// pick finds the rows of a block that share identities; false where none does.
func (r *run) pick(w *block.Block, shares *dedupe.Shares, block int) (some bool, err error) {
	if block >= len(r.blocks) {
		return false, bind.ErrInputChanged
	}
	w.First = r.blocks[block]
	end := r.read
	if block+1 < len(r.blocks) {
		end = r.blocks[block+1]
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
