// Package ledger is the durable memory of muster: what was intended, sent and
// answered, and which row is which customer.
package ledger
