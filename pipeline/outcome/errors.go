package outcome

import (
	"errors"
	"slices"
	"strings"
)

// ErrOtherOrg: the org that answers at the address is not the one the run was begun with.
var ErrOtherOrg = errors.New("another org than the one the run was begun with")

// ErrNotMade: the org took an update of its attributes, and what it has now is not what was asked for.
var ErrNotMade = errors.New("the org does not have what it said it took")

// OneLine is an error as one line, each part of it once.
func OneLine(err error) string {
	var parts []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !slices.Contains(parts, line) {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, "; ")
}
