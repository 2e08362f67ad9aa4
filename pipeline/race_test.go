//go:build race

package pipeline_test

// raceEnabled: the race detector makes the long properties several times slower. Under it they are held on fewer seeds;
// all of them are held without it.
const raceEnabled = true
