package kustomer

import (
	"encoding/json"
	"time"
)

// Customer is one customer as the org has it.
type Customer struct {
	ID        string
	Rev       int64     // 0 when the answer held none
	CreatedAt time.Time // zero when the answer held none
	UpdatedAt time.Time
	Company   string // id of the company it is linked to, "" none
	// Attributes are the customer's attributes as the org spells them, custom ones under "custom". Owned by the caller.
	Attributes map[string]json.RawMessage
}

// Job is the progress of a bulk job.
type Job struct {
	Status          string // "queued", "running", "complete"; lower case, other words as they came
	Complete, Total int    // batches of the job done and in all, 0 when unknown
}

// Done reports whether processing has ended, which says nothing of success.
func (j Job) Done() bool { return j.Status == "complete" || j.Status == "completed" }

// Result is what the org says became of one item of a bulk request.
type Result struct {
	Ref       string // the item's Ref
	Status    string // "created", "updated", "error"; lower case, other words as they came
	ObjectID  string // "" on failure
	Error     string // the org's words on failure, those not on the closed list replaced by "…"; "" none
	Parameter string // the attribute the failure names, "" none
	Duplicate bool   // the failure says that an identity is taken by another customer
}

// Results are the results of a bulk job as the org lists them: in any order, possibly doubled, missing, or for refs that
// were never sent. Judging that is the caller's.
type Results struct {
	Items    []Result
	Complete bool // every batch is complete and the list was read to its end
	Failures int  // the batches' own count of failures
}
