package source

import (
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// errHalfUnit: the input ends inside a UTF-16 code unit or between the two halves of a pair.
var errHalfUnit = errors.New("half a UTF-16 character at the end")

// utf16Reader gives UTF-16 text as UTF-8. A surrogate without its other half becomes the byte 0xFF, which
// is no UTF-8, so that it ends as row.encoding; golang.org/x/text would put U+FFFD there in silence.
type utf16Reader struct {
	src  io.Reader
	big  bool
	in   [32 << 10]byte
	have int    // bytes of in not yet decoded
	out  []byte // decoded, not yet handed out
	buf  []byte
	err  error
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		n, err := r.src.Read(r.in[r.have:])
		r.have += n
		r.err = err
		r.decode()
		if err == io.EOF && r.have > 0 {
			r.err = errHalfUnit
		}
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// decode turns what is whole in r.in into UTF-8 and keeps the rest at its front.
func (r *utf16Reader) decode() {
	out := r.buf[:0]
	i := 0
	for i+2 <= r.have {
		c := r.unit(i)
		switch {
		case c < utf8.RuneSelf:
			out = append(out, byte(c))
		case !utf16.IsSurrogate(c):
			out = utf8.AppendRune(out, c)
		case i+4 > r.have && r.err == nil:
			r.keep(i, out)
			return
		default:
			pair := rune(utf8.RuneError)
			if i+4 <= r.have {
				pair = utf16.DecodeRune(c, r.unit(i+2))
			}
			if pair == utf8.RuneError {
				out = append(out, 0xff)
				break
			}
			out = utf8.AppendRune(out, pair)
			i += 2
		}
		i += 2
	}
	r.keep(i, out)
}

func (r *utf16Reader) keep(from int, out []byte) {
	r.have = copy(r.in[:], r.in[from:r.have])
	r.buf, r.out = out, out
}

func (r *utf16Reader) unit(i int) rune {
	if r.big {
		return rune(r.in[i])<<8 | rune(r.in[i+1])
	}
	return rune(r.in[i+1])<<8 | rune(r.in[i])
}
