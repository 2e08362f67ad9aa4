package ledger

import (
	"database/sql"
	"strconv"
	"strings"
)

// statements are the prepared statements of the acts that a run repeats.
type statements struct {
	intend, request, image, open, count, accept, answer, settle, land *sql.Stmt // writer's
	known, doubts, assigned, left, asked                              *sql.Stmt // reader's
}

// openBatch finds a batch that may still be acted on. An act whose WHERE
// holds it fits the states, or touches no row and leaves no trace.
const openBatch = `
	SELECT b.id FROM batches b JOIN runs r ON r.id = b.run
	WHERE b.run = ? AND b.seq = ? AND b.ends IS NULL AND r.state = 'running'`

// knownGroup is how many keys one look-up asks for.
const knownGroup = 100

// statement is a statement to prepare, on which pool and where it goes.
type statement struct {
	pool *sql.DB
	stmt **sql.Stmt
	text string
}

func (l *Ledger) prepare() error {
	for _, s := range l.statements() {
		stmt, err := s.pool.Prepare(s.text)
		if err != nil {
			return err
		}
		*s.stmt = stmt
	}
	return nil
}

func (l *Ledger) statements() []statement {
	return []statement{
		{l.writer, &l.stmt.intend, `
			INSERT INTO batches (run, seq, first, last, doubt, items)
			SELECT id, ?, ?, ?, 1, ? FROM runs WHERE id = ? AND state = 'running'
			ON CONFLICT (run, seq) DO NOTHING`},
		{l.writer, &l.stmt.request, `
			INSERT INTO requests (batch, n, verb, items, payload, at) VALUES (?, ?, ?, ?, ?, ?)`},
		{l.writer, &l.stmt.image, `
			INSERT INTO images (batch, n, packed) VALUES (?, ?, ?)`},
		{l.writer, &l.stmt.open, `
			SELECT id, items FROM batches WHERE id = (` + openBatch + `)`},
		{l.writer, &l.stmt.count, `
			SELECT count(*) FROM requests WHERE batch = ?`},
		{l.writer, &l.stmt.accept, `
			UPDATE requests SET state = 'accepted', job = ?
			WHERE batch = (` + openBatch + `) AND n = ? AND state = 'intended'`},
		{l.writer, &l.stmt.answer, `
			UPDATE requests SET state = 'answered', note = ?
			WHERE batch = (` + openBatch + `) AND n = ? AND state IN ('intended', 'accepted')`},
		{l.writer, &l.stmt.settle, `
			UPDATE batches SET ends = ?, doubt = ? WHERE id = ?`},
		{l.writer, &l.stmt.land, `
			INSERT INTO known (org, key, customer, hash, batch) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (org, key) DO UPDATE
			SET customer = excluded.customer, hash = excluded.hash, batch = excluded.batch`},
		// CROSS has SQLite go from the wanted to the known, never the other way.
		{l.reader, &l.stmt.known, `
			WITH wanted (i, key) AS (VALUES (0, ?)` + placeholders(knownGroup) + `)
			SELECT i, customer, hash, batch FROM wanted
			CROSS JOIN known ON known.key = wanted.key AND known.org = (SELECT id FROM orgs WHERE name = ?)`},
		{l.reader, &l.stmt.doubts, `
			SELECT b.id, b.items, b.ends, r.name, coalesce((SELECT max(at) FROM requests WHERE batch = b.id), 0),
				coalesce((SELECT group_concat(job, ' ') FROM requests WHERE batch = b.id AND state = 'accepted'), '') FROM orgs o
			JOIN runs r ON r.org = o.id JOIN batches b INDEXED BY batches_in_doubt ON b.run = r.id
			WHERE o.name = ? AND r.name <> ? AND b.doubt = 1 ORDER BY b.id`},
		{l.reader, &l.stmt.assigned, `
			SELECT seq, items, ends FROM batches
			WHERE run = ? AND first BETWEEN ? AND ? AND last >= ?`},
		{l.reader, &l.stmt.asked, `
			SELECT coalesce(max(at), 0) FROM requests WHERE batch = ?`},
		{l.reader, &l.stmt.left, `
			SELECT b.seq, b.items, ` + requestColumns + `
			FROM batches b INDEXED BY batches_in_doubt JOIN requests q ON q.batch = b.id
			WHERE b.run = ? AND b.doubt = 1 AND b.ends IS NULL ORDER BY b.seq, q.n`},
	}
}

// placeholders continues a list of numbered rows up to n.
func placeholders(n int) string {
	var list strings.Builder
	for i := 1; i < n; i++ {
		list.WriteString(", (")
		list.WriteString(strconv.Itoa(i))
		list.WriteString(", ?)")
	}
	return list.String()
}
