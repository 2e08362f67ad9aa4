package pipeline

import (
	"strings"
	"time"

	"muster/pipeline/report"
)

// momentsKept is how many moments of a run are remembered at most: enough for a line as wide as a page.
const momentsKept = 240

// throughput remembers how far a run was at which moment, at first every quarter of a second, and half as
// often each time there are too many. It belongs to one goroutine.
type throughput struct {
	began   time.Time
	every   time.Duration
	moments []report.Moment
}

// beat notes how far the run is: rows that have their outcome, and requests made.
func (p *throughput) beat(now time.Time, rows, requests int64) {
	if p.began.IsZero() {
		p.began, p.every = now, 250*time.Millisecond
	}
	at := now.Sub(p.began)
	if n := len(p.moments); n > 0 && at.Seconds()-p.moments[n-1].Seconds < p.every.Seconds() {
		return
	}
	p.moments = append(p.moments, report.Moment{Seconds: at.Seconds(), Rows: rows, Requests: requests})
	if len(p.moments) < momentsKept {
		return
	}
	p.every *= 2
	kept := p.moments[:0]
	for i := 0; i < len(p.moments); i += 2 {
		kept = append(kept, p.moments[i])
	}
	p.moments = kept
}

// apiHost is how the hosts of orgs end (https://developer.kustomer.com/docs/get-started/regions-and-base-urls);
// the pages that people work with are on the same name without the api.
const apiHost = ".api.kustomerapp.com"

// pages leads to the customers' pages, where the org has any: the built-in org has none.
func (o *Org) pages(list []report.Customer) []report.Customer {
	name, ok := strings.CutSuffix(o.Host, apiHost)
	if !ok || name == "" {
		return nil
	}
	for i := range list {
		list[i].URL = "https://" + name + ".kustomerapp.com/app/customers/" + list[i].ID
	}
	return list
}
