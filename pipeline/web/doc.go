// Package web is the page of muster ui: a server on this machine that takes a person from a file to a reconciled org.
//
// The page does nothing of its own to an org. Every check, plan, import, read-back and undo is a command line that the
// page shows and has carried out as muster itself would, so what the page does the command line can (law 11). What
// belongs to the page is what stands before that: how a file is read, what its columns mean, and an overlay of edited
// cells, each of which is kept in the state directory (ui/<id>/) from the moment it is made. A source file is never
// changed.
package web
