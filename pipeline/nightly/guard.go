package nightly

import (
	"errors"
	"fmt"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
)

// guard is the feed guard: it watches a survey, compares it with the nights before, and stops what a rule says must be
// stopped before anything is sent.
type guard struct {
	*jobRun
	keySet *keySet
	passed bool // the file was let through before: its run is taken up again
	unsure int64
	shape  shape
	gone   int64 // customers of the last file who are not in this one
}

// Row enters a row's customer among the keys of tonight's file.
func (g *guard) Row(key ledger.KeyHash, sure bool) error {
	if !sure {
		g.unsure++
	}
	if key == (ledger.KeyHash{}) {
		return nil
	}
	return g.keySet.add(key)
}

// Surveyed has the last word before anything is sent.
func (g *guard) Surveyed(s *pipeline.Survey) error {
	g.shape = shapeOf(s, g.Now())
	if err := g.keySet.sort(); err != nil {
		return err
	}
	var err error
	if g.job.OnMissing.Act != "ignore" {
		g.gone, err = g.vanished(nil)
	}
	if err != nil {
		return err
	}
	if err := g.judge(); err != nil {
		return err
	}
	g.memory.Attempt = &attempt{Run: s.Run, At: g.Now().UTC(), Taken: g.taken, Shape: g.shape}
	g.result.Run = s.Run
	return errors.Join(g.memory.keep(g.ledger, g.job.Name), g.result.note(g.ledger))
}

// judge compares, and returns a *pipeline.GuardError where a rule stops the night.
func (g *guard) judge() error {
	if g.passed {
		return nil
	}
	found := drift(&g.job.Guards, unveiled(g.memory.Good, &g.shape, g.veil), &g.shape)
	if f := g.massMissing(); f != nil {
		found = append(found, *f)
	}
	var stops []Finding
	for _, f := range found {
		g.result.Findings = append(g.result.Findings, f)
		if f.Rule == config.Stop {
			stops = append(stops, f)
			continue
		}
		g.log.Warn("the feed has changed", "guard", f.Guard, "says", f.Says)
		g.result.Says = append(g.result.Says, "warning: "+f.Says)
		g.result.became("warned")
	}
	if len(stops) == 0 {
		return nil
	}
	if stops[0].Guard == "empty" { // which no night after it could be held against
		return &outcome.GuardError{Guard: stops[0].Guard, Reason: says(stops),
			Fix: "have the file sent again; guards: {empty: warn} lets files without rows pass"}
	}
	g.memory.Stopped = &stopped{At: g.Now().UTC(), Findings: stops, Shape: g.shape.veiled(g.memory.Good, g.veil),
		Missing: g.gone}
	g.result.Next = append(g.result.Next, "muster accept-drift "+g.job.Name)
	return &outcome.GuardError{Guard: stops[0].Guard, Reason: says(stops)}
}

// fewMissing is how many customers may always vanish: of a small list one is soon more than a percent.
const fewMissing = 5

// massMissing is the mass-change guard: more customers vanished than may be tagged or deleted in one night.
func (g *guard) massMissing() *Finding {
	m := g.job.OnMissing
	if m.Act != "tag" && m.Act != "delete" || g.gone <= max(fewMissing, g.memory.Missing) {
		return nil
	}
	share := 100 * float64(g.gone) / float64(max(1, g.keySet.before))
	if share <= m.AtMost {
		return nil
	}
	return &Finding{"missing", config.Stop, fmt.Sprintf("%d customers (%.1f %%) are not in the file any more, and at "+
		"most %v %% may be %s in one night",
		g.gone, share, m.AtMost, map[string]string{"tag": "tagged", "delete": "deleted"}[m.Act])}
}
