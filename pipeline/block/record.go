package block

import (
	"encoding/json"
	"muster/pipeline/bind"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/schema"
	"strings"
	"time"
)

// Record is one row fit to be sent, with all that is needed to send it, to find it again and to
// tell of it. It owns its memory.
type Record struct {
	Ordinal int64
	Table   *bind.Table
	Line    int64
	Number  int64
	Key     []byte              // how reports call it
	Cells   [][]byte            // the row as read, for the file of rejects
	Payload []byte              // the JSON object Kustomer would get, without our stamp
	Keys    []customer.Identity // every unique identity, in the order Plan.Keys gives
	Noted   []outcome.Problem   // what has not kept it back: cells that it goes without, and warnings
	Hash    ledger.RecordHash
	Mark    ledger.KeyHash // what the ledger knows it by

	CustomerID string          // the customer it is: known from the ledger, or named by the row
	Named      bool            // the row names the customer by Kustomer's own id
	Planned    *report.PlanRow // what the plan that is carried out says of it; nil: there is none
	Doubt      *ledger.Doubt   // what another run left in doubt of it; nil: nothing
	Landed     time.Time       // known from the ledger: when muster last wrote it
}

// Outcome tells the end of a record. A code makes it a problem, too.
func (r *Record) Outcome(s outcome.Status, id, code, column, detail string) Outcome {
	o := Outcome{Ordinal: r.Ordinal, Table: r.Table, Line: r.Line, Number: r.Number, Key: r.Key,
		Status: s, CustomerID: id, Detail: detail}
	if code != "" {
		at := -1
		if column != "" {
			at = r.Table.ColumnOf(column)
		}
		o.Problems = []outcome.Problem{{Code: code, Column: at, Detail: detail}}
		o.Cells = r.Cells
	}
	if len(r.Noted) > 0 {
		o.Problems, o.Cells = append(o.Problems, r.Noted...), r.Cells
	}
	return o
}

// Ended says whether a record of a kind is of a conversation that has ended.
func (r *Record) Ended() bool {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(r.Payload, &fields) // the checker made it: it is an object
	for name, value := range fields {
		var text string
		_ = json.Unmarshal(value, &text) // what is no text ends nothing
		if r.Table.Kind.Ends(name, text) {
			return true
		}
	}
	return false
}

// AsConversation takes the id out of a conversation's record, which names it beside its payload.
func (r *Record) AsConversation() {
	var fields map[string]json.RawMessage
	if json.Unmarshal(r.Payload, &fields) != nil {
		return // the checker made it: it is an object
	}
	_ = json.Unmarshal(fields["id"], &r.CustomerID) // the schema holds it to be a text
	delete(fields, "id")
	r.Payload, _ = json.Marshal(fields) // what was JSON is JSON again
}

// AsNamed takes the id of the customer out of a record that has one.
func (r *Record) AsNamed() {
	var fields map[string]json.RawMessage
	if json.Unmarshal(r.Payload, &fields) != nil || fields[schema.OwnID] == nil {
		return // the checker made it: it is an object
	}
	_ = json.Unmarshal(fields[schema.OwnID], &r.CustomerID) // the schema holds it to be a text
	r.CustomerID = strings.ToLower(r.CustomerID)
	r.Named = r.CustomerID != ""
	delete(fields, schema.OwnID)
	r.Payload, _ = json.Marshal(fields) // what was JSON is JSON again
}

// IsOther says whether the org answers with another customer for the id that a record names: the two may have been
// merged.
func (r *Record) IsOther(c *kustomer.Customer) bool { return r.Named && c.ID != r.CustomerID }

// ExternalID is the external id by which a record knows its customer, "" none.
func (r *Record) ExternalID() string {
	for _, key := range r.Keys {
		if key.Kind == "externalId" {
			return key.Value
		}
		if key.Kind != "id" {
			break // they stand in the order of their weight
		}
	}
	return ""
}

// MatchKeys are the record's identities of the kinds by which a row finds its customer, in their order.
func (r *Record) MatchKeys() []customer.Identity {
	if r.Named {
		return []customer.Identity{{Kind: "id", Value: r.CustomerID}}
	}
	var keys []customer.Identity
	for _, kind := range r.Table.Plan.MatchKeys() {
		for _, key := range r.Keys {
			if key.Kind == kind {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
