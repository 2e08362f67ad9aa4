package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// NewRunID names a run by its moment, to be read by people, and four random hex digits against a
// second run in the same second.
func NewRunID(t time.Time) string {
	var salt [2]byte
	rand.Read(salt[:])
	return t.Format(runIDForm+"-") + hex.EncodeToString(salt[:])
}

// runIDForm is how the moment is written in the id of a run.
const runIDForm = "20060102-150405"

// RunBegun is when the run of an id was begun, to the second; zero where no moment stands in it.
func RunBegun(id string) time.Time {
	t, err := time.Parse(runIDForm, id[:min(len(id), len(runIDForm))])
	if err != nil {
		return time.Time{}
	}
	return t
}
