//go:build race

package command_test

// raceEnabled: the race detector allocates for itself before main begins.
const raceEnabled = true
