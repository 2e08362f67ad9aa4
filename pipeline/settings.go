package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"muster/mappings"
	"muster/pipeline/bind"
)

// settingsVersion is the version of run.json. Fields are only ever added within a version.
const settingsVersion = 1

// Settings are what a run was begun with: everything it takes to go on with it but the key. They
// are in run.json in the run's directory, mode 0600, and name files, never what is in them.
type Settings struct {
	Version   int         `json:"version"`
	Run       string      `json:"run"`
	Directory string      `json:"directory"` // where the run was begun: relative names are meant from there
	Config    Config      `json:"config"`
	Org       Reach       `json:"org"`
	Inputs    []KeptInput `json:"inputs"`
}

// KeptInput is by what an input and its mapping are known again.
type KeptInput struct {
	File    string `json:"file"`              // as the user named it; "-" standard input
	Bytes   int64  `json:"bytes"`             // its length
	Content string `json:"sha256"`            // of its bytes, in hex
	Mapping string `json:"mapping,omitempty"` // its mapping file; "" the standard mapping
	Rules   string `json:"mapping_sha256"`
	Kind    string `json:"kind,omitempty"` // of its records; "" customers
}

// Kinds says whether the run brought records of other kinds than customers.
func (s *Settings) Kinds() bool {
	return slices.ContainsFunc(s.Inputs, func(in KeptInput) bool { return in.Kind != "" })
}

func settingsPath(state, run string) string { return filepath.Join(state, "runs", run, "run.json") }

// LoadSettings reads what a run was begun with. The error wraps fs.ErrNotExist where it kept
// nothing: it ended within the moment between its beginning and its first row.
func LoadSettings(state, run string) (*Settings, error) {
	path := settingsPath(state, run)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s kept no settings: %w", run, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the run's settings: %w", err)
	}
	s, err := ParseSettings(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	s.Config.Resume = run
	return s, nil
}

// ParseSettings understands what a run was begun with, for a process that may stand in another directory.
func ParseSettings(text []byte) (*Settings, error) {
	s := &Settings{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, err
	}
	if s.Version != settingsVersion {
		return nil, fmt.Errorf("version %d of the settings, this program reads version %d", s.Version, settingsVersion)
	}
	if here, err := os.Getwd(); err != nil || here != s.Directory {
		s.Config.Directory = s.Directory
	}
	return s, nil
}

// Unchanged says whether every input and every mapping is still what it was when the run began. The
// error names each that is not and wraps ErrInputChanged. Standard input is not looked at.
func (s *Settings) Unchanged() error {
	var changes []error
	rules := s.Config.binding()
	for _, in := range s.Inputs {
		path := s.Config.path(in.File)
		if in.File != "-" && !bind.IsSpecial(path) {
			changes = append(changes, sameFile(path, in.File, in.Content))
		}
		mapping := rules.RulesFor(path)
		switch {
		case mapping == "" && in.Mapping == "":
		case mapping == "":
			changes = append(changes, fmt.Errorf("%s: %w: it is gone", in.Mapping, bind.ErrInputChanged))
		default:
			changes = append(changes, sameFile(mapping, mapping, in.Rules))
		}
	}
	return errors.Join(changes...)
}

// Unaltered are the paths of the inputs where each of them is still what it was when the run began, else none.
func (s *Settings) Unaltered() []string {
	var paths []string
	for _, in := range s.Inputs {
		path := s.Config.path(in.File)
		if in.File == "-" || bind.IsSpecial(path) || sameFile(path, path, in.Content) != nil {
			return nil
		}
		paths = append(paths, path)
	}
	return paths
}

// sameFile says whether a file has this digest.
func sameFile(path, name, want string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w: it is gone", name, bind.ErrInputChanged)
	}
	if err != nil {
		return fmt.Errorf("read %s again: %w", name, err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return fmt.Errorf("%s: %w", name, bind.ErrInputChanged)
	}
	return nil
}

// path is a name as it is meant from the run's directory.
func (c *Config) path(name string) string { return bind.From(c.Directory, name) }

// Settings are what the run is made with; the inputs have been digested.
func (r *Running) Settings(reach Reach) (*Settings, error) {
	directory := r.Config.Directory
	if directory == "" {
		var err error
		if directory, err = os.Getwd(); err != nil {
			return nil, err
		}
	}
	s := &Settings{Version: settingsVersion, Run: r.Run, Directory: directory, Config: *r.Config, Org: reach}
	for _, in := range r.Inputs {
		kept := KeptInput{File: in.Name, Bytes: in.Size, Content: hex.EncodeToString(in.Content), Mapping: in.Ruled,
			Rules: hex.EncodeToString(in.Rules)}
		if in.Kind() != mappings.Customers {
			kept.Kind = in.Kind()
		}
		s.Inputs = append(s.Inputs, kept)
	}
	return s, nil
}
