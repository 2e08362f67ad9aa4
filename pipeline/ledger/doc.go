// Package ledger is the durable memory of muster: what was intended, sent and
// answered, and which row is which customer.
//
// It knows nothing of rows' cells, of mappings or of the wire: a record is an
// ordinal, the hash of its key and the hash of its payload; a key's hash is an
// HMAC under the ledger's own random salt. No value of a customer's is in the
// file but in the [Image] of one that was about to be updated, without which
// the update could not be taken back.
//
// One state directory has one ledger (ledger.db, SQLite) and one process at a
// time that may open it (ledger.lock). Every act is one transaction and is on
// the disk when its method returns nil; when a method returns an error, no
// part of the act is. So a process may be killed at any moment: what it was
// told is recorded stays recorded, and at most the acts it was waiting for are
// in question.
//
// # States
//
// A batch and each of its requests are small machines. An act that has no
// place in these tables is refused with [ErrState] and leaves no trace.
//
//	batch      Intend   Again   Accept   Answer   Settle
//	(none)     open     –       –        –        –
//	open       –        open    open     open     settled
//	settled    –        –       –        –        –
//
//	request    Intend, Again   Accept     Answer
//	(none)     intended        –          –
//	intended   –               accepted   answered
//	accepted   –               –          answered
//	answered   –               –          –
//
// A request that is intended may or may not have been begun; one that is
// accepted has a job to ask for; one that is answered is in doubt no more. A
// batch settles from evidence about its items, whatever its requests' states,
// and an item without evidence settles as unknown. All acts need the run to be
// running:
//
//	run           Begin     Finish
//	(none)        running   –
//	running       running   finished, interrupted, failed
//	interrupted   running   –
//	failed        running   –
//	finished      –         –
//
// Finished needs every batch settled; Begin after it makes another run. A run
// whose process died is interrupted from the next Open on.
package ledger
