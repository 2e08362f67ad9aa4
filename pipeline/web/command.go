package web

import (
	"path/filepath"
	"strings"

	"muster/mappings"
	"muster/pipeline/printable"
)

func suffixes() (all []suffix) {
	for _, s := range mappings.Suffixes() {
		all = append(all, suffix{s.Name, s.Type, s.Meaning})
	}
	return all
}

// words are a command that does something with the session's file, without the program's name. more goes behind the
// file.
func (s *session) words(command string, more []string) []string {
	file := s.record.File
	reading := flags(s.record.Reading)
	if command == "read" || command == "map" {
		reading = flags(without(s.record.Reading, "dates"))
		if command == "read" {
			reading = flags(without(s.record.Reading, "dates", "region"))
		}
	} else if fixed, how := s.fixed(); fixed != "" {
		file, reading = fixed, how
	}
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	return append(append([]string{command, file}, reading...), more...)
}

// command is the line that a person can paste.
func (s *session) command(command string, more []string) string {
	return line(s.words(command, more))
}

// line is a command with its quotes.
func line(words []string) string {
	parts := []string{"muster"}
	for _, w := range words {
		parts = append(parts, printable.Word(w))
	}
	return strings.Join(parts, " ")
}

func without(reading map[string]string, names ...string) map[string]string {
	rest := map[string]string{}
	for name, value := range reading {
		rest[name] = value
	}
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

// state is the state directory that the session lies in.
func (s *session) state() string { return filepath.Dir(filepath.Dir(s.dir)) }
