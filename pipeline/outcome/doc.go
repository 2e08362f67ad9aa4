// Package outcome holds the words every room speaks: the nine statuses, the problems that a row or a cell may have, and
// the registry of their codes. It is a leaf: it imports no other room.
package outcome
