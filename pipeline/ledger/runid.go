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
	return t.Format("20060102-150405-") + hex.EncodeToString(salt[:])
}
