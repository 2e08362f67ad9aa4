package bind

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/printable"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
	"muster/schema/engage"
)

// Input is one file of the run, or standard input.
type Input struct {
	Name string // as the user named it

	Path      string
	spool     *os.File // standard input kept, since it may have to be read twice
	options   source.Options
	bestGuess bool          // of dates that fit two orders the first is taken
	Reader    source.Reader // open, or nil
	Described string
	Unread    []string // sheets that are hidden
	Delimiter byte     // of a CSV file, 0 of another
	Encoding  string   // of a CSV file, in words

	Mapping string                    // name of the mapping used
	free    bool                      // nobody named a mapping, and none lies beside: each table shows its own
	Ruled   string                    // its file, "" the standard mapping
	Rules   []byte                    // digest of its bytes
	Guessed []byte                    // the mapping itself where it was guessed, nil else
	others  map[int]*mappings.Mapping // check: guesses of the sheets behind the first, by number
	Unsure  []report.Unsure           // check: the columns that the guess is not sure of
	Makes   bool                      // it fills attributes of its own, and the org was not asked whether it has them
	said    string                    // how sure it is, in one line
	Content []byte                    // import: digest of the input's bytes
	Binder  *Binder
	// Definitions of customer properties, where they took the mapping's place; else nil
	Definitions *engage.Definitions
	Table       *Table // the first, or only one: see Table.sheets
	Size        int64
	changed     time.Time
	Rows        int64
	Read        map[string]int64 // rows by sheet
	Blank       map[string]int64 // rows passed over, by sheet
}

// openInputs opens every input and binds its header, so that whatever is wrong with a file's name,
// form or columns is said before anything is read in full. All mistakes are reported at once.
func Open(ctx context.Context, c *Options, k *Kinds) (inputs []*Input, digest []byte, err error) {
	var mistakes []error
	sum := sha256.New()
	for _, name := range c.Files {
		in := &Input{Name: name, Path: c.path(name), options: c.Source, bestGuess: c.BestGuess}
		in.options.Scratch = c.State
		raw, err := in.open(ctx, c, k)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		sum.Write(raw)
		sum.Write([]byte(c.Channel))
		inputs = append(inputs, in)
	}
	if err := errors.Join(mistakes...); err != nil {
		Close(inputs)
		return nil, nil, err
	}
	inOrderOfKinds(inputs)
	return inputs, sum.Sum(nil), nil
}

// OpenBound opens one input for a mapping that is at hand, held to what all orgs know. The caller closes it.
func OpenBound(name string, stdin io.Reader, o source.Options, m *mappings.Mapping,
	options mappings.BindOptions) (in *Input, err error) {
	in = &Input{Name: name, Path: name, options: o, Ruled: m.Name}
	defer func() {
		if err != nil {
			Close([]*Input{in})
		}
	}()
	if name == "-" {
		if err := in.keep(&Options{State: os.TempDir()}, stdin); err != nil {
			return nil, err
		}
	}
	validator, makes, err := validatorOf(m.Kind, nil)
	if err != nil {
		return nil, err
	}
	lookups, err := readLookups(m, in.options, fence{})
	if err != nil {
		return nil, err
	}
	if err := in.Reopen(); err != nil {
		return nil, err
	}
	in.Binder = &Binder{Mapping: m, options: options, Validator: validator, makes: makes, lookups: lookups}
	return in, in.bindAll()
}

// Close closes inputs and lets go of what was kept of them.
func Close(inputs []*Input) {
	for _, in := range inputs {
		in.Close()
		if in.spool != nil {
			in.spool.Close()
		}
	}
}

// open reads the header and binds it; the bytes of the mapping are returned for the fingerprint.
func (in *Input) open(ctx context.Context, c *Options, k *Kinds) (raw []byte, err error) {
	switch {
	case in.Name == "-" && c.Stdin != nil:
		err = in.keep(c, c.Stdin)
	case in.Name != "-" && IsSpecial(in.Path):
		err = in.keep(c, special(ctx, in.Path))
	}
	if err != nil {
		return nil, err
	}
	if err := in.Reopen(); err != nil {
		return nil, err
	}
	m, raw, err := in.findMapping(c)
	if err != nil {
		return nil, err
	}
	in.Mapping, in.Rules = m.Name, digestOf(raw)
	lookups, err := readLookups(m, in.options, in.fenceOf(c))
	if err != nil {
		return nil, err
	}
	for _, l := range lookups {
		raw = append(slices.Clip(raw), l.digest...) // another second file is another import
	}
	records, whole, err := k.offhand(m.Kind)
	if err != nil {
		return nil, err
	}
	in.Binder = &Binder{Mapping: m, Validator: records.validator, lookups: lookups, makes: records.makes,
		files: in.filesOf(c), definitions: in.Definitions, options: mappings.BindOptions{Unmapped: c.Unmapped,
			Ignore: c.Ignore, Region: c.Region, BadCells: c.BadCells, Best: c.BestGuess, Attributes: records.attributes,
			Dates: c.Dates, Create: c.Create}}
	err = in.bindAll()
	if !whole && (err != nil || !in.plain()) {
		if records, err = k.of(m.Kind); err != nil {
			return nil, err
		}
		in.Binder.takes(records)
		err = in.bindAll()
	}
	if err != nil {
		if err = in.misfit(err); in.Ruled != "" || m.Match != nil {
			return nil, err
		}
		if raw, err = in.guess(c, records.attributes, errors.Unwrap(err)); err != nil {
			return nil, err
		}
	}
	if err := in.headless(); err != nil {
		return nil, err
	}
	in.Makes = in.Makes || records.attributes == nil && (m.Match != nil || guess.Made(raw)) && in.fillsOwn()
	in.doubtMarks()
	in.noteReader()
	in.Described, in.Size = printable.Line(in.Reader.Describe())+"\n"+in.ruling(), in.Reader.Size()
	in.Close()
	return append(slices.Clip(raw), in.otherRules()...), nil
}

// plain says whether what the org has of attributes makes no difference to the input: every column is one that all orgs
// know, or is left out by a rule for it, and no further columns can come up while it is read.
func (in *Input) plain() bool {
	return !slices.ContainsFunc(in.Table.Sheets, func(t *Table) bool {
		return t.Header.Line == 0 || len(t.Plan.Fills()) > 0 || t.leavesOut()
	})
}

// BindAgain binds the input to what the org has now.
func (in *Input) BindAgain(k *Kinds) error {
	records, err := k.of(in.Binder.Mapping.Kind)
	if err != nil {
		return err
	}
	if err := in.Reopen(); err != nil {
		return err
	}
	defer in.Close()
	in.Binder.takes(records)
	if err := in.bindAll(); err != nil {
		return in.misfit(err)
	}
	in.Described = printable.Line(in.Reader.Describe()) + "\n" + in.ruling()
	return nil
}

// keep keeps what can be read once only in a temporary file. What begins with zero bytes is not read to an end.
func (in *Input) keep(c *Options, from io.Reader) error {
	failed := func(err error) error { return fmt.Errorf("keep %s: %w", in.shown(), err) }
	f, err := os.CreateTemp(c.State, ".stdin-*")
	if err != nil {
		return failed(err)
	}
	os.Remove(f.Name())
	in.spool = f
	head, err := io.ReadAll(io.LimitReader(from, 4096))
	if err != nil {
		return failed(err)
	}
	if len(head) == 4096 && len(bytes.Trim(head, "\x00")) == 0 {
		return &source.Error{Code: "file.binary", File: in.Name, Detail: "holds zero bytes and nothing else: not a text file"}
	}
	if _, err := io.Copy(f, io.MultiReader(bytes.NewReader(head), from)); err != nil {
		return failed(err)
	}
	return nil
}

// shown is what people know an input by.
func (in *Input) shown() string {
	if in.Name == "-" {
		return "standard input"
	}
	return in.Name
}

// Reopen opens the reader from the start, unless it is open.
func (in *Input) Reopen() (err error) {
	if in.Reader != nil {
		return nil
	}
	if in.spool == nil {
		in.Reader, err = source.Open(in.Path, nil, in.options)
	} else {
		var end int64
		if end, err = in.spool.Seek(0, io.SeekEnd); err != nil {
			return fmt.Errorf("read %s again: %w", in.shown(), err)
		}
		in.Reader, err = source.OpenStream(in.Path, io.NewSectionReader(in.spool, 0, end), in.options)
	}
	if err == nil && in.Table != nil {
		in.rebind()
	}
	return err
}

// Close closes the reader; Reopen begins again.
func (in *Input) Close() {
	if in.Reader != nil {
		in.Reader.Close()
		in.Reader = nil
	}
}

// findMapping reads the mapping file named, or the one beside the input (customers.csv:
// customers.mapping.yaml), or takes the preset that the header shows, or else the standard mapping.
func (in *Input) findMapping(c *Options) (*mappings.Mapping, []byte, error) {
	in.Ruled = c.RulesFor(in.Path)
	if in.Ruled == "" && c.Mapping != "" {
		m, raw := presetNamed(c.Mapping)
		return m, raw, nil
	}
	if in.Ruled == "" {
		in.free = true
		in.sayEmpty(c)
		m, raw := in.recognise()
		return m, raw, nil
	}
	raw, err := trust.ReadText(in.Ruled)
	if err != nil {
		return nil, nil, fmt.Errorf("read the mapping: %w", err)
	}
	if c.Properties != "" {
		m, err := in.define(raw, c.Channel)
		return m, raw, err
	}
	m, err := mappings.Parse(in.Ruled, raw)
	return m, raw, err
}

// standardRules stands for the bytes of the standard mapping in digests.
const standardRules = "standard"

// RulesFor is the file that says what an input's columns are: its mapping, or the properties in place of one; "" where
// there is no file, and a preset or the standard mapping says it. A file goes before a preset of its name.
func (c *Options) RulesFor(input string) string {
	if c.Properties != "" {
		return c.path(c.Properties)
	}
	if m, _ := presetNamed(c.Mapping); m != nil {
		if _, err := os.Stat(c.path(c.Mapping)); errors.Is(err, fs.ErrNotExist) {
			return ""
		}
	}
	return mappingFor(input, c.path(c.Mapping))
}

// mappingFor is the mapping file of an input: the one named, else the one beside it if there is one; "" none.
func mappingFor(input, named string) string {
	if named != "" || input == "-" {
		return named
	}
	beside := MappingBeside(input)
	if info, err := os.Stat(beside); err != nil || info.Size() == 0 {
		return ""
	}
	return beside
}

// MappingBeside is the name of the mapping file that belongs to an input: its name with every
// extension of a data file or a compression taken off, and .mapping.yaml put on.
func MappingBeside(path string) string {
	stem := path
	for {
		switch ext := filepath.Ext(stem); strings.ToLower(ext) {
		case ".gz", ".zst", ".bz2", ".zip", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".xlsx", ".xlsm", ".ods",
			".vcf":
			stem = strings.TrimSuffix(stem, ext)
		default:
			return stem + ".mapping.yaml"
		}
	}
}

// Summary is one line of the report for each table; the bytes are those of the whole file.
func (in *Input) Summary() []report.Input {
	list := make([]report.Input, len(in.Table.Sheets))
	for i, t := range in.Table.Sheets {
		list[i] = report.Input{File: in.Name, Sheet: t.Header.Sheet, Format: t.Header.Format, Rows: in.Read[t.Header.Sheet],
			Blank: in.Blank[t.Header.Sheet], Bytes: in.Size}
	}
	return list
}
