package source

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// charset is an encoding that is not Unicode's.
type charset struct {
	name  string
	code  encoding.Encoding
	multi bool    // characters may take several bytes
	prior float64 // how often it is met among files that are not UTF-8
}

// charsets are those that are found out by themselves. Where two give the same text, the first is named.
func charsets() []charset {
	return []charset{
		{"Windows-1252", charmap.Windows1252, false, 0.6},
		{"Windows-1250", charmap.Windows1250, false, 0.08},
		{"Windows-1251", charmap.Windows1251, false, 0.08},
		{"Windows-1253", charmap.Windows1253, false, 0.02},
		{"Windows-1254", charmap.Windows1254, false, 0.03},
		{"Windows-1255", charmap.Windows1255, false, 0.02},
		{"Windows-1256", charmap.Windows1256, false, 0.02},
		{"Windows-1257", charmap.Windows1257, false, 0.015},
		{"ISO-8859-2", charmap.ISO8859_2, false, 0.02},
		{"ISO-8859-5", charmap.ISO8859_5, false, 0.003},
		{"ISO-8859-7", charmap.ISO8859_7, false, 0.005},
		{"ISO-8859-15", charmap.ISO8859_15, false, 0.02},
		{"KOI8-R", charmap.KOI8R, false, 0.01},
		{"KOI8-U", charmap.KOI8U, false, 0.003},
		{"ISO-8859-6", charmap.ISO8859_6, false, 0.003},
		{"CP850", charmap.CodePage850, false, 0.01},
		{"CP852", charmap.CodePage852, false, 0.005},
		{"CP866", charmap.CodePage866, false, 0.005},
		{"Mac Roman", charmap.Macintosh, false, 0.02},
		{"Mac Cyrillic", charmap.MacintoshCyrillic, false, 0.002},
		{"Shift_JIS", japanese.ShiftJIS, true, 0.04},
		{"EUC-JP", japanese.EUCJP, true, 0.005},
		{"Big5", traditionalchinese.Big5, true, 0.02},
		{"GB18030", simplifiedchinese.GB18030, true, 0.05},
		{"EUC-KR", korean.EUCKR, true, 0.03},
	}
}

// charsetNamed is the charset a person names, in any of the spellings in use; false when none has that name.
func charsetNamed(name string) (charset, bool) {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	alias := map[string]string{"cp1252": "windows1252", "latin1": "windows1252", "iso88591": "windows1252",
		"macintosh": "macroman", "gbk": "gb18030",
		"gb2312": "gb18030", "cp932": "shiftjis", "sjis": "shiftjis", "cp949": "euckr", "ansi": "windows1252",
		"ibm437": "cp437", "ibm850": "cp850", "ibm852": "cp852", "ibm866": "cp866"}
	wanted := plain(name)
	if a := alias[wanted]; a != "" {
		wanted = a
	}
	for _, c := range append(charsets(), charset{name: "CP437", code: charmap.CodePage437}) {
		if plain(c.name) == wanted {
			return c, true
		}
	}
	if code, err := htmlindex.Get(name); err == nil && code != encoding.Replacement {
		return charset{name: name, code: code}, true
	}
	return charset{}, false
}

// settleEncoding decodes the input, of which no more than the byte order mark is known: as it is named, or
// as its first bytes tell. UTF-8 goes on untouched. The error is an *Error.
func (in *input) settleEncoding(name string) error {
	wanted := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
	wide := strings.HasPrefix(wanted, "utf16") || strings.HasPrefix(wanted, "utf32")
	switch {
	case in.marked && name != "" && !strings.HasPrefix(strings.ReplaceAll(strings.ToLower(in.encoding), "-", ""),
		wanted[:min(len(wanted), 5)]):
		return in.encodingError("has the byte order mark of " + in.encoding + "; --encoding " + name + " contradicts it")
	case in.marked, wanted == "utf8":
		return nil
	case wide:
		return in.decodeWide(wanted)
	case name != "":
		c, ok := charsetNamed(name)
		if !ok {
			return in.encodingError(fmt.Sprintf("--encoding %q is no encoding that is known; among those that are: UTF-8, "+
				"UTF-16, UTF-32, %s", name, charsetList()))
		}
		in.recode(c, c.name+" (set by option)")
		return nil
	}
	sample := in.look(sampleSize)
	if w := wideOf(sample); w != "" {
		return in.decodeWide(w)
	}
	if noText(sample) {
		return nil
	}
	mostly, perhaps := mostlyUTF8(sample)
	if mostly {
		return nil
	}
	if c, kept := keptCharset(in.name); kept {
		in.recode(c, c.name+" (as the input was)")
		return nil
	}
	if err := in.guessCharset(sample); err != nil && (!perhaps || err.Readings != nil) {
		return err
	}
	return nil
}

func (in *input) encodingError(detail string) *Error {
	return &Error{Code: fileEncoding, File: in.name, Detail: detail}
}

func charsetList() string {
	var names []string
	for _, c := range charsets() {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

// recode reads the input, the bytes looked at included, through c's decoder.
func (in *input) recode(c charset, say string) {
	in.reread(transform.NewReader(in.whole(), transform.Chain(c.code.NewDecoder(), faults{})), say)
}

// whole is the input from its start, the bytes looked at included.
func (in *input) whole() io.Reader {
	tail := in.body
	if in.end != nil {
		tail = failing{in.end}
	}
	return io.MultiReader(bytes.NewReader(in.head), tail)
}

func (in *input) reread(body io.Reader, say string) {
	in.body, in.head, in.end, in.encoding = body, nil, nil, say
}

// decodeWide reads UTF-16 or UTF-32 without a byte order mark; a name without byte order is found out, or else little
// endian.
func (in *input) decodeWide(name string) error {
	say := "found out by its zero bytes"
	if seen := wideOf(in.look(sampleSize)); seen == "" || !strings.HasPrefix(seen, name) {
		say = "set by option"
	} else {
		name = seen
	}
	big := strings.HasSuffix(name, "be")
	order := map[bool]string{true: "big", false: "little"}[big] + " endian (" + say + ")"
	if strings.HasPrefix(name, "utf16") {
		in.reread(&utf16Reader{src: in.whole(), big: big}, "UTF-16 "+order)
		return nil
	}
	in.decode32(big, in.whole(), "UTF-32 "+order)
	return nil
}

func (in *input) decode32(big bool, body io.Reader, say string) {
	order := utf32.LittleEndian
	if big {
		order = utf32.BigEndian
	}
	code := utf32.UTF32(order, utf32.IgnoreBOM)
	in.reread(transform.NewReader(body, transform.Chain(code.NewDecoder(), faults{})), say)
}

// wideOf says which of UTF-16 and UTF-32 a sample without byte order mark is in, as utf16le and so on; "" for none.
func wideOf(sample []byte) string {
	sample = sample[:min(len(sample), 4096)&^3]
	if len(sample) < 8 {
		return ""
	}
	var zeros [4]int
	for i, b := range sample {
		if b == 0 {
			zeros[i&3]++
		}
	}
	n := len(sample) / 4
	some := max(1, n/50)                              // even text without one Latin letter has delimiters and line ends
	even, odd := zeros[0]+zeros[2], zeros[1]+zeros[3] // few characters have a zero as their lower byte
	switch {
	case zeros[3] == n && zeros[2] >= n*9/10 && zeros[0] <= n/10:
		return "utf32le"
	case zeros[0] == n && zeros[1] >= n*9/10 && zeros[3] <= n/10:
		return "utf32be"
	case odd >= 2*some && even <= odd/10:
		return "utf16le"
	case even >= 2*some && odd <= even/10:
		return "utf16be"
	}
	return ""
}

// faults turns U+FFFD, which the decoders put in silence where bytes are no character, into the byte 0xFF, which is no
// UTF-8: so the row becomes row.encoding.
type faults struct{ transform.NopResetter }

func (faults) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	const replacement = "\uFFFD"
	for nSrc < len(src) {
		rest := src[nSrc:]
		n := bytes.IndexByte(rest, replacement[0])
		if n != 0 {
			if n < 0 {
				n = len(rest)
			}
			m := copy(dst[nDst:], rest[:n])
			nDst, nSrc = nDst+m, nSrc+m
			if m < n {
				return nDst, nSrc, transform.ErrShortDst
			}
			continue
		}
		if len(rest) < 3 && !atEOF {
			return nDst, nSrc, transform.ErrShortSrc
		}
		size, text := min(3, len(rest)), rest[:min(3, len(rest))]
		if string(text) == replacement {
			text = []byte{0xff}
		}
		if len(dst)-nDst < len(text) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], text)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// failing is a reader that has ended with err.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
