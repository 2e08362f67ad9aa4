// Package parallel is where work is done on several goroutines at a time and comes back in order: with pipeline.go the
// only place that starts any. Each goroutine is begun with [Guarded], so that a panic ends as an error that says where
// and holds no value (law 5).
package parallel
