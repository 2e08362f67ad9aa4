package source

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A packed file that unpacks without an end is given up, whatever its bytes say; one that is merely repetitive is read.
func TestAPackedBombIsGivenUp(t *testing.T) {
	pack := func(name, text string, times int) string {
		path := filepath.Join(t.TempDir(), name)
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		var w io.WriteCloser = gzip.NewWriter(file)
		if strings.HasSuffix(name, ".zst") {
			if w, err = zstd.NewWriter(file); err != nil {
				t.Fatal(err)
			}
		}
		_, err = io.WriteString(w, "id,name\n")
		for block := bytes.Repeat([]byte(text), (1<<20)/len(text)); times > 0 && err == nil; times-- {
			_, err = w.Write(block)
		}
		if err = errors.Join(err, w.Close(), file.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) (rows int, err error) {
		r, err := Open(path, nil, Options{})
		if err != nil {
			return 0, err
		}
		defer r.Close()
		var chunk Chunk
		var block Block
		for {
			if err := r.Cut(&chunk); err == io.EOF {
				return rows, nil
			} else if err != nil {
				return rows, err
			}
			r.Parse(&chunk, &block)
			rows += len(block.Rows)
		}
	}
	for _, path := range []string{pack("rows.csv.gz", "1,Ana\n", 80), pack("rows.csv.zst", "1,Ana\n", 80),
		pack("one.csv.gz", "x", 80)} {
		_, err := read(path)
		var why *Error
		if !errors.As(err, &why) || why.Code != "file.format" ||
			!strings.Contains(err.Error(), "unpacks to more than 100 times its size") {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	if rows, err := read(pack("small.csv.gz", "1,Ana\n", 20)); err != nil || rows < 20<<20/6-20 {
		t.Errorf("20 MB of one row: %d rows, %v", rows, err)
	}
}
