package deliver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/object"
	"muster/pipeline/report"
)

// Foreseen is what would become of a record of any kind but customers.
type Foreseen struct {
	Act                  string
	ID                   string // of the record that the org has, "" none
	Code, Column, Detail string
	Have                 *kustomer.Customer // as the org has it, what it belongs to among its attributes; nil: it has none
	State                string             // of that, as [Kinds] knows it again
	Update               []byte             // what would be written
}

// Foresee says what would become of records of one kind as the org is now. It sends nothing that writes; the error is
// that of an org that cannot be asked.
func (s *Kinds) Foresee(ctx context.Context, k *object.Kind, verb Verb, records []*block.Record) ([]Foreseen, error) {
	list, err := s.resolve(ctx, k, records)
	if err != nil {
		return nil, err
	}
	have, err := s.there(ctx, k, records)
	if err != nil {
		return nil, err
	}
	fates := make([]Foreseen, len(records))
	for i, r := range records {
		one := &fates[i]
		if have[i] != nil {
			one.ID = have[i].ID
		}
		switch {
		case list[i].code != "":
			one.Act, one.Code, one.Column, one.Detail = report.ActHeld, list[i].code, list[i].column, list[i].detail
		case have[i] == nil && verb == Update:
			one.Act, one.Code, one.Column = report.ActConflict, "kustomer.not_found", "externalId"
		case have[i] == nil:
			one.Act = report.ActCreate
		case verb == Create:
			one.Act, one.Code, one.Detail = report.ActConflict, "kustomer.exists", "it is "+have[i].ID
		default:
			if err := s.against(ctx, k, r, list[i].payload, have[i], one); err != nil {
				return nil, err
			}
		}
	}
	return fates, nil
}

// against says what becomes of a record that the org has.
func (s *Kinds) against(ctx context.Context, k *object.Kind, r *block.Record, payload []byte, have *kustomer.Record,
	one *Foreseen) error {
	d, err := s.differ(ctx, k, r, payload, have)
	if err != nil {
		return err
	}
	one.Code, one.Column, one.Detail = d.code, d.column, d.detail
	switch {
	case d.wrong || d.update == nil && d.code != "":
		one.Act = report.ActConflict
	case d.update == nil:
		one.Act = report.ActUnchanged
	default:
		one.Act, one.Update, one.State = report.ActUpdate, d.update, stateOf(k, have)
		if one.Have, err = s.Readings.NamedFor(ctx, Comparable(have), payload); err != nil {
			return err
		}
	}
	return nil
}

// there are the records of the org that records of the input are, nil where it has none: by the ids that the ledger
// knows, else by their external ids.
func (s *Kinds) there(ctx context.Context, k *object.Kind, records []*block.Record) ([]*kustomer.Record, error) {
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i] = r.CustomerID
	}
	found, err := s.readAll(ctx, k, ids, make([]*kustomer.Record, len(records)))
	if err != nil {
		return nil, err
	}
	var names []string
	var at []int
	for i, r := range records {
		if found[i] == nil { // new, or deleted since: the org may have another of its external id
			names, at = append(names, externalIDOf(r)), append(at, i)
		}
	}
	if len(names) == 0 {
		return found, nil
	}
	some, err := s.present(ctx, k, names)
	if err != nil {
		return nil, err
	}
	clear(ids)
	for n, i := range at {
		ids[i] = some[n]
	}
	return s.readAll(ctx, k, ids, found)
}

// readAll fills in the records whose ids are given.
func (s *Kinds) readAll(ctx context.Context, k *object.Kind, ids []string,
	found []*kustomer.Record) ([]*kustomer.Record, error) {
	var some []string
	var at []int
	for i, id := range ids {
		if id != "" {
			some, at = append(some, id), append(at, i)
		}
	}
	if len(some) == 0 {
		return found, nil
	}
	read, err := s.ByIDs(ctx, k, some)
	for n, i := range at {
		found[i] = read[n]
	}
	return found, err
}

// stateOf is a record's state as one short text: another one when anybody changed what could be written back.
func stateOf(k *object.Kind, r *kustomer.Record) string {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(WritableOf(k, r), &all) // it is an object
	for name, value := range all {
		if customer.IsNothing(value) {
			delete(all, name)
		}
	}
	text, _ := json.Marshal(all) // sorted by name
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}
