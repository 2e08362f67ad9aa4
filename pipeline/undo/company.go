package undo

import (
	"context"

	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
)

// RoleCompanyUpdate is what it takes to delete a company.
const RoleCompanyUpdate = "org.permission.company.update"

// whyCompanyRole is why companies that a run made stay although nothing else speaks for it.
const whyCompanyRole = "the key lacks " + RoleCompanyUpdate

// companies deletes the companies that the run made, but those that somebody edited since or that customers are of. It
// comes after the customers. A deletion carries the revision that was read.
func (u *undoer) companies(ctx context.Context) error {
	ids, err := u.Planner.book.MadeCompanies()
	if err != nil || len(ids) == 0 {
		return err
	}
	c := &report.UndoCompanies{Made: int64(len(ids))}
	u.result.Companies = c
	token := u.ReadOnly.Token
	barred := len(token.Roles) > 0 && !token.Has(RoleCompanyUpdate)
	busy, whole, err := u.readings.Employers(ctx, u.info.Started)
	if err != nil {
		return err
	}
	for _, id := range ids {
		reason := whyCompanyRole
		switch {
		case barred:
		case busy[id]:
			reason = whyInUse
		case !whole:
			reason = whyManyUsers
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
		if err := u.Planner.book.UnmakeCompany(id); err != nil {
			return err
		}
	}
	return nil
}

// company deletes a company; reason is why it is kept, "" it is gone. The error is of an org that could not be asked.
func (u *undoer) company(ctx context.Context, id string) (reason string, err error) {
	for range deliver.MaxTries {
		c, err := u.ReadOnly.Viewer.Company(ctx, id)
		switch {
		case kustomer.VerdictOf(err) == kustomer.NotFound || err == nil && c.Deleted:
			return "", nil
		case err != nil:
			return "", err
		case c.Rev != 1:
			return whyEdited, nil
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
			return whyRefused, nil
		}
	}
	return whyRefused, nil
}
