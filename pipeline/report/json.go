package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"muster/pipeline/trust"
)

// WriteJSON writes s to path in one step: afterwards path holds all of s or, after an error, what it held before. Mode
// 0600. A full disk is an error that wraps syscall.ENOSPC.
func WriteJSON(path string, s *Summary) error { return writeIndented(path, s) }

// writeIndented writes v as JSON to be read by people, too, in one step.
func writeIndented(path string, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return trust.WriteWhole(path, text.Bytes())
}

// ReadJSON reads what WriteJSON wrote, also a later program's: fields it does not know are passed over, another Version
// is an error.
func ReadJSON(path string) (*Summary, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var s Summary
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if s.Version != Version {
		return nil, fmt.Errorf("read %s: version %d of the report, this program reads version %d", path, s.Version, Version)
	}
	return &s, nil
}
