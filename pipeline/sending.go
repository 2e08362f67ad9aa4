package pipeline

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// canary is that of the run; nil where none is asked for, or where this mapping has been proven in this org before.
func (r *run) canary() (*deliver.Canary, error) {
	c := r.config
	if !c.Canary {
		return nil, nil
	}
	name := fmt.Sprintf("canary %s %s", c.Org.ID(), hex.EncodeToString(r.identity))
	proven, err := r.ledger.Memo(name)
	if err != nil || proven != nil {
		return nil, err
	}
	without := "--no-canary"
	if c.Command == "run" {
		without = "canary: false"
	}
	c.Progress.Say("the first import with this mapping: 1, 10 and 100 customers are read back before the rest is sent (" + without + ")")
	return deliver.NewCanary(func() error { return r.ledger.Remember(name, []byte(r.id)) }), nil
}

// link has the rows of w linked to their companies, where somebody is there to do it and payloads were made.
func (r *run) link(ctx context.Context, w *block.Block, payloads bool) error {
	if r.linker == nil || !payloads {
		return nil
	}
	return r.linker.Link(ctx, w)
}

// companyRoles refuses a key that could not find and make the companies that the inputs name.
func (r *run) companyRoles() error {
	org := r.config.Org
	if org == nil || len(org.Token.Roles) == 0 {
		return nil
	}
	needs := map[string]bool{}
	for _, in := range r.inputs {
		for _, t := range in.Table.Sheets {
			if t.Links {
				needs[deliver.RoleCompanyRead], needs[deliver.RoleCompanyCreate] = true, true
			}
		}
	}
	var missing []string
	for _, role := range []string{deliver.RoleCompanyRead, deliver.RoleCompanyCreate} {
		if needs[role] && !org.Token.Has(role) {
			missing = append(missing, role)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return kustomer.LacksRole("link customers to companies", missing...)
}

// openPlanned opens the plan that the run was told to carry out; nil: none.
func (r *run) openPlanned() (*deliver.Planned, error) {
	if r.config.Plan == "" {
		return nil, nil
	}
	rows, err := report.OpenPlan(r.config.Plan)
	if err != nil {
		return nil, err
	}
	if rows.Head.OrgID != r.config.Org.ID() {
		rows.Close()
		return nil, fmt.Errorf("%s is %w", r.config.Org.Host, outcome.ErrOtherOrg)
	}
	return &deliver.Planned{Rows: rows}, nil
}

// planOf names the plan in the fingerprint of a run: carrying it out twice is one run.
func (c *Config) planOf() string {
	if c.Plan == "" {
		return ""
	}
	return " plan " + filepath.Base(filepath.Dir(c.Plan))
}

// looked fills in what a plan came to, and what it took to know.
func (r *run) looked(s *report.Summary) {
	sight := r.config.ReadOnly
	b := sight.Viewer.Budget()
	s.Org, s.Requests = &report.Org{Name: sight.Name, Host: sight.Host}, b.Requests
	if s.Plan = r.planned; s.Plan != nil {
		s.Files = append(s.Files, report.File{Kind: "plan", Path: s.Plan.Path}, report.File{Kind: "planpage", Path: strings.TrimSuffix(s.Plan.Path, "json") + "html"})
	}
}

// conflicts is how many rows a plan found that the org would refuse.
func (r *run) conflicts() (n int64) {
	if r.planned != nil {
		for _, a := range r.planned.Acts {
			if a.Act == report.ActConflict {
				n += a.Rows
			}
		}
	}
	return n
}
