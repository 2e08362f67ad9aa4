package bind

import (
	"context"
	"io"
	"os"

	"muster/pipeline/parallel"
	"muster/pipeline/source"
)

// OpenSource is source.Open for what may be no regular file, such as a pipe, which can be read only once: opening and
// reading it ends with ctx, although the one who is to write to it may keep both waiting.
func OpenSource(ctx context.Context, name string, stdin io.Reader, o source.Options) (source.Reader, error) {
	if name != "-" && IsSpecial(name) {
		return source.OpenStream(name, special(ctx, name), o)
	}
	return source.Open(name, stdin, o)
}

// IsSpecial says whether a name is that of a pipe, a device or a socket.
func IsSpecial(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

func special(ctx context.Context, name string) io.Reader {
	return parallel.Interruptible(ctx, &pipe{name: name})
}

// pipe is a file that is opened when it is first read.
type pipe struct {
	name string
	file *os.File
}

func (l *pipe) Read(p []byte) (n int, err error) {
	if l.file == nil {
		if l.file, err = os.Open(l.name); err != nil {
			return 0, err
		}
	}
	return l.file.Read(p)
}
