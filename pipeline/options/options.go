// Package options makes of what a person wrote, as flags of import or as keys of a job, what a run is told.
package options

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"muster/pipeline"
	"muster/pipeline/attach"
	"muster/pipeline/config"
	"muster/pipeline/deliver"
	"muster/pipeline/redact"
	"muster/pipeline/source"
)

// Error is an option that cannot be what it is.
type Error struct{ Name, Says string }

func (e *Error) Error() string { return e.Name + " " + e.Says }

func wrong(name, format string, args ...any) error { return &Error{name, fmt.Sprintf(format, args...)} }

// Config is what the options say of a run. The error is all that is wrong with them, each an *Error.
func Config(o *config.Options) (pipeline.Config, error) {
	read, err := Source(o)
	c := pipeline.Config{
		Source: read, Mapping: o.Mapping, Properties: o.Properties, Channel: o.Channel, Unmapped: o.Unmapped,
		Ignore: o.Ignore, BadCells: o.BadCells,
		Region: o.Region, Dates: o.Dates, Workers: o.Workers, Uploads: o.Uploads, Verb: deliver.Verb(o.Verb), Users: o.Users,
		Backup: o.Backup, Attachments: attach.Source{Folder: o.Attachments, Private: o.AttachmentURLs == "any",
			Most: int64(o.AttachmentBytes)},
	}
	mistakes := []error{err}
	note := func(err error) { mistakes = append(mistakes, err) }
	for _, code := range o.AcceptDamage {
		if !strings.Contains(code, ".") {
			code = "column." + code
		}
		c.AcceptDamage = append(c.AcceptDamage, code)
	}
	c.Confidence, err = sureness(o.Confidence)
	note(err)
	c.AllowRejects, err = Allowance("allow-rejects", o.AllowRejects)
	note(err)
	if c.Redact, err = redact.Parse(o.Redact); err != nil {
		note(wrong("redact", "%v", err))
	}
	if c.RejectsBook, err = rejects(o.Rejects); err != nil {
		note(err)
	}
	if c.OnConflict, err = deliver.ParseOnConflict(o.OnConflict); err != nil {
		note(wrong("on-conflict", "%v", err))
	}
	return c, errors.Join(mistakes...)
}

// Source is what the options say of how a file is read. The error is an *Error.
func Source(f *config.Options) (source.Options, error) {
	o := source.Options{Format: f.Format, Encoding: f.Encoding, MaxRow: f.MaxRow, Sheet: f.Sheet, SkipLines: f.SkipLines,
		NoHeader: f.NoHeader, HasHeader: f.Header}
	switch {
	case f.Delimiter == "":
	case strings.EqualFold(f.Delimiter, "tab"), f.Delimiter == `\t`:
		o.Delimiter = '\t'
	case len(f.Delimiter) == 1:
		o.Delimiter = f.Delimiter[0]
	default:
		return o, wrong("delimiter", "%q is not one character", f.Delimiter)
	}
	if f.Header && f.NoHeader {
		return o, wrong("header", "and no-header contradict each other")
	}
	if err := quotes(f, &o); err != nil {
		return o, err
	}
	switch f.Format {
	case "", "csv", "ndjson", "json":
		return o, nil
	default:
		return o, wrong("format", "%q is none of csv, ndjson, json", f.Format)
	}
}

// quotes sets quote and escape.
func quotes(f *config.Options, o *source.Options) error {
	switch {
	case strings.EqualFold(f.Quote, "none"):
		o.Quote = source.NoQuote
	case len(f.Quote) > 1:
		return wrong("quote", "%q is neither one character nor none", f.Quote)
	case f.Quote != "":
		o.Quote = f.Quote[0]
	}
	if len(f.Escape) > 1 {
		return wrong("escape", "%q is not one character", f.Escape)
	}
	if f.Escape != "" {
		o.Escape = f.Escape[0]
	}
	if f.SkipLines < 0 {
		return wrong("skip-lines", "%d is less than none", f.SkipLines)
	}
	return nil
}

// rejects says whether refused rows are given back as a workbook, too.
func rejects(word string) (workbook bool, err error) {
	switch word {
	case "", "csv":
		return false, nil
	case "xlsx":
		return true, nil
	}
	return false, wrong("rejects", "%q is neither csv nor xlsx", word)
}

// sureness is how sure every column of a guess must be; none is as sure as never.
func sureness(word string) (float64, error) {
	if word == "never" {
		return 2, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(word, "%"), 64)
	if strings.HasSuffix(word, "%") {
		n /= 100
	}
	if err != nil || n <= 0 || n > 1 {
		return 0, wrong("confidence", "%q is neither a share such as 95%% nor never", word)
	}
	return n, nil
}

// Allowance reads a number of rows or a share of them; name is the option's, for the *Error.
func Allowance(name, s string) (deliver.Allowance, error) {
	var a deliver.Allowance
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
		return a, wrong(name, "%q is neither a number of rows nor a share such as 2%%", s)
	}
	return a, nil
}
