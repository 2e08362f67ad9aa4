package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// firm is a company that rows of an endurance run name.
type firm struct {
	externalID, name string
	there            int    // how many of it the org has before
	foreign          string // the external id that the org's has, where rows do not say it
}

// employ gives the rows companies, and the org those that it is to have before. by names: rows say only what the
// company is called; else its external id and mostly its name.
func (e *endurance) employ(rng *rand.Rand, byName bool) error {
	for i := range 2 + rng.IntN(8) {
		f := &firm{name: fmt.Sprintf("Firm %d %d Longname", e.seed, i)}
		if !byName {
			f.externalID = fmt.Sprintf("F-%d-%d", e.seed, i)
		}
		switch k := rng.IntN(6); {
		case k < 2:
			f.there = 1
		case k == 2 && byName:
			f.there, f.foreign = 1, "name:"+strings.ToLower(f.name) // an earlier muster made it
		case k == 3 && byName:
			f.there = 2 // which of the two nobody can tell
		}
		for range f.there {
			body := map[string]any{"name": f.name}
			if id := f.externalID + f.foreign; id != "" {
				body["externalId"] = id
			}
			if _, err := e.post("/v1/companies", body); err != nil {
				return err
			}
		}
		e.firms = append(e.firms, f)
	}
	for _, p := range e.crowd {
		if rng.IntN(4) > 0 {
			p.firm = e.firms[rng.IntN(len(e.firms))]
			p.loud = rng.IntN(3) == 0
		}
	}
	e.clock.sleep(context.Background(), 2*time.Minute) // now the index has them
	return nil
}

// move gives some rows another company, as a feed does from one night to the next.
func (e *endurance) move(rng *rand.Rand) {
	for _, p := range e.crowd {
		if p.firm != nil && p.findable() && rng.IntN(5) == 0 {
			p.firm = e.firms[rng.IntN(len(e.firms))]
		}
	}
}

const firmColumns = "  firm: company.name\n  firm id: company.externalId\n"

// firmsByID says whether rows name companies by external ids.
func (e *endurance) firmsByID() bool { return len(e.firms) > 0 && e.firms[0].externalID != "" }

// called is how a row names its company.
func (p *person) called() (externalID, name string) {
	switch {
	case p.firm == nil:
		return "", ""
	case p.loud:
		return p.firm.externalID, strings.ToUpper(p.firm.name)
	}
	return p.firm.externalID, p.firm.name
}

func (e *endurance) dumpFirms() map[string]firmHeld {
	all, err := e.server.Companies(context.Background())
	if err != nil {
		e.fail("%v", err)
	}
	by := map[string]firmHeld{}
	for _, c := range all {
		h := firmHeld{Company: c}
		if err := json.Unmarshal(c.Document, &h); err != nil {
			panic(err)
		}
		by[c.ID] = h
	}
	return by
}

// firmHeld is what the org has of a company.
type firmHeld struct {
	sandbox.Company  `json:"-"`
	ExternalID, Name string
}

// is says whether this is the company that rows call f. Its name an org may have cut.
func (h firmHeld) is(f *firm) bool {
	return h.ExternalID == companyKey(f) || f.externalID == "" && strings.EqualFold(h.Name, f.name)
}

// auditFirms holds the org's companies against the rows: none is there twice, none that no row asks for.
func (e *endurance) auditFirms(wrong func(string, ...any)) {
	now := e.dumpFirms()
	for id, h := range now {
		if _, before := e.firmsBefore[id]; !before && !e.asked(h) {
			wrong("the org has a new company %s %q %q that no row asks for", id, h.ExternalID, h.Name)
		}
	}
	for _, f := range e.firms {
		n := 0
		for _, h := range now {
			if h.is(f) {
				n++
			}
		}
		if most := max(1, f.there); n > most && !e.astray(f) {
			wrong("the org has %q %d times", f.name, n)
		}
	}
}

// asked says whether a row that may be sent asks for a company.
func (e *endurance) asked(h firmHeld) bool {
	for _, p := range e.crowd {
		if p.firm != nil && !p.invalid && h.is(p.firm) {
			return true
		}
	}
	return false
}

// astray says whether a search for a company may have left one out: such an org lets another of its name be made.
func (e *endurance) astray(f *firm) bool {
	return f.externalID+f.foreign == "" && e.rates["search-stale"] > 0
}

// unlinked says whether a customer whose row landed is not of the company that the row names.
func (e *endurance) unlinked(p *person, c sandbox.Customer) string {
	if p.firm == nil || len(e.firms) == 0 {
		return ""
	}
	var has struct{ Company string }
	if err := json.Unmarshal(c.Document, &has); err != nil {
		panic(err)
	}
	held, there := e.dumpFirms()[has.Company]
	f := p.firm
	switch {
	case has.Company == "" && e.rates["rival-edits"] > 0:
		return "" // an update of somebody else's that does not say it un-links it
	case has.Company == "":
		return "the customer has no company"
	case !there || !held.is(f):
		return "the customer is of another company: " + held.Name
	case f.foreign != "" && held.ExternalID != f.foreign, f.externalID == "" && f.there > 0 &&
		e.firmsBefore[held.ID].Name == "" && !e.astray(f):
		return "the customer is not of the company that was there"
	case f.there > 1 && !e.astray(f):
		return "nobody can tell which company is meant"
	}
	return ""
}

// unjustFirm says why a row should not have been rejected for its company.
func (e *endurance) unjustFirm(p *person, row report.OutcomeRow) string {
	switch {
	case p.firm == nil:
		return "it names no company"
	case row.Code == "identity.company" && p.firm.there < 2:
		return "there is one company of that name at most"
	case row.Code == "kustomer.company" && (p.firm.there == 0 || e.astray(p.firm)) &&
		e.server.Unwelcome(companyKey(p.firm)):
		return ""
	case row.Code == "kustomer.company":
		return "the org had no reason to refuse the company"
	}
	return ""
}

// companyKey is the external id under which muster makes a company.
func companyKey(f *firm) string {
	if f.externalID != "" {
		return f.externalID
	}
	return "name:" + strings.ToLower(f.name)
}
