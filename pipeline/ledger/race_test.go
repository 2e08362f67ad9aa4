//go:build race

package ledger

// raceEnabled: the race detector makes pools forget on purpose, so that
// allocations cannot be counted.
const raceEnabled = true
