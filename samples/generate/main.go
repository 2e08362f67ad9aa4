// Command generate writes files of invented customers of any size, to try muster with and to measure it:
//
//	go run ./samples/generate -rows 1000000 -invalid 2% > million.csv
//	go run ./samples/generate -rows 1000 -format ndjson > thousand.ndjson
//
// The columns are those of samples/customers.csv, and samples/customers.mapping.yaml fits. A row has about 360 bytes.
// The same flags give the same bytes, and a file begins as every longer one of the same seed. Customer ids, e-mail
// addresses, phone numbers and Twitter names are unique. Nobody has them: addresses are of the domains that RFC 2606
// reserves, numbers of North American area codes whose middle digit is 9, which are kept for the day when numbers grow
// (https://www.nanpa.com/numbering/area-codes).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// usageError is a mistake in the command line.
type usageError struct{ error }

// settings are what the command line says.
type settings struct {
	rows    int64
	invalid float64 // share of rows that are wrong, 0..1
	seed    uint64
	format  string // csv, ndjson or shopify
	columns int
}

func run(args []string, out, messages io.Writer) error {
	var s settings
	share := "0"
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(messages)
	flags.Int64Var(&s.rows, "rows", 1000, "how many customers")
	flags.StringVar(&share, "invalid", share, "share of rows that are wrong, each in one of many ways: 0.02 or 2%")
	flags.Uint64Var(&s.seed, "seed", 1, "another seed gives other customers")
	flags.StringVar(&s.format, "format", "csv", "csv, ndjson, or shopify: an export of that system, without mistakes")
	flags.IntVar(&s.columns, "columns", standardColumns,
		"fewer leave the last ones out; further ones are custom attributes, from the 101st on plain remarks, which need "+
			"--unmapped ignore")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return usageError{err}
	}
	var err error
	if s.invalid, err = parseShare(share); err == nil {
		err = s.check(flags.Args())
	}
	if err != nil {
		return usageError{err}
	}
	return write(out, s)
}

func parseShare(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	if isPercent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("-invalid %s: write a share from 0 to 1, or from 0%% to 100%%", text)
	}
	return share, nil
}

// mostColumns is what a spreadsheet can hold.
const mostColumns = 16384

func (s *settings) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("what is %q? everything is said with flags", rest[0])
	case s.rows < 0 || s.rows > mostRows:
		return fmt.Errorf("-rows %d: from 0 to %d, which is how many phone numbers there are", s.rows, int64(mostRows))
	case s.format != "csv" && s.format != "ndjson" && s.format != "shopify":
		return fmt.Errorf("-format %s: csv, ndjson or shopify", s.format)
	case s.columns < 1 || s.columns > mostColumns:
		return fmt.Errorf("-columns %d: from 1 to %d", s.columns, mostColumns)
	}
	return nil
}

// blockSize is how much is gathered before it is written: large enough that writing costs nothing beside making.
const blockSize = 256 << 10

// write makes the file.
func write(out io.Writer, s settings) error {
	if s.format == "shopify" {
		return writeShopify(out, s)
	}
	t := newTable(s)
	block := make([]byte, 0, blockSize+blockSize/4)
	if s.format == "csv" {
		block = t.appendHeader(block)
	}
	for i := range s.rows {
		block = t.appendRow(block, i)
		if len(block) < blockSize {
			continue
		}
		if _, err := out.Write(block); err != nil {
			return err
		}
		block = block[:0]
	}
	_, err := out.Write(block)
	return err
}
