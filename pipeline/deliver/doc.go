// package deliver brings records to an org: it decides what each is sent for, intends, sends, awaits and gathers
// evidence, journalled in the ledger before the first byte leaves (law 3). Companies are linked, conversations
// described and rows in conflict resolved on the way.
//
// A record of a batch is in one of five states:
//
//	fresh ──create──▶ indeterminate ──result, or a look──▶ ended
//	  ▲                │ │
//	  └─ looked for, ──┘ └─ an identity belongs to a customer ─▶ taken ──look──▶ existing ──update──▶ indeterminate
//	     not there
//
//	fresh          nothing of it is under way: it may be sent
//	indeterminate  a request for it was begun and has no evidence yet
//	taken          the org says that one of its identities belongs to a customer
//	existing       the org has the customer; what to write is known, or still to be read
//	ended          its outcome is certain, or all that can be had
package deliver
