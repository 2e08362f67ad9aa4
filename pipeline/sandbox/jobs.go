package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// act is what a job does with each of its items.
type act int64

const (
	bulkCreate act = 1 + iota
	bulkUpdate     // items with ids
	bulkChange     // one object for many ids
	bulkDelete
	bulkConversation // items with ids, which are conversations
)

// state is how far a job is.
type state int64

const (
	queued state = iota
	running
	finished
)

// job is a bulk operation that was accepted.
type job struct {
	s        *Server
	row      int64
	id       string
	act      act
	things   string // what it is about: company, conversation, message, note, kobject.order; "" customers
	size     int    // items of a batch
	batches  int
	accepted time.Time
	author   string
	request  string   // id of the request
	ids      []string // of bulkChange and bulkDelete
	items    []value  // parsed payload; nil when it is to be read from the database
	counted  bool     // items count among the queue's parsed ones and may stay
	progress          // what is durable
	reached  progress // what the transaction under way has reached
}

// progress is the part of a job that changes.
type progress struct {
	state   state
	done    int // batches that are complete
	updated time.Time
	due     time.Time // of the next step; not stored
}

const jobColumns = "row, act, state, size, batches, done, accepted, updated, author, request, ids, things"

func (s *Server) scanJob(row interface{ Scan(...any) error }) (*job, error) {
	j := &job{s: s}
	var accepted, updated int64
	var ids string
	err := row.Scan(&j.row, &j.act, &j.state, &j.size, &j.batches, &j.done, &accepted, &updated, &j.author, &j.request,
		&ids, &j.things)
	if err != nil {
		return nil, err
	}
	j.id = s.store.seed.id(jobKind, j.row)
	j.accepted, j.updated = time.UnixMilli(accepted), time.UnixMilli(updated)
	if ids != "" {
		j.ids = strings.Split(ids, ",")
	}
	return j, nil
}

// accept stores a new job with its payload; it is taken up when the transaction is durable.
func (t *tx) accept(j *job, body []byte) error {
	ctx := context.Background()
	t.nextJob++
	j.row = t.nextJob
	j.id = t.seed.id(jobKind, j.row)
	j.updated = j.accepted
	at := j.accepted.UnixMilli()
	_, err := t.insertJob.ExecContext(ctx, j.row, int64(j.act), j.size, j.batches, at, at, j.author, j.request,
		strings.Join(j.ids, ","), j.things)
	if err != nil {
		return err
	}
	_, err = t.insertPayload.ExecContext(ctx, j.row, body)
	t.accepted = append(t.accepted, j)
	return err
}

// unfinished are the jobs that an earlier process accepted and did not finish.
func (s *Server) unfinished() ([]*job, error) {
	rows, err := s.store.reads.Query("select "+jobColumns+" from jobs where state <> ? order by row", int64(finished))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var jobs []*job
	for rows.Next() {
		j, err := s.scanJob(rows)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, rows.Err()
}

// advance does the next step of a job: all of it at once, or with a JobDelay one batch at a time, the time divided
// among queued, running, and each batch.
func (j *job) advance(t *tx) error {
	j.reached = j.progress
	if err := j.load(t); err != nil {
		return err
	}
	delay := j.s.config.JobDelay
	if j.state == queued && delay > 0 {
		j.reached.state = running
		j.reached.due = j.due.Add(delay / 2 / time.Duration(j.batches))
		return j.store(t)
	}
	last := j.batches
	if delay > 0 {
		last = j.done + 1
		j.reached.due = j.due.Add(delay / 2 / time.Duration(j.batches))
	}
	for ; j.reached.done < last; j.reached.done++ {
		if err := j.batch(t, j.reached.done); err != nil {
			return err
		}
	}
	j.reached.state = running
	if j.reached.done == j.batches {
		j.reached.state = finished
	}
	return j.store(t)
}

func (j *job) store(t *tx) error {
	j.reached.updated = j.s.now()
	_, err := t.updateJob.ExecContext(context.Background(), int64(j.reached.state), j.reached.done,
		j.reached.updated.UnixMilli(), j.row)
	return err
}

// load reads the payload when it is not in memory.
func (j *job) load(t *tx) error {
	if j.items != nil {
		return nil
	}
	var body []byte
	err := t.conn.QueryRowContext(context.Background(), "select body from payloads where job=?", j.row).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(body) == 0 {
		return nil // a bulk delete has none
	}
	if err != nil {
		return err
	}
	v, err := parse(body)
	if err != nil {
		return err
	}
	if v.isGroup() {
		j.items = []value{v}
		return nil
	}
	for _, item := range v.items() {
		j.items = append(j.items, item)
	}
	return nil
}

// count is the number of things the job is about.
func (j *job) count() int {
	if j.ids != nil {
		return len(j.ids)
	}
	return len(j.items)
}

// result is what became of one item.
type result struct {
	ref    value
	status string // created, updated, deleted, error
	id     string
	err    string
}

// batch applies the items of one batch in their order and notes the results in another.
func (j *job) batch(t *tx, number int) error {
	from := number * j.size
	to := min(from+j.size, j.count())
	if j.act == bulkCreate && j.things == "" {
		if err := j.preload(t, from, to); err != nil {
			return err
		}
	}
	results := make([]result, 0, to-from)
	for i := from; i < to; i++ {
		r, err := j.item(t, i)
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	order := rand.New(rand.NewPCG(uint64(j.row), uint64(number)))
	order.Shuffle(len(results), func(a, b int) { results[a], results[b] = results[b], results[a] })
	return j.note(t, number, results)
}

// preload asks for the owners of all identities of a batch at once, should they be asked for.
func (j *job) preload(t *tx, from, to int) error {
	var ids []identity
	for _, item := range j.items[from:to] {
		ids = j.s.identities.read(ids, item)
	}
	return t.claims.assume(ids)
}

// note stores a batch's results in the form in which /batches gives them.
func (j *job) note(t *tx, number int, results []result) error {
	ids, errs, refs := []byte{'['}, []byte{'['}, []byte{'['}
	failed := 0
	for _, r := range results {
		if r.status == "error" {
			failed++
			errs = appendText(append(comma(errs), `{"title":`...), r.err)
			errs = append(errs, '}')
		} else {
			ids = appendText(comma(ids), r.id)
		}
		if r.ref.exists() {
			refs = r.append(comma(refs))
		}
	}
	var list any // null in the database: the request had no _clientRef
	if len(refs) > 1 {
		list = append(refs, ']')
	}
	_, err := t.insertBatch.ExecContext(context.Background(), j.row, number, len(results)-failed, failed,
		j.s.now().UnixMilli(), append(ids, ']'), append(errs, ']'), list)
	return err
}

func (r result) append(dst []byte) []byte {
	dst = append(append(dst, `{"_clientRef":`...), r.ref.raw()...)
	dst = append(append(append(dst, `,"status":"`...), r.status...), '"')
	if r.status == "error" {
		dst = appendText(append(dst, `,"error":`...), r.err)
	} else {
		dst = append(append(append(dst, `,"objectId":"`...), r.id...), '"')
	}
	return append(dst, '}')
}

// comma appends a comma unless dst has just opened its list or group.
func comma(dst []byte) []byte {
	if c := dst[len(dst)-1]; c == '[' || c == '{' {
		return dst
	}
	return append(dst, ',')
}

// appendText appends s as a JSON text.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, _ := json.Marshal(s) // a string always has a JSON form
			return append(dst, quoted...)
		}
	}
	return strconv.AppendQuote(dst, s)
}
