package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/report"
)

func (c *Config) acceptsDamage(code string) bool { return slices.Contains(c.AcceptDamage, code) }

// Unmoved stops an import, or its plan, of rows that stand under the columns of others.
func (s *Survey) Unmoved() error {
	if s.Moved == nil {
		return nil
	}
	place := fmt.Sprintf("%s line %d", s.Moved.File, s.Moved.Line)
	if s.Moved.Sheet != "" {
		place = fmt.Sprintf("%s, sheet %q, row %d", s.Moved.File, s.Moved.Sheet, s.Moved.Line)
	}
	return &outcome.GuardError{Guard: "header", Reason: place +
		" holds the header in another order, so rows below it stand under the wrong columns; nothing was sent",
		Fix: s.Moved.Fix}
}

// undamaged stops an import where a column by which customers are told apart is damaged.
func undamaged(list []report.Damage) error {
	var reasons, codes []string
	for i := range list {
		d := &list[i]
		if d.Verdict != profile.Stops {
			continue
		}
		reasons = append(reasons, fmt.Sprintf("column %q: %s (%d of %d cells)", d.Column, d.Meaning, d.Count, d.Of))
		if !slices.Contains(codes, d.Code) {
			codes = append(codes, d.Code)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return &outcome.GuardError{Guard: "damage", Reason: strings.Join(reasons, "; ") +
		": customers would be told apart wrongly; nothing was sent",
		Fix: "fix the columns as the report says; or let them pass with --accept-damage " + strings.Join(codes, ",") +
			" (accept-damage: [" + strings.Join(codes, ", ") + "] at a job of muster.yaml)"}
}
