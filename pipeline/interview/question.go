// Package interview asks a person what is in a file: which encoding, sheet and country, and what each column is that a
// guess is not sure of. It knows no terminal and no page: a question is a value, an answer is a word, and what comes of
// them is a mapping.
package interview

import (
	"fmt"
	"slices"
	"strings"
)

// A Question is one thing that a person must say. Its samples are values of the file: they are shown to the person who
// asked, and kept nowhere.
type Question struct {
	ID      string   `json:"id"` // stable for a file and the answers so far
	Text    string   `json:"text"`
	Samples []string `json:"samples,omitempty"` // up to three, as they stand in the file
	Filled  int      `json:"filled,omitempty"`  // rows that have a value there
	Rows    int      `json:"rows,omitempty"`    // rows looked at
	Options []Option `json:"options"`
	Default string   `json:"default,omitempty"` // the option that is taken where nothing is said; "": one must be chosen
	Other   string   `json:"other,omitempty"`   // what else can be answered, in words; "": nothing
	Answer  string   `json:"answer,omitempty"`  // "": it has none yet
}

// An Option is one answer that is offered.
type Option struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// check says why an answer is none; "" stands for the default.
func (q *Question) check(answer string) error {
	if answer == "" || slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == answer }) || q.Other != "" {
		return nil
	}
	var values []string
	for _, o := range q.Options {
		values = append(values, o.Value)
	}
	return fmt.Errorf("answer one of %s", strings.Join(values, ", "))
}

// The answers that mean the same in every question.
const (
	Yes     = "yes"
	No      = "no"
	LeaveIt = "ignore" // the column is left out, by name
	None    = "none"   // of countries
)
