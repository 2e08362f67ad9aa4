// Package customer says what a customer is: by what the entries of its lists are told apart, what is the same value to
// an org, what of a record a customer has not yet, how the two are joined, and how that is taken back. It asks nobody
// and keeps nothing.
package customer
