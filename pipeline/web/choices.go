package web

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
)

// A choice is one of the different values of a column.
type choice struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
	To    string `json:"to"` // what the mapping makes of it; "" it stays
	Blank bool   `json:"blank,omitempty"`
}

// choices counts the different values of a column in all rows that are laid out. more says that there are more
// different ones than are counted. The caller holds mu.
func (s *session) choices(ctx context.Context, place int) (all []choice, rows int64, more bool, err error) {
	st, err := s.rows(ctx)
	if err != nil {
		return nil, 0, false, err
	}
	counts := map[string]int64{}
	err = st.each(ctx, func(_ int64, r *storedRow) bool {
		rows++
		if place >= len(r.Cells) {
			return true
		}
		value := strings.TrimSpace(r.Cells[place])
		if _, there := counts[value]; value != "" && (there || len(counts) < mostChoices) {
			counts[value]++
		} else if value != "" {
			more = true
		}
		return true
	})
	for _, value := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, choice{Value: value, Count: counts[value]})
	}
	slices.SortStableFunc(all, func(a, b choice) int { return cmp.Compare(b.Count, a.Count) })
	return all, rows, more, err
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// removeFile deletes a file that may not be there.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
