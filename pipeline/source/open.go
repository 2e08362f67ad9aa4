package source

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// Open finds out what the input is and reads its header. Name "-" is stdin, which may be nil otherwise.
// The error is an *Error; the caller closes the Reader.
func Open(name string, stdin io.Reader, o Options) (Reader, error) {
	if name != "-" {
		stdin = nil
	}
	return open(name, stdin, o)
}

// OpenStream is Open for what comes from r and is called name.
func OpenStream(name string, r io.Reader, o Options) (Reader, error) { return open(name, r, o) }

func open(name string, stream io.Reader, o Options) (Reader, error) {
	o = o.withDefaults()
	if o.Delimiter != 0 && !validDelimiter(o.Delimiter) {
		return nil, &Error{Code: fileFormat, File: name,
			Detail: "a delimiter must be one ASCII character, neither a quote nor a line end"}
	}
	if o.Quote != NoQuote && (o.Quote >= utf8.RuneSelf || o.Quote != 0 &&
		(o.Quote == o.Delimiter || o.Quote == '\n' || o.Quote == '\r')) || o.Escape >= utf8.RuneSelf {
		return nil, &Error{Code: fileFormat, File: name,
			Detail: "a quote and an escape must each be one ASCII character other than the delimiter"}
	}
	in, err := openInput(name, stream)
	if err != nil {
		return nil, err
	}
	r, err := read(in, o)
	if err != nil {
		in.close()
		return nil, err
	}
	return r, nil
}

// read chooses the reader for what stands in the input.
func read(in *input, o Options) (Reader, error) {
	in.keepsBlank = o.KeepBlank
	if in.packed {
		return openPacked(in, o)
	}
	if err := in.settleEncoding(o.Encoding); err != nil {
		return nil, err
	}
	sample := in.look(sampleSize)
	if len(sample) == 0 {
		if err, ok := in.outcome(0).(*Error); ok {
			return nil, err
		}
		return nil, &Error{Code: fileEmpty, File: in.name, Detail: "is empty"}
	}
	if err := checkText(in.name, sample); err != nil {
		return nil, err
	}
	format := o.Format
	if format == "" {
		if err := markupText(in.name, sample); err != nil {
			return nil, err
		}
		format = decideFormat(in.name, sample)
	}
	switch format {
	case "csv":
		return openCSV(in, o)
	case "ndjson":
		return openNDJSON(in, o)
	case "json":
		return openArray(in, o)
	case "vcard":
		return openVCard(in, o)
	}
	return nil, &Error{Code: fileFormat, File: in.name,
		Detail: fmt.Sprintf("%q is no format; csv, ndjson and json are", format)}
}
