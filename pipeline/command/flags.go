package command

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/printable"
	"muster/pipeline/project"
	"muster/pipeline/report"
	"muster/pipeline/secret"
	"muster/pipeline/source"
)

// inputFlags say how to read and understand files.
type inputFlags struct {
	mapping, unmapped, region, dates string
	ignore                           []string
	badCells                         string
	confidence                       string
	properties, channel              string
	format, delimiter, sheet         string
	encoding, quote, escape          string
	skipLines                        int
	noHeader, header                 bool
	maxRow                           int
	workers                          int
	state                            string
	json                             bool
	allow, redact                    string
	acceptDamage                     []string
}

func (f *inputFlags) register(c *cobra.Command) {
	f.registerSource(c)
	c.Flags().StringVarP(&f.mapping, "mapping", "m", "", "mapping file, or the name of a built-in preset such as sdk-ios (default: the file beside the input, NAME.mapping.yaml, else a preset that the header shows, else the standard mapping)")
	c.Flags().StringVar(&f.properties, "properties", "", "file of customer properties of Sinch Engage, by which the customers are checked and mapped")
	c.Flags().StringVar(&f.channel, "channel", "", "with --properties: what number is: whatsapp (a phone number), telegram (an id), … (default: as the file says)")
	c.Flags().StringVar(&f.unmapped, "unmapped", "", "columns no rule knows: error, ignore or custom (default: as the mapping says)")
	c.Flags().StringArrayVar(&f.ignore, "ignore", nil, "a column that is not imported, by its name or as \"column 7\"; may be given several times")
	c.Flags().StringVar(&f.badCells, "bad-cells", "", "what a cell that cannot be used costs: refuse (its row) or drop (the cell alone, but for those that tell customers apart) (default: as the mapping says, else refuse)")
	c.Flags().StringVar(&f.region, "region", "", "country of phone numbers without a country code, such as NL (default: as the mapping says)")
	c.Flags().StringVar(&f.confidence, "confidence", "95%", "how sure every column of a guess must be for it to be taken unread; never: no guess is")
	c.Flags().StringVar(&f.dates, "dates", "", "layout of dates for which the mapping says none, such as DD/MM/YYYY (default: as the whole column shows)")
	c.Flags().IntVar(&f.workers, "workers", 0, "rows are mapped and checked on this many cores (default: all)")
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of ledger and reports")
	c.Flags().BoolVar(&f.json, "json", false, "print the report as one JSON object")
	c.Flags().StringVar(&f.redact, "redact", "none", "hide customers' values in the files of the run: none, mask, hash or full")
	c.Flags().StringSliceVar(&f.acceptDamage, "accept-damage", nil, "codes of damage, such as column.zeros, that does not stop an import though it is in a column by which customers are told apart")
	c.Flags().StringVar(&f.allow, "allow-rejects", "0", "rows that may be invalid or rejected with exit code 0 still: a number or a share, 20 or 2%")
}

func (f *inputFlags) registerSource(c *cobra.Command) {
	c.Flags().StringVar(&f.format, "format", "", "csv, ndjson or json (default: by content)")
	c.Flags().StringVar(&f.delimiter, "delimiter", "", "what stands between cells: a character, or tab (default: found out)")
	c.Flags().StringVar(&f.sheet, "sheet", "", "the one sheet of a workbook, or file of a zip archive, to read (default: all sheets that are not hidden)")
	c.Flags().StringVar(&f.encoding, "encoding", "", "of text that is not UTF-8, such as windows-1252 or shift_jis (default: found out)")
	c.Flags().StringVar(&f.quote, "quote", "", "what encloses a cell's text: a character, or none (default: found out)")
	c.Flags().StringVar(&f.escape, "escape", "", "what makes a quote inside a cell text, such as \\ (default: found out; doubling it always does)")
	c.Flags().IntVar(&f.skipLines, "skip-lines", 0, "lines before the header (default: found out)")
	c.Flags().BoolVar(&f.noHeader, "no-header", false, "the first record is a row; the columns are called A, B, C")
	c.Flags().BoolVar(&f.header, "header", false, "the first record is the header as it stands (default: found out)")
	c.Flags().IntVar(&f.maxRow, "max-row", 0, "bytes a row may have (default 1048576)")
}

func (f *inputFlags) source() (source.Options, error) {
	o := source.Options{Format: f.format, Encoding: f.encoding, MaxRow: f.maxRow, Sheet: f.sheet, SkipLines: f.skipLines, NoHeader: f.noHeader, HasHeader: f.header}
	switch {
	case f.delimiter == "":
	case strings.EqualFold(f.delimiter, "tab"), f.delimiter == `\t`:
		o.Delimiter = '\t'
	case len(f.delimiter) == 1:
		o.Delimiter = f.delimiter[0]
	default:
		return o, usage("--delimiter %q is not one character", f.delimiter)
	}
	if f.header && f.noHeader {
		return o, usage("--header and --no-header contradict each other")
	}
	if err := f.quotes(&o); err != nil {
		return o, err
	}
	switch f.format {
	case "", "csv", "ndjson", "json":
		return o, nil
	default:
		return o, usage("--format %q is none of csv, ndjson, json", f.format)
	}
}

// sureness is how sure every column of a guess must be; none is as sure as never.
func (f *inputFlags) sureness() (float64, error) {
	if f.confidence == "never" {
		return 2, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(f.confidence, "%"), 64)
	if strings.HasSuffix(f.confidence, "%") {
		n /= 100
	}
	if err != nil || n <= 0 || n > 1 {
		return 0, usage("--confidence %q is neither a share such as 95%% nor never", f.confidence)
	}
	return n, nil
}

// quotes sets quote and escape.
func (f *inputFlags) quotes(o *source.Options) error {
	switch {
	case strings.EqualFold(f.quote, "none"):
		o.Quote = source.NoQuote
	case len(f.quote) > 1:
		return usage("--quote %q is neither one character nor none", f.quote)
	case f.quote != "":
		o.Quote = f.quote[0]
	}
	if len(f.escape) > 1 {
		return usage("--escape %q is not one character", f.escape)
	}
	if f.escape != "" {
		o.Escape = f.escape[0]
	}
	if f.skipLines < 0 {
		return usage("--skip-lines %d is less than none", f.skipLines)
	}
	return nil
}

// config is what the flags say of the input, for a check or an import.
func (a *app) config(c *cobra.Command, f *inputFlags, files []string) (pipeline.Config, error) {
	options, err := f.source()
	if err != nil {
		return pipeline.Config{}, err
	}
	if files, err = expanded(files); err != nil {
		return pipeline.Config{}, err
	}
	for i, code := range f.acceptDamage {
		if !strings.Contains(code, ".") {
			f.acceptDamage[i] = "column." + code
		}
	}
	confidence, err := f.sureness()
	if err != nil {
		return pipeline.Config{}, err
	}
	allowance, err := parseAllowance("--allow-rejects", f.allow)
	if err != nil {
		return pipeline.Config{}, err
	}
	redact, err := report.ParseRedaction(f.redact)
	if err != nil {
		return pipeline.Config{}, usage("--redact %v", err)
	}
	return pipeline.Config{
		Redact: redact, Command: c.Name(), Files: files, Stdin: a.Stdin, Source: options,
		Mapping: f.mapping, Properties: f.properties, Channel: f.channel, Unmapped: f.unmapped, Ignore: f.ignore, BadCells: f.badCells, Region: f.region, Dates: f.dates, Confidence: confidence,
		State: f.state, Workers: f.workers, AllowRejects: allowance, AcceptDamage: f.acceptDamage,
		Version: Version, Again: a.again(), Progress: a.progress(f.json),
	}, nil
}

// again is the command line as a person would type it again.
func (a *app) again() string {
	words := []string{"muster"}
	for _, arg := range a.Args {
		words = append(words, printable.Word(arg))
	}
	return strings.Join(words, " ")
}

func parseAllowance(flag, s string) (pipeline.Allowance, error) {
	var a pipeline.Allowance
	var err error
	if share, isShare := strings.CutSuffix(s, "%"); isShare {
		a.Percent, err = strconv.ParseFloat(share, 64)
		if a.Percent < 0 || a.Percent > 100 {
			err = strconv.ErrRange
		}
	} else {
		a.Rows, err = strconv.ParseInt(s, 10, 64)
		if a.Rows < 0 {
			err = strconv.ErrRange
		}
	}
	if err != nil {
		return a, usage("%s %q is neither a number of rows nor a share such as 2%%", flag, s)
	}
	return a, nil
}

func usage(format string, args ...any) error {
	return &pipeline.UsageError{Err: fmt.Errorf(format, args...)}
}

// graceFlag is how long the first signal leaves to what has begun.
func graceFlag(c *cobra.Command, grace *time.Duration, otherwise string) {
	c.Flags().DurationVar(grace, "grace", 0, "how long what has begun is waited for after Ctrl-C or SIGTERM (default: "+otherwise+")")
}

// orgFlags say which org, with which key, and how much of its budget.
type orgFlags struct {
	to, keyFile string
	share       string
	timeout     time.Duration
	rate        int
	yesOrg      string

	named, keyed namer // who named the org, and the key

	secret  project.Secret // where the project file says the key is; none: from --key-file or the environment
	secrets *secret.Opener
}

func (f *orgFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.to, "to", "", "the org: sandbox, or https://ORG.api.kustomerapp.com (default: KUSTOMER_URL)")
	c.Flags().StringVar(&f.keyFile, "key-file", "", "file that holds the API key, - for standard input (default: KUSTOMER_API_KEY)")
	c.Flags().StringVar(&f.share, "share", "50%", "part of the org's request budget this run may use")
	c.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "how long one request may take")
	registerYesOrg(c, &f.yesOrg)
	c.Flags().IntVar(&f.rate, "sandbox-rate", 0, "requests a minute the built-in org allows, -1 for no limit (default 1000)")
}

func registerYesOrg(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "yes-org", "", "the org that is meant, by its name or its host, instead of typing it when asked")
}

func (f *orgFlags) budget() (float64, error) {
	share, err := strconv.ParseFloat(strings.TrimSuffix(f.share, "%"), 64)
	if strings.HasSuffix(f.share, "%") {
		share /= 100
	}
	if err != nil || share <= 0 || share > 1 {
		return 0, usage("--share %q is not a share such as 50%%", f.share)
	}
	return share, nil
}

// key reads the API key. It never comes from a flag's value, which other users of the machine
// could see.
func (a *app) key(ctx context.Context, f *orgFlags) (string, error) {
	if f.keyFile == "" && !f.secret.None() {
		return a.kept(ctx, f)
	}
	from := project.Secret{File: f.keyFile}
	if f.keyFile == "" {
		from = project.Secret{Env: "KUSTOMER_API_KEY"}
		if !a.told(from.Env) {
			return "", &hinted{&pipeline.UsageError{Err: fmt.Errorf("no API key: neither --key-file nor KUSTOMER_API_KEY is set")},
				"put the key into a file only you can read (chmod 600) and name it with --key-file FILE"}
		}
	}
	opener := &secret.Opener{Lookup: a.Lookup, Stdin: a.Stdin, Warn: a.warn}
	key, err := opener.Open(ctx, from)
	if err == nil && strings.ContainsAny(key, " \t") {
		err = fmt.Errorf("read the secret from %s: %w", secret.Place(from), secret.ErrSeveral)
	}
	if err != nil {
		return "", &hinted{&pipeline.UsageError{Err: err}, oneKey}
	}
	return key, nil
}

// warn says on standard error what is worth a look and stops nothing.
func (a *app) warn(says string) {
	if a.log != nil {
		a.log.Warn(says)
		return
	}
	fmt.Fprintf(a.Stderr, "muster: warning: %s\n", says)
}

// kept reads the key from where the project file says it is.
func (a *app) kept(ctx context.Context, f *orgFlags) (string, error) {
	key, err := f.secrets.Open(ctx, f.secret)
	if err == nil && strings.ContainsAny(key, " \t") {
		err = secret.ErrSeveral
	}
	if err != nil {
		return "", &hinted{&pipeline.UsageError{Err: err}, "key in muster.yaml says where the API key is found, alone and on one line"}
	}
	return key, nil
}

const oneKey = "--key-file names a file that you may read and that holds the API key, alone and on one line"
