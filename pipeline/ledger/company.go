package ledger

import (
	"database/sql"
	"errors"
	"fmt"
)

// Which company a run took what its rows call one for. Rows of a run that is taken up again are linked as those before
// them were, whatever the org's search shows by then; and who takes the run back knows which companies it made.

// CompanyKey is the key of a company as rows call it.
func (l *Ledger) CompanyKey(externalID, name string) KeyHash {
	return l.Key("company", fmt.Appendf(nil, "%d %s%s", len(externalID), externalID, name))
}

// LinkCompany notes durably which company a run took for a key. made: the run made it, by evidence.
func (r *Run) LinkCompany(key KeyHash, company string, made bool) error {
	return r.ledger.write("link company", func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO companies (run, key, company, made) VALUES (?, ?, ?, ?)
			ON CONFLICT (run, key) DO UPDATE SET company = excluded.company, made = excluded.made`, r.row, key[:], company, made)
		return err
	})
}

// LinkedCompany is what LinkCompany noted for a key; "" nothing.
func (r *Run) LinkedCompany(key KeyHash) (company string, err error) {
	err = r.ledger.reader.QueryRow("SELECT company FROM companies WHERE run = ? AND key = ?", r.row, key[:]).Scan(&company)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return company, r.ledger.explain("look a company up", err)
}

// MadeCompanies are the ids of the companies that the run made and that UnmakeCompany has not been told of, in their
// order.
func (r *Run) MadeCompanies() (companies []string, err error) {
	rows, err := r.ledger.reader.Query("SELECT DISTINCT company FROM companies WHERE run = ? AND made = 1 ORDER BY company", r.row)
	if err != nil {
		return nil, r.ledger.explain("list companies", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, r.ledger.explain("list companies", err)
		}
		companies = append(companies, one)
	}
	return companies, r.ledger.explain("list companies", rows.Err())
}

// UnmakeCompany notes durably that a company which the run made is gone.
func (r *Run) UnmakeCompany(company string) error {
	return r.ledger.write("unmake company", func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE companies SET made = 0 WHERE run = ? AND company = ?", r.row, company)
		return err
	})
}
