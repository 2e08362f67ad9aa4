package pipeline

import (
	"context"

	"muster/pipeline/kustomer"
	"muster/pipeline/report"
)

// RoleCompanyUpdate is what it takes to delete a company.
const RoleCompanyUpdate = "org.permission.company.update"

// Why companies that a run made stay.
const (
	whyCompanyEdited  = "edited since"
	whyCompanyUsed    = "customers are of it"
	whyCompanyUnsure  = "the search cannot tell yet whether customers are of it (again in ten minutes)"
	whyCompanyRole    = "the key lacks " + RoleCompanyUpdate + " or " + RoleSearch
	whyCompanyRefused = "the org refused"
)

// companies deletes the companies that the run made, but those that somebody edited since or that customers are of. It comes
// after the customers. A deletion carries the revision that was read.
func (u *undoer) companies(ctx context.Context) error {
	ids, err := u.UndoPlanner.book.MadeCompanies()
	if err != nil || len(ids) == 0 {
		return err
	}
	c := &report.UndoCompanies{Made: int64(len(ids))}
	u.result.Companies = c
	token := u.Sight.Token
	barred := len(token.Roles) > 0 && !(token.Has(RoleCompanyUpdate) && token.Has(RoleSearch))
	busy, whole, err := u.readings.employedLately(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		reason := whyCompanyRole
		switch {
		case barred:
		case busy[id]:
			reason = whyCompanyUsed
		case !whole:
			reason = whyCompanyUnsure
		default:
			if reason, err = u.company(ctx, id); err != nil {
				return err
			}
		}
		if reason != "" {
			c.Keep(reason)
			continue
		}
		c.Deleted++
		if err := u.UndoPlanner.book.UnmakeCompany(id); err != nil {
			return err
		}
	}
	return nil
}

// company deletes a company; reason is why it is kept, "" it is gone. The error is of an org that could not be asked.
func (u *undoer) company(ctx context.Context, id string) (reason string, err error) {
	for range maxTries {
		c, err := u.Sight.Viewer.Company(ctx, id)
		switch {
		case kustomer.VerdictOf(err) == kustomer.NotFound || err == nil && c.Deleted:
			return "", nil
		case err != nil:
			return "", err
		case c.Rev != 1:
			return whyCompanyEdited, nil
		}
		if reason, err = u.employs(ctx, id); reason != "" || err != nil {
			return reason, err
		}
		switch err := u.client.DeleteCompany(ctx, id, c.Rev); kustomer.VerdictOf(err) {
		case 0:
			return "", nil
		case kustomer.InDoubt, kustomer.Conflict: // what became of it is read
		case kustomer.Forbidden, kustomer.Unauthorized:
			return whyCompanyRole, nil
		case kustomer.Throttled, kustomer.NotBegun:
			return "", err
		default:
			return whyCompanyRefused, nil
		}
	}
	return whyCompanyRefused, nil
}

// employs says why a company cannot go because of its customers. Those that a search shows are read by themselves: its index may
// show some that are gone.
func (u *undoer) employs(ctx context.Context, id string) (reason string, err error) {
	shown, total, err := u.Sight.Viewer.CustomersOfCompany(ctx, id)
	switch kustomer.VerdictOf(err) {
	case 0:
	case kustomer.Forbidden, kustomer.Unauthorized:
		return whyCompanyRole, nil
	case kustomer.Refused, kustomer.NotFound:
		return whyCompanyUnsure, nil
	default:
		return "", err
	}
	for _, one := range shown {
		c, err := orNone(u.Sight.Viewer.Customer(ctx, one))
		if err != nil {
			return "", err
		}
		if c != nil && c.Company == id {
			return whyCompanyUsed, nil
		}
	}
	if total < 0 || total > len(shown) {
		return whyCompanyUnsure, nil
	}
	return "", nil
}
