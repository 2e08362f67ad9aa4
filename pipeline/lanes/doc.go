// Package lanes is what the goroutines that send share: how many batches may be in flight, in which order they are
// numbered, what is under way, and why all of them stop.
package lanes
