package config

import (
	"slices"
	"strings"
)

// Options are what an import is told of its files and of its rows, as a person writes them: each is a flag of import
// and a key of a job, and both have it from here.
type Options struct {
	Format, Delimiter, Sheet, Encoding, Quote, Escape string
	SkipLines, MaxRow                                 int
	NoHeader, Header                                  bool

	Mapping, Properties, Channel, Unmapped string
	Ignore                                 []string // columns that are not imported
	BadCells, Region, Confidence, Dates    string
	Workers                                int
	Redact, Rejects                        string
	AcceptDamage                           []string
	AllowRejects                           string

	Attachments, AttachmentURLs     string
	AttachmentBytes                 int
	Verb, OnConflict, Users, Backup string
	Uploads                         int
}

// DefaultOptions are those of an import that nobody told anything.
func DefaultOptions() Options {
	return Options{Confidence: "95%", Redact: "none", Rejects: "csv", AttachmentURLs: "public", AllowRejects: "0", Verb: "upsert",
		OnConflict: "reject"}
}

// Option is one of them. To points at its value: a *string, *[]string, *int or *bool, which holds its default.
type Option struct {
	Name, Short, Help string
	To                any
	Words             []string // the only values; none: any
	Commas            bool     // a list on the command line may have commas
	Allowance         bool     // a number of rows or a share
}

// Source are the options by which a file is read.
func (o *Options) Source() []Option {
	return []Option{
		{Name: "format", To: &o.Format, Words: []string{"csv", "ndjson", "json"},
			Help: "csv, ndjson or json (default: by content)"},
		{Name: "delimiter", To: &o.Delimiter, Help: "what stands between cells: a character, or tab (default: found out)"},
		{Name: "sheet", To: &o.Sheet, Help: "the one sheet of a workbook, or file of a zip archive, to read (default: all " +
			"sheets that are not hidden)"},
		{Name: "encoding", To: &o.Encoding, Help: "of text that is not UTF-8, such as windows-1252 or shift_jis (default: " +
			"found out)"},
		{Name: "quote", To: &o.Quote, Help: "what encloses a cell's text: a character, or none (default: found out)"},
		{Name: "escape", To: &o.Escape, Help: `what makes a quote inside a cell text, such as \ (default: found out; doubling it always does)`},
		{Name: "skip-lines", To: &o.SkipLines, Help: "lines before the header (default: found out)"},
		{Name: "no-header", To: &o.NoHeader, Help: "the first record is a row; the columns are called A, B, C"},
		{Name: "header", To: &o.Header, Help: "the first record is the header as it stands (default: found out)"},
		{Name: "max-row", To: &o.MaxRow, Help: "bytes a row may have (default 1048576)"},
	}
}

// Reading are the options by which rows are understood and judged.
func (o *Options) Reading() []Option {
	return []Option{
		{Name: "mapping", Short: "m", To: &o.Mapping, Help: "mapping file, or the name of a built-in preset such as " +
			"sdk-ios (default: the file beside the input, NAME.mapping.yaml, else a preset that the header shows, else the " +
			"standard mapping)"},
		{Name: "properties", To: &o.Properties, Help: "file of customer properties of Sinch Engage, by which the " +
			"customers are checked and mapped"},
		{Name: "channel", To: &o.Channel, Help: "with --properties: what number is: whatsapp (a phone number), telegram " +
			"(an id), … (default: as the file says)"},
		{Name: "unmapped", To: &o.Unmapped, Words: []string{"error", "ignore", "custom"},
			Help: "columns that are not mapped yet: error, ignore or custom (default: as the mapping says)"},
		{Name: "ignore", To: &o.Ignore, Help: `a column that is not imported, by its name or as "column 7"; may be given several times`},
		{Name: "bad-cells", To: &o.BadCells, Words: []string{"refuse", "drop"},
			Help: "what a cell that cannot be used costs: refuse (its row) or drop (the cell alone, but for those that tell " +
				"customers apart) (default: as the mapping says, else refuse)"},
		{Name: "region", To: &o.Region, Help: "country of phone numbers without a country code, such as NL (default: as " +
			"the mapping says)"},
		{Name: "confidence", To: &o.Confidence, Help: "how sure every column of a guess must be for it to be taken " +
			"unread; never: no guess is"},
		{Name: "dates", To: &o.Dates, Help: "layout of dates for which the mapping says none, such as DD/MM/YYYY " +
			"(default: as the whole column shows)"},
		{Name: "workers", To: &o.Workers, Help: "rows are mapped and checked on this many cores (default: all)"},
		{Name: "attachments", To: &o.Attachments, Help: "folder from which paths of attachments are meant, and which they may " +
			"not leave (default: that of each input)"},
		{Name: "attachment-urls", To: &o.AttachmentURLs, Words: []string{"public", "any"},
			Help: "which addresses attachments are fetched from: public, or any (those of private networks, too)"},
		{Name: "attachment-bytes", To: &o.AttachmentBytes, Help: "bytes an attachment may have (default 26214400)"},
		{Name: "redact", To: &o.Redact, Words: []string{"none", "mask", "hash", "full"},
			Help: "hide customers' values in the files of the run: none, mask, hash or full"},
		{Name: "rejects", To: &o.Rejects, Words: []string{"csv", "xlsx"},
			Help: "how refused rows are given back: csv, or xlsx (a workbook beside rejects.csv, its wrong cells coloured, " +
				"with a sheet that lists the problems)"},
		{Name: "accept-damage", To: &o.AcceptDamage, Commas: true,
			Help: "codes of damage, such as column.zeros, that does not stop an import though it is in a column by which " +
				"customers are told apart"},
		{Name: "allow-rejects", To: &o.AllowRejects, Allowance: true,
			Help: "rows that may be invalid or rejected with exit code 0 still: a number or a share, 20 or 2%"},
	}
}

// Sending are the options by which rows are sent.
func (o *Options) Sending() []Option {
	return []Option{
		{Name: "verb", To: &o.Verb, Words: []string{"upsert", "create", "update"},
			Help: "upsert; create (who is there already is rejected); update (who is not there is rejected)"},
		{Name: "on-conflict", To: &o.OnConflict, Help: "rows whose identities belong to different customers: reject; " +
			"skip; prefer=externalId,email (the customer that the first of these keys finds; what belongs to the others is " +
			"not written)"},
		{Name: "users", To: &o.Users, Help: "file that says who stands in for users and teams that conversations and " +
			"messages name and the org lacks: missing-users.csv of an earlier run, its column use filled in"},
		{Name: "backup", To: &o.Backup, Help: "file in which the records that are changed stand as they were before, " +
			"NAME.csv, NAME.xlsx or NAME.ndjson, of several kinds a folder; importing it brings that back; {run} in its name " +
			"is the run's id"},
		{Name: "uploads", To: &o.Uploads, Help: "batches of 100 in flight at once at most; the run begins with 4 and " +
			"adapts (default 16)"},
	}
}

// All are all of them.
func (o *Options) All() []Option { return slices.Concat(o.Source(), o.Reading(), o.Sending()) }

// preset says whether the mapping is named as presets are: a word that is no name of a file.
func (o *Options) preset() bool { return o.Mapping != "" && !strings.ContainsAny(o.Mapping, `./\`) }
