package pipeline

import (
	"fmt"
	"time"
)

// forecast says what the second pass is going to cost: one request to submit a batch, one to read
// its results.
func (r *run) forecast() string {
	requests := 2 * ((r.fit + 99) / 100)
	b := r.config.Org.Client.Budget()
	line := fmt.Sprintf("rows fit to be sent: %d; about %d requests", r.fit, requests)
	if b.Granted > 0 {
		line += fmt.Sprintf(", %s at %d of the org's %d requests a minute",
			roundMinutes(float64(requests)/float64(b.Granted)), int64(b.Granted), b.Limit)
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

// bytesBefore gives a function that says how many bytes have been read when an input is under way.
func (r *run) bytesBefore() func(input int) int64 {
	return func(input int) int64 {
		done := int64(0)
		for _, in := range r.inputs[:input] {
			done += in.Size
		}
		if reader := r.inputs[input].Reader; reader != nil {
			done += reader.Offset()
		}
		return done
	}
}
