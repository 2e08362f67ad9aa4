package pipeline

import (
	"fmt"
	"slices"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
)

// forecast is what the second pass is expected to cost, and how often it was corrected.
type forecast struct {
	requests, rows int64 // of the pass
	before         int64 // requests made by then
	told           int
}

// foresee expects one request to submit a batch, one to read its results. Of rows that name customers by Kustomer's own
// id, as an export's do, each hundred takes one to be read, and those two only where they differ.
func (m *importing) foresee(s *Survey, named bool) string {
	b, rows, fit := m.org.Client.Budget(), s.Rows, s.Fit
	batches := (s.Customers + kustomer.MaxItems - 1) / kustomer.MaxItems
	m.forecast = forecast{requests: 2*batches + s.Load.Requests(), rows: rows, before: b.Requests}
	line := fmt.Sprintf("rows fit to be sent: %d; about %d requests", fit, m.forecast.requests)
	if named {
		m.forecast.requests = 3 * batches
		line = fmt.Sprintf("rows fit to be sent: %d; about %d requests to read what the org has of them, and 2 for each 100 "+
			"that differ", fit, batches)
	}
	if b.Granted > 0 {
		line += fmt.Sprintf(", %s at %d of the org's %d requests a minute",
			roundMinutes(float64(m.forecast.requests)/float64(b.Granted)), int64(b.Granted), b.Limit)
	}
	return line
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
			kustomer.InWords(deliver.RoleSearch) + " needs fewer"
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
