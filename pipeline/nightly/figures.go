package nightly

import (
	"errors"
	"io/fs"

	"muster/pipeline/config"
	"muster/pipeline/ledger"
	"muster/pipeline/notify"
)

// FiguresOf are what is measured of every job of the project, as of its last night. State is a directory in place of
// those that the project says; "": none. Nobody is held up by it, and it is right while a night is under way. What can
// be read of one org is there also where another's ledger cannot be read, which is the error then.
func FiguresOf(p *config.Project, state string) (all []notify.Figures, err error) {
	for _, org := range p.Orgs {
		figures, failed := figuresOf(p, org, stateOf(p, state, org))
		all, err = append(all, figures...), errors.Join(err, failed)
	}
	return all, err
}

func figuresOf(p *config.Project, org *config.Org, state string) (all []notify.Figures, err error) {
	view, err := ledger.OpenReadOnly(state)
	if err == nil {
		defer view.Close()
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	beside := unrecordedNights(p, org, state)
	for i := range p.Jobs {
		job := &p.Jobs[i]
		if job.Org != org {
			continue
		}
		f := notify.Figures{Project: projectName(p), Org: org.Address, Job: job.Name}
		if view != nil {
			m, failed := recall(view.Memo, job.Name)
			if err = errors.Join(err, failed); failed == nil && m.Result != nil {
				f.ExitCode, f.Ended, f.GoodAt, f.Duration = m.State.Code, m.Result.Ended, m.GoodAt,
					m.Result.Ended.Sub(m.Result.Began)
				f.Requests, f.Counts, f.Findings = m.Result.Requests, m.Result.Counts, len(m.Result.Findings)
				if m.Result.Missing != nil {
					f.Missing = m.Result.Missing.Customers
				}
			}
		}
		// What the ledger could not take is the newest there is.
		for _, u := range beside {
			for _, r := range u.Jobs {
				if r.Job == job.Name && r.Ended.After(f.Ended) && r.State != "skipped" {
					f.ExitCode, f.Ended, f.Duration, f.Requests, f.Counts, f.Findings, f.Missing = r.ExitCode, r.Ended, 0, 0, nil, 0, 0
				}
			}
		}
		if !f.Ended.IsZero() {
			all = append(all, f)
		}
	}
	return all, err
}
