package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/link"
	"muster/pipeline/lookup"
)

// forecast is what the second pass is expected to cost, and how often it was corrected.
type forecast struct {
	requests, rows int64 // of the pass
	before         int64 // requests made by then
	told           int
}

// foresee says what the second pass is expected to cost: what reading comes to by the sum of those who read, and two
// requests for each batch.
func (m *importing) foresee(ctx context.Context, r *Running, d *deliver.Identifier, readings *lookup.Reader) (string,
	error) {
	f, err := m.foreseen(ctx, r, d)
	if err != nil {
		return "", err
	}
	if f.Demand, err = readings.Expect(ctx, f.Whom()); err != nil {
		return "", err
	}
	b := m.org.Client.Budget()
	cost := f.Cost(b)
	m.forecast = forecast{requests: int64(cost.Requests), rows: r.Survey.Rows, before: b.Requests}
	line := fmt.Sprintf("rows fit to be sent: %d; about %d requests", r.Survey.Fit, cost.Requests)
	if b.Granted > 0 {
		minutes := float64(cost.Requests) / b.Granted
		searching := b.Searches > 0 && float64(cost.Searches)/b.Searches > minutes
		if searching {
			minutes = float64(cost.Searches) / b.Searches
		}
		line += fmt.Sprintf(", %s at %d of the org's %d requests a minute", roundMinutes(minutes), int64(b.Granted), b.Limit)
		if searching {
			line += fmt.Sprintf("; %d of them are searches, of which there are %d a minute", cost.Searches, int64(b.Searches))
		}
	}
	if f.Unsure > 0 {
		line += fmt.Sprintf("; %d rows must be looked at first, and each hundred of them that differ take two more", f.Unsure)
	}
	return line, nil
}

// foreseen counts what the rows will need. Where the ledger knows nobody of the org, and no row names its customer by
// the org's own id, each is sent.
func (m *importing) foreseen(ctx context.Context, r *Running, d *deliver.Identifier) (f deliver.Needs, err error) {
	horizon := m.config.Now().Add(-lookup.IndexLag)
	if f.Among, f.LateAmong, err = m.ledger.Knows(m.org.ID(), horizon); err != nil {
		return f, err
	}
	if f.Among == 0 && !slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool { return in.Table.Named }) ||
		m.config.Plan != "" {
		f.Sent, f.Load = int(r.Survey.Customers), r.Survey.Load
		return f, nil
	}
	err = r.Rows(ctx, Stretch{}, nil, func(w *block.Block) error { return d.Foresee(&f, w, r.Inputs, horizon) })
	return f, errors.Join(err, d.Again())
}

const (
	// overrun is by how many requests a forecast must be exceeded, beyond a quarter of it, to be corrected.
	overrun = 20
	// corrections is how often it is.
	corrections = 3
)

// exceeded says what the pass will cost after all, and why; "" as was said. done are the rows that have their outcome.
func (f *forecast) exceeded(done int64, b kustomer.Budget, recent int64, barred bool) string {
	used := b.Requests - f.before
	if done == 0 || done >= f.rows || f.told == corrections || used <= f.requests+f.requests/4+overrun {
		return ""
	}
	said := f.requests
	f.told++
	f.requests = max(used, int64(float64(used)*float64(f.rows)/float64(done)))
	line := fmt.Sprintf("more requests than the %d that were foreseen: %d for %d of %d rows, so about %d in all", said,
		used, done, f.rows, f.requests)
	if b.Granted > 0 {
		line += fmt.Sprintf(", and the rest takes %s", roundMinutes(float64(f.requests-used)/b.Granted))
	}
	switch {
	case barred:
		line += "; the key may not search, so each customer is read by itself: a key with the role " +
			kustomer.InWords(link.RoleSearch) + " needs fewer"
	case recent > 0:
		line += fmt.Sprintf("; within ten minutes of a write the search is not believed, so %d customers were read one by "+
			"one: begun ten minutes later it needs fewer", recent)
	case b.Throttled > 0:
		line += fmt.Sprintf("; the org answered %d of them with 429, and they were sent again", b.Throttled)
	default:
		line += "; customers that the org has were read before they were changed, or what was sent had to be asked about " +
			"again"
	}
	return line
}

func roundMinutes(m float64) string {
	d := time.Duration(m * float64(time.Minute))
	if d < 10*time.Second {
		return "seconds"
	}
	return d.Round(time.Second).String()
}

// named says whether every row names its customer by Kustomer's own id.
func (r *Running) named() bool {
	return !slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool {
		return slices.ContainsFunc(in.Table.Sheets, func(t *bind.Table) bool { return !t.Named })
	})
}
