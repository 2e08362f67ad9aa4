package source

import (
	"fmt"
	"io"

	"golang.org/x/text/transform"
)

// Encode writes UTF-8 as an encoding that Options.Encoding can name; "" is UTF-8 itself. Close ends the text, and
// leaves w open. A character that the encoding lacks is an error.
func Encode(w io.Writer, encoding string) (io.WriteCloser, error) {
	if encoding == "" {
		return unencoded{w}, nil
	}
	c, known := charsetNamed(encoding)
	if !known {
		return nil, fmt.Errorf("%q is no encoding that is known", encoding)
	}
	return transform.NewWriter(w, c.code.NewEncoder()), nil
}

// Encodable says whether an encoding has every character of a text.
func Encodable(text, encoding string) bool {
	c, known := charsetNamed(encoding)
	if !known {
		return false
	}
	_, err := c.code.NewEncoder().String(text)
	return err == nil
}

type unencoded struct{ io.Writer }

func (unencoded) Close() error { return nil }
