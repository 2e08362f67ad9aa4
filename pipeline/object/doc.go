// Package object says once what the records of each kind are: their fields and limits, by what they are known and
// found, where they are sent, what they belong to, who may write them, and what of them can be taken back. Mappings,
// the schema and the delivery read it. It is a leaf, and it holds facts alone: what is done with a record is said where
// it is done.
//
// Customers are not described here: their fields stand in mappings/fields.go and their schema in
// schema/customer.schema.json, since their lists, identities and joins have rules that no other kind has.
//
// A record of any other kind has one identity, its external id, unique among the records of its kind, and names the
// records it belongs to by references: the other's external id (or a customer's e-mail address, a user's, a team's
// name), in whose place the org gets an id. A kind has a rank, which is the order of delivery: what is referred to
// comes first.
//
//	company 1 ─▶ customer 2 ─▶ kobject 3 ─▶ conversation 4 ─▶ message 5, note 6
//
// Facts are from Kustomer's OpenAPI document, Core Resources 1.0, and
// https://developer.kustomer.com/api/core-resources: one page for each endpoint (create-company, create-kobject,
// create-conversation, create-message, create-note).
package object
