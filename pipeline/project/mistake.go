package project

import (
	"fmt"
	"strings"
)

// A Mistake is one thing wrong in a project file.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // 1-based, as is Column
	Column  int    `json:"column"`
	Message string `json:"message"`       // what is wrong, lower case
	Fix     string `json:"fix,omitempty"` // what to write instead, "" when the message says it
}

// Mistakes is the error of Parse: every mistake of the file, in order of their places.
type Mistakes []Mistake

// Error gives one line for each mistake: file:line:column: message (fix).
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", one.File, one.Line, one.Column, one.Message)
		if one.Fix != "" {
			lines[i] += " (" + one.Fix + ")"
		}
	}
	return strings.Join(lines, "\n")
}
