package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"muster/pipeline/trust"
	"muster/pipeline/unseen"
)

// byteOrderMark says to a spreadsheet that a file is UTF-8; without it, letters beyond ASCII are read in the machine's
// old encoding.
const byteOrderMark = "\xef\xbb\xbf"

// ForSpreadsheet has a CSV file of ours opened by a double click where the user sits: separated as the input was, and
// in its encoding, which encode makes of UTF-8, where that has every character of the file. Where it has not, own is
// false; there, and where encode is nil, the file is marked as UTF-8 if it has letters beyond ASCII. Nothing else of it
// changes; a file that needs nothing stays as it is.
func ForSpreadsheet(path string, delimiter byte, encode func(io.Writer) (io.WriteCloser, error)) (own bool, err error) {
	plain, err := isASCII(path)
	if err != nil || plain && delimiter == ',' {
		return true, err
	}
	if plain {
		encode = nil
	}
	if own = encode == nil || fits(path, encode); !own {
		encode = nil
	}
	err = trust.Replace(path, 0o600, func(out *os.File) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close() // before the new file takes its place: Windows replaces none that is open
		var to io.WriteCloser = out
		if encode != nil {
			if to, err = encode(out); err != nil {
				return err
			}
		}
		w := bufio.NewWriterSize(to, sinkBuffer)
		if !plain && encode == nil {
			w.WriteString(byteOrderMark)
		}
		if delimiter == ',' {
			_, err = io.Copy(w, in)
		} else {
			err = Redelimit(bufio.NewReaderSize(in, sinkBuffer), w, delimiter)
		}
		if err = errors.Join(err, w.Flush()); encode != nil {
			err = errors.Join(err, to.Close())
		}
		return err
	})
	if err != nil {
		return own, fmt.Errorf("write %s for a spreadsheet: %w", path, err)
	}
	return own, nil
}

// fits says whether an encoding has every character of a file.
func fits(path string, encode func(io.Writer) (io.WriteCloser, error)) bool {
	in, err := os.Open(path)
	if err != nil {
		return false
	}
	defer in.Close()
	to, err := encode(io.Discard)
	if err != nil {
		return false
	}
	_, err = io.CopyBuffer(to, in, make([]byte, sinkBuffer))
	return errors.Join(err, to.Close()) == nil
}

// Redelimit copies a CSV file that separates by commas and puts delimiter in their place. Cells that have it are
// quoted.
func Redelimit(in *bufio.Reader, w *bufio.Writer, delimiter byte) error {
	var cell []byte
	inside, has := false, false
	end := func(after byte) {
		if has && (len(cell) == 0 || cell[0] != '"') {
			w.WriteByte('"') // a cell without quotes has none inside
			cell = append(cell, '"')
		}
		w.Write(cell)
		if after != 0 {
			w.WriteByte(after)
		}
		cell, has = cell[:0], false
	}
	for {
		c, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			end(0)
			return nil
		case err != nil:
			return err
		case c == '"':
			inside = !inside
		case !inside && c == ',':
			end(delimiter)
			continue
		case !inside && c == '\n':
			end(c)
			continue
		}
		has = has || c == delimiter
		cell = append(cell, c)
	}
}

func isASCII(path string) (bool, error) {
	in, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer in.Close()
	buffer := make([]byte, sinkBuffer)
	for {
		n, err := in.Read(buffer)
		if !unseen.IsASCII(buffer[:n]) {
			return false, nil
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// OpenedForSpreadsheet reads what [ForSpreadsheet] wrote: its mark goes to w, and what stands between its cells is
// told.
func OpenedForSpreadsheet(in *bufio.Reader, w *bufio.Writer) (text *bufio.Reader, delimiter byte) {
	if mark, err := in.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		in.Discard(len(mark))
		w.Write(mark)
	}
	delimiter = ','
	head, _ := in.Peek(in.Size()) // less than that is all there is
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	if rest, is := bytes.CutSuffix(line, []byte(RejectColumns[3])); is && len(rest) > 0 {
		return in, rest[len(rest)-1]
	}
	names := strings.SplitN(ProblemHeader, ",", 3)
	if rest, is := bytes.CutPrefix(line, []byte(names[0])); is && len(rest) > 0 &&
		bytes.HasPrefix(rest[1:], []byte(names[1])) {
		return in, rest[0]
	}
	return in, delimiter
}
