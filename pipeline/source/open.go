package source

import "io"

// Open finds out what the input is and reads its header. Name "-" is stdin, which may be nil otherwise.
// The error is an *Error.
func Open(name string, stdin io.Reader, o Options) (Reader, error) {
	return nil, &Error{Code: fileFormat, File: name, Detail: "no format is known yet"}
}
