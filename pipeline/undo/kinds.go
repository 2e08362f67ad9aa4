package undo

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"muster/pipeline"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/report"
)

// Records of other kinds than customers are taken back kind by kind, what belongs to others first; messages come behind
// their conversations, since nothing deletes one but the end of its conversation.

// Why records of other kinds stay.
const (
	whyMessage   = "a message cannot be deleted; it goes with its conversation alone"
	whyWithTalk  = "it goes with its conversation"
	whyAnswered  = "others have written in it since"
	whyInUse     = "customers are of it"
	whyNoBlank   = "what was empty before cannot be emptied"
	whyManyUsers = "too many customers were updated since the run to tell whether one is of it"
)

// kindName is the kind of a row's record, "" a customer or a conversation that was described.
func (t *takenRow) kindName() string {
	if t.kind == nil {
		return ""
	}
	return t.kind.Name
}

// kind is that of a batch's records, nil customers; a batch holds one kind.
func (b *batch) kind() *object.Kind {
	if len(b.rows) == 0 {
		return nil
	}
	return b.rows[0].kind
}

// rounds are the kinds of the run in the order in which they are taken back.
func (p *Planner) rounds() []string {
	list := slices.Clone(p.kinds)
	slices.Reverse(list)
	talks, messages := slices.Index(list, "conversation"), slices.Index(list, "message")
	if messages >= 0 && talks > messages {
		list = slices.Insert(slices.Delete(list, messages, messages+1), talks, "message")
	}
	if len(list) == 0 {
		list = []string{""}
	}
	return list
}

// inRounds has the rows of the run taken back, one kind after the other.
func (u *undoer) inRounds(replay *pipeline.Replay) (err error) {
	for _, kind := range u.rounds() {
		err = parallel.Ordered(batchesAtOnce, func(send func(*batch) bool) error {
			return u.each(replay, ledger.MaxItems, func(b *batch) bool { return b.rows[0].kindName() != kind || send(b) })
		}, parallel.Each(u.take), u.tell)
		if err != nil || u.stopped() {
			break
		}
	}
	return err
}

func (u *undoer) stopped() bool { return u.ctx.Err() != nil || u.halt.Err() != nil }

// judgeKind reads the records of the rows of a batch that are not done, and judges them.
func (p *Planner) judgeKind(ctx context.Context, k *object.Kind, b *batch) error {
	var idx []int
	var ids []string
	for i, t := range b.rows {
		switch {
		case t.done:
		case t.was == outcome.Updated.String() && len(t.images) == 0:
			t.end(report.ListKept, whyNoImage, "")
		case t.row.CustomerID == "":
			t.end(report.ListUnknown, whyNoLook, "")
		default:
			idx, ids = append(idx, i), append(ids, t.row.CustomerID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	kinds := &deliver.Kinds{Viewer: p.ReadOnly.Viewer, Readings: p.readings}
	found, err := kinds.ByIDs(ctx, k, ids)
	if err != nil {
		return err
	}
	for n, i := range idx {
		if err := p.lookAt(ctx, k, b.rows[i], found[n]); err != nil {
			return err
		}
	}
	return nil
}

// lookAt judges a row by its record, nil when there is none.
func (p *Planner) lookAt(ctx context.Context, k *object.Kind, t *takenRow, r *kustomer.Record) error {
	t.act, t.rev = toLeave, 0
	switch {
	case r == nil && t.sent:
		t.end(report.ListDeleted, "", "")
		return nil
	case r == nil:
		t.end(report.ListDeleted, whyGone, "")
		return nil
	case len(t.images) > 0 && t.was != outcome.Created.String():
		p.changedKind(k, t, r)
		return nil
	}
	t.rev = r.Rev
	edits, err := p.editsOf(ctx, k, t, r)
	if err != nil {
		return err
	}
	kept, err := p.inUse(ctx, k, t)
	switch {
	case err != nil:
		return err
	case t.later != "":
		t.end(report.ListKept, whyLater, t.later)
	case k.Delete == object.Never && p.result.Planned:
		t.end(report.ListDeleted, whyWithTalk, "")
	case k.Delete == object.Never:
		t.end(report.ListKept, whyMessage, "")
	case len(edits) > 0:
		t.end(report.ListKept, whyEdited, strings.Join(edits, " "))
	case kept != "":
		t.end(report.ListKept, kept, "")
	case t.refused != "":
		t.end(report.ListFailed, whyRefused, t.refused)
	default:
		t.act = toDelete
	}
	return nil
}

// editsOf are the fields of a record that the run made that are not as it left them.
func (p *Planner) editsOf(ctx context.Context, k *object.Kind, t *takenRow, r *kustomer.Record) ([]string, error) {
	if r.Rev <= 1 {
		return nil, nil // nobody has written to it since it was made
	}
	if t.payload == nil {
		return []string{"?"}, nil
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(t.payload, &body) != nil {
		return []string{"?"}, nil
	}
	for _, ref := range k.References {
		delete(body, ref.Key())
	}
	for _, f := range k.Fields {
		if f.When == object.OnMade || f.Admin || f.Name == "importedAt" || f.Name == "createdAt" || f.Name == "conversation" {
			delete(body, f.Name)
		}
	}
	plain, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	c, err := p.readings.NamedFor(ctx, deliver.Comparable(r), plain)
	if err != nil {
		return nil, err
	}
	found, err := p.judge.compare.Compare(plain, c, nil)
	if err != nil {
		return nil, err
	}
	var edits []string
	for _, gap := range found.Gaps {
		edits = append(edits, gap.Field)
	}
	for _, field := range found.Extra {
		if name, _, _ := strings.Cut(field, "."); k.Field(name) != nil && name != "externalId" &&
			k.Field(name).When != object.OnMade {
			edits = append(edits, field)
		}
	}
	return edits, nil
}

// inUse is why a record cannot go although the run made it and nobody has edited it; "" it can.
func (p *Planner) inUse(ctx context.Context, k *object.Kind, t *takenRow) (string, error) {
	switch {
	case p.result.Planned:
		return "", nil // what hangs on it is taken back before
	case k.Name == "conversation":
		for _, below := range []string{"/messages", "/notes"} {
			others := false
			_, err := p.ReadOnly.Viewer.EachRecord(ctx, k.Path+"/"+t.row.CustomerID+below, nil,
				func(page []*kustomer.Record, _ int) bool {
					others = others || slices.ContainsFunc(page, func(r *kustomer.Record) bool {
						return !customer.SameMoment(r.Attributes["importedAt"], p.info.Stamp)
					})
					return !others
				})
			if err != nil && kustomer.VerdictOf(err) != kustomer.NotFound || others {
				return whyAnswered, err
			}
		}
	case k.Name == "company":
		busy, whole, err := p.employers(ctx)
		switch {
		case err != nil:
			return "", err
		case busy[t.row.CustomerID]:
			return whyInUse, nil
		case !whole:
			return whyManyUsers, nil
		}
	}
	return "", nil
}

// employers are the companies that customers are of who were updated since the run, asked for once.
func (p *Planner) employers(ctx context.Context) (map[string]bool, bool, error) {
	p.employed.Lock()
	defer p.employed.Unlock()
	if p.employed.of == nil {
		of, whole, err := p.readings.Employers(ctx, p.info.Started)
		if err != nil {
			return nil, false, err
		}
		p.employed.of, p.employed.whole = of, whole
	}
	return p.employed.of, p.employed.whole, nil
}

// changedKind judges a record that the run changed: it is written back where each field that was written is as it was
// left.
func (p *Planner) changedKind(k *object.Kind, t *takenRow, r *kustomer.Record) {
	var before, update map[string]json.RawMessage
	last := &t.images[len(t.images)-1]
	if json.Unmarshal(t.images[0].Before, &before) != nil || json.Unmarshal(last.Update, &update) != nil {
		t.end(report.ListKept, whyUnsure, "")
		return
	}
	var edits, strays []string
	back := map[string]json.RawMessage{}
	empty := false
	for name, value := range update {
		have := customer.WritableValue(name, r.Attributes[name])
		if name == "tags" {
			continue // they come as ids: what was joined stays
		}
		if !customer.SameValue(name, before[name], have) {
			strays = append(strays, name)
		}
		if !customer.SameValue(name, value, have) {
			edits = append(edits, name)
		}
		if back[name] = before[name]; before[name] == nil {
			f := k.Field(name)
			back[name] = json.RawMessage("null")
			empty = empty || f == nil || !f.Null
		}
	}
	slices.Sort(edits)
	slices.Sort(strays)
	switch {
	case len(strays) == 0 && t.sent:
		t.end(report.ListRestored, "", "")
	case len(strays) == 0:
		t.end(report.ListRestored, whyBefore, "")
	case t.later != "":
		t.end(report.ListKept, whyLater, t.later)
	case len(edits) > 0 && t.sent && t.refused == "":
		t.end(report.ListFailed, whyNotTaken, strings.Join(strays, " "))
	case len(edits) > 0:
		t.end(report.ListKept, whyEdited, strings.Join(edits, " "))
	case t.refused != "":
		t.end(report.ListFailed, whyRefused, t.refused)
	case empty:
		t.end(report.ListKept, whyNoBlank, "")
	default:
		t.write, _ = json.Marshal(back) // of what was decoded
		t.act = toRestore
	}
}

// restoreKind writes records back, one by one: each answer is the evidence, and the next step reads it.
func (a *undoing) restoreKind(k *object.Kind, idx []int) {
	for _, i := range idx {
		n, ok := a.intend("single-restore", []int{i})
		if !ok {
			return
		}
		t := a.rows[i]
		t.sent = true
		_, err := a.client.UpdateRecord(kustomer.Detached(a.ctx), deliver.MethodOf(k), k.Path, t.row.CustomerID, t.write)
		if err != nil && kustomer.VerdictOf(err) != kustomer.NotFound {
			a.refused(t, err)
		}
		if kustomer.VerdictOf(err) != kustomer.InDoubt {
			a.answered(n, "answered")
		}
	}
}

// deleteOne deletes what a row made.
func (a *undoing) deleteOne(ctx context.Context, t *takenRow) error {
	switch {
	case t.kind == nil:
		return a.client.Delete(ctx, t.row.CustomerID)
	case t.kind.Delete == object.ByUpdate:
		return a.client.DeleteCompany(ctx, t.row.CustomerID, t.rev)
	}
	return a.client.DeleteRecord(ctx, t.kind.Path, t.row.CustomerID)
}

// errKinds is that the rows of a run are of several kinds, which only its inputs tell apart.
var errKinds = errors.New("the run brought records of several kinds, and its files are needed to tell which row is " +
	"which")
