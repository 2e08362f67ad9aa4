// Package nightly does what a project file says, with nobody watching: each job's file is taken from its source, held
// against those of the nights before, and imported; what vanished from it is seen to; whoever must know is told once.
//
// Everything a job must remember from one night to the next is in the ledger: see [memory]. The clock, the network and
// the world around come from the caller, so that sixty nights can pass in a test.
package nightly
