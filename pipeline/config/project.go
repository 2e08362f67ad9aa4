package config

import (
	"path/filepath"
	"slices"
	"time"
)

// FileName is what the project file is called.
const FileName = "muster.yaml"

// Project is a project file.
type Project struct {
	File      string // as it was named
	Directory string // that relative names are meant from
	Stranger  error  // why the file may be somebody else's; nil: it is the user's own
	Command   int    // the line of its first command; 0: it runs none

	Org     Org           // that the file names for everything in it that names no other
	Orgs    []*Org        // that jobs go to
	Timeout time.Duration // of one request
	Grace   time.Duration // for what has begun, after the first signal; 0: 30 s
	Overlap Overlap

	Jobs      []Job     // in the order of the file
	Notify    []Channel // whom to tell of jobs that do not say it themselves
	Heartbeat Heartbeat
	Metrics   string // Prometheus text file that is written after each job
	Retention Retention
	Backup    Backup
	Hidden    []string // variables of the environment in which secrets are found
}

// is says whether two secrets are found in the same place.
func (s Secret) is(other Secret) bool {
	return s.File == other.File && s.Env == other.Env && s.Keyring == other.Keyring &&
		slices.Equal(s.Command, other.Command)
}

// Secret says where a secret is found. At most one field is set; none means that there is none.
type Secret struct {
	File    string   // its first line
	Env     string   // a variable of the environment
	Keyring string   // SERVICE/USER in the keyring of the operating system
	Command []string // its output
}

// None says that no secret is named.
func (s Secret) None() bool {
	return s.File == "" && s.Env == "" && s.Keyring == "" && len(s.Command) == 0
}

// Overlap says what to do while another run holds the state directory.
type Overlap struct {
	Policy string        // fail (exit 7), skip (exit 0) or wait
	Wait   time.Duration // how long at most; then it fails
}

// Job is one import.
type Job struct {
	Name   string // GROUP/JOB inside a group
	Group  string // its group, or the row of a table; "": none
	Each   string // the group whose table has the row; "": none
	Org    *Org   // shared by all jobs of the org
	Notify []Channel
	Line   int      // where it begins in the file
	Needs  []string // jobs that must have gone well before it
	Source Source

	Options // of its import

	Limits    Limits
	OnMissing Missing
	Guards    Guards
	Retry     Retry
	Resume    bool // take up last night's unfinished work first
	Canary    bool // the first customers of a mapping that is new to the org are read back before the rest is sent
}

// Source says where a job's file comes from.
type Source struct {
	From string // a path, whose last part may have * and ?, or an https, sftp, s3, gs or az address
	// a command that writes the file; {} in an argument stands for its name, else its output is the file
	Command []string
	// every file that fits, not only the newest; where customers who vanish are ignored, every one that has not landed
	All     bool
	ByName  bool          // the order of files is that of their names, not of their times
	Stable  time.Duration // how long a file must not have changed before it is read
	MaxSize int64         // bytes a file that is fetched may have; 0: 20 GB
	MaxAge  time.Duration // of the newest file; older is stale. 0: any

	Authorization Secret // https: the header's value; az: a shared access signature
	User          string // sftp, where the address has none
	Password      Secret // sftp
	PrivateKey    string // sftp: a file
	KnownHosts    string // sftp: a file
	AccessKey     Secret // s3, gs
	SecretKey     Secret // s3, gs; az: the account's key
	Region        string // s3
	Endpoint      string // s3: another store that speaks it; az: another address of the account
}

// Changes says whether the files of the job are changes, of which every one must land, and not each the whole list.
func (j *Job) Changes() bool { return j.Source.All && j.OnMissing.Act == "ignore" }

// Retry says how often a job that the environment kept from its end is tried again in the same night, and within what
// time.
type Retry struct {
	Times  int
	Within time.Duration
}

// Limits are the most that may happen in one night, each a number or a share such as 2%; "" no limit.
type Limits struct{ Invalid, Rejected, Create, Update string }

// Missing says what becomes of customers who were in the last good file and are not in this one.
type Missing struct {
	Act    string  // ignore, report, tag or delete
	Tag    string  // of tag
	AtMost float64 // share of the last file's customers that may be tagged or deleted, in percent; more stops the act
}

// Rule is what a guard does when it finds something: stop, warn or off.
type Rule string

// The rules.
const (
	Stop Rule = "stop"
	Warn Rule = "warn"
	Off  Rule = "off"
)

// Guards are the rules of the feed guard, and how much history it needs.
type Guards struct {
	Columns    Rule // a column is missing or renamed
	NewColumns Rule // a column is new
	Order      Rule // columns stand in another order
	Types      Rule // a column's values are of another kind
	Rows       Rule // far more or fewer rows than in the last runs
	Nulls      Rule // a column is blank far more often
	Rejects    Rule // far more rows are invalid
	Empty      Rule // no row at all
	Stale      Rule // no new file for longer than max-age
	PassedOver Rule // a file came that is not the newest, and is not taken
	History    int  // good runs that rows, nulls and rejects need before they judge
}

// Channel is one way to tell people.
type Channel struct {
	Kind    string // webhook, slack, email or command
	Line    int
	Every   string   // change (when a job's state changes) or run
	URL     Secret   // of webhook and slack, which may itself be a secret
	Address string   // of webhook, where it is none
	Secret  Secret   // webhook: signs the body
	Command []string // command: gets the message on its standard input
	SMTP    SMTP     // email
}

// SMTP is how e-mail is sent.
type SMTP struct {
	Server   string // host:port
	From     string
	To       []string
	User     string
	Password Secret
	Plain    bool // without TLS; only to this machine
}

// Retention says what is kept.
type Retention struct {
	Runs time.Duration // directories of runs that ended longer ago go; 0: all are kept
}

// Heartbeat is the addresses that are asked for, so that whoever watches them learns of a night, and of none; "" is
// not.
type Heartbeat struct {
	Start   string // when a night begins
	Good    string // after a night that is well
	Failure string // after one that is not
}

// Backup says where the ledger is copied to before each night.
type Backup struct {
	To   string        // a folder; "": nowhere
	Keep time.Duration // older ones go; 0: all are kept
}

// defaultGuards: a missing column or a feed that is no longer itself stops; what does no harm by itself warns.
func defaultGuards() Guards {
	return Guards{Columns: Stop, NewColumns: Warn, Order: Off, Types: Stop, Rows: Stop, Nulls: Stop, Rejects: Stop,
		Empty: Stop, Stale: Warn, PassedOver: Warn,
		// 5: below it a median of the last runs says little, and one odd night would be half of it.
		History: 5}
}

// Job is the job of this name, nil where there is none.
func (p *Project) Job(name string) *Job {
	for i := range p.Jobs {
		if p.Jobs[i].Name == name {
			return &p.Jobs[i]
		}
	}
	return nil
}

// Named are the jobs that a name means: that job, or those of that group.
func (p *Project) Named(name string) (jobs []*Job) {
	for i := range p.Jobs {
		if j := &p.Jobs[i]; name != "" && (j.Name == name || j.Group == name || j.Each == name) {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// Order is the jobs that are named, by themselves or by their group, each after those it needs, whether these are named
// or not; no names: all jobs. unknown are names that neither has.
func (p *Project) Order(names []string) (order []*Job, unknown []string) {
	var add func(j *Job)
	add = func(j *Job) {
		if slices.Contains(order, j) {
			return
		}
		for _, need := range j.Needs {
			if needed := p.Job(need); needed != nil {
				add(needed)
			}
		}
		order = append(order, j)
	}
	for _, name := range names {
		jobs := p.Named(name)
		if len(jobs) == 0 {
			unknown = append(unknown, name)
		}
		for _, j := range jobs {
			add(j)
		}
	}
	for i := range p.Jobs {
		if len(names) == 0 {
			add(&p.Jobs[i])
		}
	}
	return order, unknown
}

// Path is a name of the file as it is meant from the project's folder.
func (p *Project) Path(name string) string {
	if name == "" || filepath.IsAbs(name) || p.Directory == "" {
		return name
	}
	return filepath.Join(p.Directory, name)
}
