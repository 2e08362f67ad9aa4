package inflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// samples are texts of many kinds: none, short and long codes, repetitions near and far, what cannot be packed.
func samples() map[string][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 200_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	var sheet, skewed bytes.Buffer
	for i := range 6_000 {
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%[1]d" t="s"><v>%[2]d</v></c><c r="B%[1]d"><v>%.2[3]f</v></c></row>`, i, i*7, random.Float64()*1000)
	}
	for range 300_000 { // each byte half as often as the one before: codes of all sizes
		b := byte(0)
		for random.IntN(2) == 0 && b < 40 {
			b++
		}
		skewed.WriteByte(b)
	}
	return map[string][]byte{
		"nothing": nil, "one byte": {7}, "a run": bytes.Repeat([]byte("a"), 300_000), "a pattern": bytes.Repeat([]byte("abc"), 99_999),
		"noise": noise, "noise again": append(noise[:40_000:40_000], noise[:40_000]...), "far": append(noise[:32_768:32_768], noise[:32_768]...),
		"sheet": sheet.Bytes(), "skewed": skewed.Bytes(), "words": []byte(strings.Repeat("Wem gehört das? ", 5_000)),
	}
}

func pack(t testing.TB, text []byte, level int) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, level)
	if err == nil {
		_, err = w.Write(text)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whatever the standard library packs comes back as it was, however it is read.
func TestReadsWhatIsPacked(t *testing.T) {
	for name, text := range samples() {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.DefaultCompression, flate.BestCompression, flate.HuffmanOnly} {
			stream := pack(t, text, level)
			for how, in := range map[string]io.Reader{
				"at once":           bytes.NewReader(stream),
				"byte by byte":      iotest.OneByteReader(bytes.NewReader(stream)),
				"with the last EOF": iotest.DataErrReader(bytes.NewReader(stream)),
				"more behind it":    io.MultiReader(bytes.NewReader(stream), strings.NewReader("and more")),
			} {
				if how == "byte by byte" && len(stream) > 100_000 {
					continue
				}
				got, err := io.ReadAll(NewReader(in))
				if err != nil || !bytes.Equal(got, text) {
					t.Errorf("%s, level %d, %s: %d of %d bytes, %v", name, level, how, len(got), len(text), err)
				}
			}
		}
	}
}

// A stream that ends early says so, and gives no more than it has.
func TestBreaksOff(t *testing.T) {
	for name, text := range samples() {
		text = text[:min(len(text), 3_000)]
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			stream := pack(t, text, level)
			for n := range stream {
				got, err := io.ReadAll(NewReader(bytes.NewReader(stream[:n])))
				if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(text, got) {
					t.Fatalf("%s, level %d, %d of %d bytes: %d bytes, %v", name, level, n, len(stream), len(got), err)
				}
			}
		}
	}
	away := errors.New("away")
	_, err := io.ReadAll(NewReader(io.MultiReader(bytes.NewReader(pack(t, samples()["sheet"], 6)[:5_000]), iotest.ErrReader(away))))
	if !errors.Is(err, away) {
		t.Errorf("a reader's own error: %v", err)
	}
}

// same holds that a stream, sound or not, is read as the standard library reads it: the same bytes, then an end of the same kind.
func same(t *testing.T, stream []byte) {
	t.Helper()
	const most = 4 << 20
	want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(stream)), most))
	got, err := io.ReadAll(io.LimitReader(NewReader(bytes.NewReader(stream)), most))
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%x: %v, want %v", stream, err, wantErr)
	}
	// Before an error the two may have got differently far.
	if n := min(len(got), len(want)); !bytes.Equal(got[:n], want[:n]) || err == nil && len(got) != len(want) {
		t.Fatalf("%x: %d bytes, want %d", stream, len(got), len(want))
	}
	if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%x: %v", stream, err)
	}
}

// Damaged streams are refused where the standard library refuses them.
func TestDamaged(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, text := range samples() {
		text = text[:min(len(text), 2_000)]
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			stream := pack(t, text, level)
			for range 300 {
				damaged := bytes.Clone(stream)
				for range 1 + random.IntN(3) {
					damaged[random.IntN(min(len(damaged), 1+random.IntN(len(damaged))))] ^= 1 << random.IntN(8)
				}
				same(t, damaged)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, text := range samples() {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			f.Add(pack(f, text[:min(len(text), 500)], level))
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte) { same(t, stream) })
}

func BenchmarkReader(b *testing.B) {
	text := samples()["sheet"]
	stream := pack(b, text, 6)
	for name, open := range map[string]func(io.Reader) io.ReadCloser{"inflate": NewReader, "standard library": flate.NewReader} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				io.Copy(io.Discard, open(bytes.NewReader(stream)))
			}
		})
	}
}
