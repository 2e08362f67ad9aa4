package source

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces is a generator of texts made of the given pieces, so that what matters meets often.
func pieces(parts ...string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 60).Draw(t, "pieces"), "")
	})
}

func listStdin(t *rapid.T, text string, o Options) ([]string, string) {
	r, err := Open("-", strings.NewReader(text), o)
	if err != nil {
		return nil, err.Error()
	}
	rows, err := listing(t, r)
	if err != nil {
		return rows, err.Error()
	}
	return rows, ""
}

func TestCSVReadsAsTheRulesSay(t *testing.T) {
	text := pieces("a", "bc", ",", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r\n", "\r", "\xff", "é",
		"1,2,3\n", "\"x\",\"y\",\"z\"\r\n", "4,\"5\n6\",7\n", "long text that takes several words of eight bytes")
	rapid.Check(t, func(t *rapid.T) {
		body := text.Draw(t, "text")
		o := Options{Delimiter: ',', Format: "csv"}
		o.MaxRow = rapid.SampledFrom([]int{9, 12, 20, 40, 200}).Draw(t, "maxRow")
		o.ChunkSize = rapid.IntRange(1, 100).Draw(t, "chunk")
		const header = "a,b,c\n"
		if bytes.Count([]byte(body), []byte("\xff")) > bytes.Count([]byte(body), []byte("é")) {
			body += strings.Repeat("é", 60) // or the file as a whole is refused
		}
		ref := reference{text: body, delimiter: ',', width: 3, maxRow: o.MaxRow, line: 2, number: 2, names: []string{"a", "b", "c"}}
		want := ref.read()
		for _, size := range []int{o.ChunkSize, 1 << 16} {
			o.ChunkSize = size
			got, err := listStdin(t, header+body, o)
			if err != "" {
				t.Fatalf("%q: %s", body, err)
			}
			if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
				t.Fatalf("%q in chunks of %d, rows of %d\ngot\n%s\nwant\n%s", body, size, o.MaxRow, g, w)
			}
		}
	})
}
