package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"muster/mappings/guess"
	"muster/pipeline/attach"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/lanes"
	"muster/pipeline/ledger"
	"muster/pipeline/profile"
	"muster/pipeline/progress"
	"muster/pipeline/redact"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/schema/klass"
)

// Config is everything a run is told. The zero value of a field means its default. What is not
// marked otherwise is kept with the run (see [Settings]), so that it goes on as it was begun.
type Config struct {
	Command string    // "check" or "import", for the report
	Files   []string  // input files in the order they are read; "-" is Stdin
	Stdin   io.Reader `json:"-"`
	Source  source.Options

	Mapping string // mapping file; "": the one beside each input, else the standard mapping
	// check: file of the org's attributes, which records are held to; "": their names alone type them
	Klasses    string `json:",omitempty"`
	Properties string `json:",omitempty"` // file of customer properties of Sinch Engage, in place of a mapping; "": none
	// with Properties: what the customers' numbers are, such as whatsapp; "": as the file says
	Channel string   `json:",omitempty"`
	Ignore  []string `json:",omitempty"` // columns that are left out by name, whatever the mapping says of them
	// what becomes of a row whose cell cannot be used: refuse, or drop, which sends it without the cell; "" as the mapping
	// says
	BadCells string `json:",omitempty"`
	Unmapped string // overrides the mapping's own policy: error, ignore, custom
	Region   string // default phone region, where the mapping names none
	// Confidence is how sure every column of a guess must be for it to be taken unread; default guess.Limit, above 1 never
	Confidence float64 `json:",omitempty"`
	Dates      string  `json:",omitempty"` // layout of dates, where the mapping names none
	// BestGuess: check: a guess is taken however sure it is, and the report names the columns that are less sure than
	// Confidence
	BestGuess bool `json:",omitempty"`

	// from where relative names of Files and Mapping are meant; "": the working directory
	Directory string `json:"-"`
	State     string `json:"-"` // directory of ledger and reports, default ".muster"
	// the run that must be taken up again; "": the unfinished one that is the same, or a new one
	Resume   string       `json:"-"`
	Org      *Org         `json:"-"` // nil: check only, no connection is ever opened (law 4)
	ReadOnly *ReadOnlyOrg `json:"-"` // an org that is looked at, for its attributes; nil with Org

	Verb deliver.Verb // default upsert
	// file of who stands in for users and teams that are not there; "" nobody
	Users string `json:",omitempty"`
	// how attachments are found; its Folder "": that of each input
	Attachments attach.Source
	Backup      string             `json:",omitempty"` // file, or folder, of what is changed, as it was before; "" none
	OnConflict  deliver.OnConflict // rows whose identities belong to different customers of the org; default reject

	Workers int // goroutines that parse, map and validate; default all cores
	Uploads int // batches in flight at once at most; default 16
	// Lean: it is one of many runs in this process, which wait for their orgs and not for this machine: it takes less
	// memory.
	Lean bool `json:"-"`

	// how long what has begun is waited for once the context is done; default 30 s
	Grace        time.Duration     `json:",omitempty"`
	JobPatience  time.Duration     // how long a job may take before its rows are looked up one by one; default 10 min
	AllowRejects deliver.Allowance // how many rows may be invalid or rejected with exit 0 still
	Limits       deliver.Limits    // import: how much of what may happen before the run stops
	// rows that have not changed since they landed are read from the org, too, and mended where it differs
	Full         bool
	AcceptDamage []string `json:",omitempty"` // codes of damage to identities that does not stop an import
	RejectsBook  bool     `json:",omitempty"` // refused rows are given back as rejects.xlsx, too
	Annotate     bool     // check: give the tables back as annotated.csv, with what is wrong behind each row

	// the first customers of a mapping that is new to the org are read back before the rest is sent
	Canary bool
	Plan   string           // apply: the plan.json to carry out, absolute; "": whatever the input says
	Redact redact.Redaction // how customers' values are hidden in the files of the run

	// Agree is asked before attributes are made that the inputs fill and the org lacks; its error ends the run before a
	// row is read. nil: none are made.
	Agree func(klass string, list []klass.Difference) error `json:"-"`

	Again   string           `json:"-"` // the command that takes this run up again, for the report
	Version string           `json:"-"` // of muster, for the report
	Now     func() time.Time `json:"-"`
	// Sleep waits between looks at a job, or less when the context is done; default real time.
	Sleep func(context.Context, time.Duration) error `json:"-"`
	// messages name columns that the mapping does not name by their letters: nobody watches who knows the file
	ByLetter bool
	Progress progress.Reporter `json:"-"` // nil: nobody watches
	// import: looks at the survey and may stop the run; nil: nobody
	Watch Watch `json:"-"`
	// the state directory's, held by the caller; nil: the run opens it
	Ledger *ledger.Ledger `json:"-"`

	begun *lanes.UnderWay // requests that are under way
}

// ID names the org in the ledger: its own id, or the host where the token does not tell.
func (o *Org) ID() string {
	if o.Token.OrgID != "" {
		return o.Token.OrgID
	}
	return o.Name
}

// Org is the org a run writes to, already asked who we are.
type Org struct {
	Client *kustomer.Client
	Token  kustomer.Token
	Asked  time.Time // when the org said Token, for the ledger to remember it; zero: it need not
	Klass  []byte    // body of GET /v1/metadata/customer; nil: it is asked for when a mapping needs it
	Name   string    // for people: "sandbox" or the host
	Host   string    // host[:port]
	Reach  Reach
	Enter  string // the flags with which a printed command enters the org as this one did; it never holds the key
}

// Reach is how an org is reached, as the user said it. It never holds the key.
type Reach struct {
	To          string        `json:"to"` // "sandbox", or the address without user, path or query
	Share       string        `json:"share"`
	Timeout     time.Duration `json:"timeout"`
	SandboxRate int           `json:"sandbox_rate"`
}

// binding is what opening the inputs needs of it.
func (c *Config) binding() *bind.Options {
	read := c.Source
	if c.Lean {
		read.ChunkSize = 16 << 10 // an eighth of the usual
	}
	return &bind.Options{Making: c.making(), Asking: sourceFlags(&c.Source) + c.stateFlag(), Files: c.Files,
		Stdin: c.Stdin, Source: read, Mapping: c.Mapping, Klasses: c.Klasses, Properties: c.Properties,
		Channel: c.Channel, Ignore: c.Ignore, BadCells: c.BadCells, Unmapped: c.Unmapped, Region: c.Region, Dates: c.Dates,
		Attachments: c.Attachments,
		Confidence:  c.Confidence, BestGuess: c.BestGuess, Create: c.Agree != nil, Directory: c.Directory, State: c.State,
		Say:    func(line string) { c.Progress.Say(line) },
		Viewer: c.viewer(), Describe: c.described,
		Described: func() bool { body := c.klassBody(); return body == nil || *body != nil }}
}

const defaultState = ".muster"

// reports are how the files of the run are written.
func (c *Config) reports() (o report.FilesOptions) {
	if c.Lean {
		o.Memory = 256 << 10 // of 16 MB: what comes before its turn waits in a file
	}
	o.Refused = c.RejectsBook
	return o
}

// withDefaults fills what was left open.
func (c Config) withDefaults() Config {
	if c.State == "" {
		c.State = defaultState
	}
	if c.Verb == "" {
		c.Verb = deliver.Upsert
	}
	if c.OnConflict.Policy == "" {
		c.OnConflict.Policy = deliver.RejectConflict
	}
	if c.Lean && c.Workers <= 0 {
		c.Workers = 1
	}
	if c.Lean && c.Uploads <= 0 {
		c.Uploads = 8 // enough for a thousand requests a minute of which each takes half a second
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Confidence == 0 {
		c.Confidence = guess.Limit
	}
	if c.Uploads <= 0 {
		// As many as one connection pool to one host bears well; how many are open at a time follows
		// how the org takes them, see lanes.Limiter.
		c.Uploads = 16
	}
	if c.JobPatience <= 0 {
		c.JobPatience = 10 * time.Minute
	}
	if c.Grace <= 0 {
		c.Grace = kustomer.DefaultGrace
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = kustomer.Sleep
	}
	if c.Progress == nil {
		c.Progress = progress.Silent{}
	}
	return c
}

// check returns every mistake at once.
func (c Config) check() error {
	var mistakes []error
	if len(c.Files) == 0 {
		mistakes = append(mistakes, errors.New("no input file is named"))
	}
	switch c.Verb {
	case deliver.Upsert, deliver.Create, deliver.Update:
	default:
		mistakes = append(mistakes, fmt.Errorf("verb %q is none of upsert, create, update", c.Verb))
	}
	mistakes = append(mistakes, c.OnConflict.Check())
	switch c.Unmapped {
	case "", "error", "ignore", "custom":
	default:
		mistakes = append(mistakes, fmt.Errorf("unmapped %q is none of error, ignore, custom", c.Unmapped))
	}
	switch c.BadCells {
	case "", "refuse", "drop":
	default:
		mistakes = append(mistakes, fmt.Errorf("bad cells %q is none of refuse, drop", c.BadCells))
	}
	for _, code := range c.AcceptDamage {
		if !slices.Contains(profile.AcceptableDamage(), code) {
			mistakes = append(mistakes, fmt.Errorf("damage %q is none of %s", code,
				strings.Join(profile.AcceptableDamage(), ", ")))
		}
	}
	if c.Watch != nil && c.Org == nil {
		mistakes = append(mistakes, errors.New("only an import is watched"))
	}
	if c.Properties != "" && c.Mapping != "" {
		mistakes = append(mistakes, errors.New("customer properties bring their own mapping: a second one cannot be named"))
	}
	if c.Properties == "" && c.Channel != "" {
		mistakes = append(mistakes, errors.New("a channel goes with customer properties"))
	}
	if c.ReadOnly != nil && (c.Org != nil || slices.Contains(c.Files, "-")) {
		mistakes = append(mistakes, errors.New("a plan is made of files, which can be read again when it is carried out: "+
			"standard input cannot"))
	}
	if c.Annotate && c.Org != nil {
		mistakes = append(mistakes, errors.New("only a check annotates"))
	}
	stdin := 0
	for _, f := range c.Files {
		if f == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		mistakes = append(mistakes, errors.New("standard input (-) can be read once only"))
	}
	return errors.Join(mistakes...)
}
