package sandbox

import (
	"context"
	"database/sql"
	"strings"
)

// statements are the prepared statements of the writing connection and of the readers.
type statements struct {
	conn *sql.Conn // the one that writes

	insertCustomer, updateCustomer, readCustomer *sql.Stmt
	insertCompany                                *sql.Stmt
	deleteIdentity                               *sql.Stmt
	readOwners, insertIdentities                 [3]*sql.Stmt // for as many identities at once as steps says
	insertJob, insertPayload, updateJob          *sql.Stmt
	insertBatch                                  *sql.Stmt

	customerByRow, customerByIdentity, jobByRow *sql.Stmt
}

// steps are how many identities one statement carries: a call of the driver costs about as much as three of them.
func steps() [3]int { return [3]int{64, 8, 1} }

const customerColumns = "row, rev, created, updated, deleted, author, document"

func (st *store) prepare() (err error) {
	ctx := context.Background()
	if st.conn, err = st.db.Conn(ctx); err != nil {
		return err
	}
	on := func(p interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
	}, query string) *sql.Stmt {
		if err != nil {
			return nil
		}
		var s *sql.Stmt
		s, err = p.PrepareContext(ctx, query)
		return s
	}
	st.insertCustomer = on(st.conn, "insert into customers ("+customerColumns+") values (?,?,?,?,?,?,?)")
	st.updateCustomer = on(st.conn, "update customers set rev=?, created=?, updated=?, deleted=?, document=? where row=?")
	st.readCustomer = on(st.conn, "select "+customerColumns+" from customers where row=?")
	st.insertCompany = on(st.conn, "insert into companies (row, rev, created, updated, author, document) values "+
		"(?,?,?,?,?,?)")
	st.deleteIdentity = on(st.conn, "delete from identities where kind=? and value=?")
	for i, n := range steps() {
		st.readOwners[i] = on(st.conn, "select kind, value, customer from identities where (kind, value) in (values "+
			places(n, 2)+")")
		st.insertIdentities[i] = on(st.conn, "insert into identities (kind, value, customer) values "+places(n, 3)+
			" on conflict do nothing")
	}
	st.insertJob = on(st.conn, "insert into jobs (row, act, state, size, batches, done, accepted, updated, author, "+
		"request, ids, things) values (?,?,0,?,?,0,?,?,?,?,?,?)")
	st.insertPayload = on(st.conn, "insert into payloads (job, body) values (?,?)")
	st.updateJob = on(st.conn, "update jobs set state=?, done=?, updated=? where row=?")
	st.insertBatch = on(st.conn, "insert into batches (job, number, succeeded, failed, finished, ids, errors, results) "+
		"values (?,?,?,?,?,?,?,?)")

	st.customerByRow = on(st.reads, "select "+customerColumns+" from customers where row=? and deleted=0")
	st.customerByIdentity = on(st.reads, "select "+customerColumns+
		" from customers where row=(select customer from identities where kind=? and value=?) and deleted=0")
	st.jobByRow = on(st.reads, "select "+jobColumns+" from jobs where row=?")
	return err
}

// places is the text of so many rows of placeholders.
func places(rows, columns int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
	return strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}
