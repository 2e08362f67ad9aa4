package pipeline

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// forSpreadsheets has the files that people open in a spreadsheet written as the inputs were: separated as they are,
// and in their encoding.
func (r *Running) forSpreadsheets(files []report.File) (err error) {
	delimiter, charset := r.writtenAs()
	var encode func(io.Writer) (io.WriteCloser, error)
	if charset != "" {
		if err := trust.WriteWhole(filepath.Join(r.Dir, source.EncodingFile), []byte(charset+"\n")); err != nil {
			return err
		}
		encode = func(w io.Writer) (io.WriteCloser, error) { return source.Encode(w, charset) }
	}
	for _, f := range files {
		if filepath.Ext(f.Path) != ".csv" || !slices.Contains([]string{"rejects", "problems", "annotated"}, f.Kind) {
			continue
		}
		own, failed := report.ForSpreadsheet(f.Path, delimiter, encode)
		if err = errors.Join(err, failed); !own && failed == nil && r.Config.Progress != nil {
			r.Config.Progress.Say(fmt.Sprintf("%s is written as UTF-8: it has characters that %s, in which your file is, lacks",
				f.Path, charset))
		}
	}
	return err
}

// writtenAs is how all inputs are written: the delimiter, else a comma, and the encoding where it is not Unicode's.
func (r *Running) writtenAs() (delimiter byte, charset string) {
	for i, in := range r.Inputs {
		d, c := in.Delimiter, source.Charset(in.Encoding)
		if i > 0 && d != delimiter {
			d = 0
		}
		if i > 0 && c != charset {
			c = ""
		}
		delimiter, charset = d, c
		if d == 0 && c == "" {
			break
		}
	}
	if delimiter == 0 {
		delimiter = ','
	}
	return delimiter, charset
}
