package bind

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

// Fingerprint digests the bytes of all inputs, so that a run taken up again is known to read what
// it read before.
func Fingerprint(inputs []*Input) ([]byte, error) {
	sum := sha256.New()
	for _, in := range inputs {
		if err := in.digest(sum); err != nil {
			return nil, err
		}
	}
	return sum.Sum(nil), nil
}

func (in *Input) digest(sum io.Writer) error {
	f := in.spool
	if f == nil {
		var err error
		if f, err = os.Open(in.Path); err != nil {
			return fmt.Errorf("read %s: %w", in.Name, err)
		}
		defer f.Close()
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read %s: %w", in.Name, err)
	}
	in.changed, in.Size = info.ModTime(), info.Size()
	content := sha256.New()
	if _, err := io.Copy(content, io.NewSectionReader(f, 0, info.Size())); err != nil {
		return fmt.Errorf("read %s: %w", in.Name, err)
	}
	in.Content = content.Sum(nil)
	fmt.Fprintf(sum, "%x\x00%s\x00%d\x00", in.Content, in.Name, info.Size())
	return nil
}

// ErrInputChanged: a file was written to while it was being imported.
var ErrInputChanged = errors.New("the file has changed since the run began")

// Unchanged says whether the file still has the size and time it had when it was digested.
func (in *Input) Unchanged() error {
	if in.spool != nil {
		return nil
	}
	info, err := os.Stat(in.Path)
	if err != nil || info.Size() != in.Size || !info.ModTime().Equal(in.changed) {
		return fmt.Errorf("%s: %w", in.Name, ErrInputChanged)
	}
	return nil
}

func digestOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
