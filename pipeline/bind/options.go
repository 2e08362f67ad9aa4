package bind

import (
	"context"
	"io"
	"path/filepath"

	"muster/pipeline/attach"
	"muster/pipeline/kustomer"
	"muster/pipeline/source"
)

// Options are how inputs are opened and what their columns are taken for.
type Options struct {
	Files  []string // in the order they are read; "-" is Stdin
	Stdin  io.Reader
	Source source.Options

	Mapping    string   // mapping file; "": the one beside each input, else the standard mapping
	Klasses    string   // without a Viewer: file of the org's attributes; "": their names alone type them
	Properties string   // file of customer properties of Sinch Engage, in place of a mapping; "": none
	Channel    string   // with Properties: what the customers' numbers are; "": as the file says
	Ignore     []string // columns that are left out by name
	BadCells   string   // refuse or drop; "" as the mapping says
	Unmapped   string   // error, ignore or custom; "" as the mapping says
	Region     string   // default phone region, where the mapping names none
	Dates      string   // layout of dates, where the mapping names none
	Confidence float64  // how sure every column of a guess must be for it to be taken unread
	BestGuess  bool     // check: a guess is taken however sure it is, and of two orders of dates the first
	Create     bool     // attributes that the org lacks will be made
	Asking     string   // the flags of a muster start that asks about a file as it is read here
	Making     string   // the command that makes them; "" there is none

	Attachments attach.Source // how attachments are found; its Folder "": that of each input

	Directory string // from where relative names are meant; "": the working directory
	State     string // directory for guesses, and for what can be read once only

	Say func(line string) // hears of what is joined in

	Viewer *kustomer.Viewer // the org's; nil: none is asked
	// what the org says of customers' attributes, asked for when it is first needed
	Describe  func(ctx context.Context) (body []byte, err error)
	Described func() bool // whether it has been asked
}

// path is a name as it is meant from the run's directory.
func (o *Options) path(name string) string { return From(o.Directory, name) }

// From is a name as it is meant from a directory.
func From(directory, name string) string {
	if name == "" || name == "-" || directory == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(directory, name)
}
