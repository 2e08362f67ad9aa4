package nightly

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/config"
	"muster/pipeline/ledger"
)

func guards() *config.Guards {
	p, err := config.Parse("muster.yaml", []byte(config.Initial()))
	if err != nil {
		panic(err)
	}
	g := p.Jobs[0].Guards
	g.Order = config.Warn
	return &g
}

// feedOf is a night of a feed with these columns, filled to a share, each of one kind.
func feedOf(rows, invalid int64, columns ...string) shape {
	t := table{Headed: true, Rows: rows}
	for _, c := range columns {
		name, rest, _ := strings.Cut(c, ":")
		filled := 1.0
		if rest != "" {
			_, _ = fmt.Sscan(rest, &filled)
		}
		t.Columns = append(t.Columns, column{Name: name, Filled: int64(filled * float64(rows)),
			Kinds: []int64{0, rows / 8, 0, 0, 0}})
	}
	return shape{Rows: rows, Invalid: invalid, Tables: []table{t}}
}

func TestDrift(t *testing.T) {
	usual := feedOf(1000, 10, "id", "name", "e-mail:0.9")
	six := slices.Repeat([]shape{usual}, 6)
	text := feedOf(1000, 10, "id", "name", "e-mail:0.9")
	text.Tables[0].Columns[1].Kinds = []int64{100, 20, 0, 0, 0}
	mixed := feedOf(1000, 10, "id", "name", "e-mail:0.9")
	mixed.Tables[0].Columns[1].Kinds = []int64{40, 80, 0, 0, 0}
	for _, test := range []struct {
		name string
		past []shape
		now  shape
		want string
	}{
		{"the first file", nil, usual, ""},
		{"the same", six, usual, ""},
		{"a little more", six, feedOf(1200, 20, "id", "name", "e-mail:0.85"), ""},
		{"no row", nil, feedOf(0, 0, "id"), "empty stop: the file has no row"},
		{"a column is missing", six[:1], feedOf(1000, 10, "id", "name"), `columns stop: the column "e-mail" is missing`},
		{"renamed at its place", six[:1], feedOf(1000, 10, "id", "name", "Mail"),
			`columns stop: the column "e-mail" is missing; it may be column C now`},
		{"renamed and moved", six[:1], feedOf(1000, 10, "E Mail", "id", "name"),
			`columns stop: the column "e-mail" is missing; it may be column A now`},
		{"a column is new", six[:1], feedOf(1000, 10, "id", "name", "e-mail:0.9", "city"),
			`new-columns warn: column D is new`},
		{"another order", six[:1], feedOf(1000, 10, "name", "id", "e-mail:0.9"),
			"order warn: the columns stand in another order"},
		{"another kind", six[:1], text, `types stop: the column "name" held values like a number, and now like a text`},
		{"a mixture", six[:1], mixed, ""},
		{"half the rows", six, feedOf(500, 5, "id", "name", "e-mail:0.9"), "rows stop: 500 rows, usually about 1000"},
		{"half the rows, too early to say", six[:4], feedOf(500, 5, "id", "name", "e-mail:0.9"), ""},
		{"twice the rows", six, feedOf(2000, 20, "id", "name", "e-mail:0.9"), "rows stop: 2000 rows, usually about 1000"},
		{"many invalid", six, feedOf(1000, 60, "id", "name", "e-mail:0.9"),
			"rejects stop: 6.0 % of the rows are invalid, usually 1.0 %"},
		{"fewer invalid", six, feedOf(1000, 0, "id", "name", "e-mail:0.9"), ""},
		{"blank", six, feedOf(1000, 10, "id", "name", "e-mail:0.5"),
			`nulls stop: 50.0 % of the column "e-mail" is blank, usually 10.0 %`},
		{"filled", six, feedOf(1000, 10, "id", "name", "e-mail"), ""},
	} {
		var got []string
		for _, f := range drift(guards(), test.past, &test.now) {
			got = append(got, fmt.Sprintf("%s %s: %s", f.Guard, f.Rule, f.Says))
		}
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s: found %q, want %q", test.name, got, test.want)
		}
	}
	off := &config.Guards{Columns: "off", NewColumns: "off", Order: "off", Types: "off", Rows: "off", Nulls: "off",
		Rejects: "off", Empty: "off", History: 1}
	for _, now := range []shape{feedOf(1, 1, "x"), feedOf(0, 0), text} {
		if found := drift(off, six, &now); len(found) > 0 {
			t.Errorf("every guard is off, and found %v", found)
		}
	}
}

// A feed that breathes, as feeds do, is let through: growth, a weekly rhythm, and noise in rows, blanks and invalid
// rows.
func TestAnOrdinaryFeedIsLetThrough(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	alarms, all := 0, 0
	for range 200 {
		var past []shape
		base := 1000 + rng.Float64()*50_000
		for day := range 60 {
			rows := base * (1 + 0.004*float64(day)) * (1 + 0.03*rng.NormFloat64())
			if day%7 > 4 {
				rows *= 0.9
			}
			now := feedOf(int64(rows), int64(rows*0.01*(1+0.3*rng.NormFloat64())), "id", "name",
				fmt.Sprintf("e-mail:%.3f", 0.9+0.01*rng.NormFloat64()))
			all++
			if len(drift(guards(), past, &now)) > 0 {
				alarms++
			}
			m := memory{Good: past}
			m.learn(now)
			past = m.Good
		}
	}
	if alarms > 0 {
		t.Errorf("%d of %d ordinary nights were stopped", alarms, all)
	}
}

func listed(keys ...byte) iter.Seq2[ledger.KeyHash, error] {
	return func(yield func(ledger.KeyHash, error) bool) {
		for _, k := range keys {
			if !yield(ledger.KeyHash{k}, nil) {
				return
			}
		}
	}
}

func TestListsOfKeys(t *testing.T) {
	for _, test := range []struct{ a, b, without, union string }{
		{"\x01\x02\x03", "\x02", "\x01\x03", "\x01\x02\x03"},
		{"", "\x02", "", "\x02"},
		{"\x01\x05", "", "\x01\x05", "\x01\x05"},
		{"\x03", "\x01\x02\x04", "\x03", "\x01\x02\x03\x04"},
	} {
		counted := 0
		var gone, both string
		for key := range without(listed([]byte(test.a)...), listed([]byte(test.b)...), func() { counted++ }) {
			gone += string(key[:1])
		}
		for key := range union(listed([]byte(test.a)...), listed([]byte(test.b)...)) {
			both += string(key[:1])
		}
		if gone != test.without || both != test.union || counted != len(test.a) {
			t.Errorf("%q and %q: without %q, union %q, counted %d", test.a, test.b, gone, both, counted)
		}
	}
}

// A key set that does not fit into memory is the same as one that does.
func TestAKeySetBeyondMemory(t *testing.T) {
	r := newKeySet(t.TempDir())
	defer r.close()
	const many = 2*keysHeld + 1000
	order := rand.New(rand.NewPCG(3, 4)).Perm(many)
	for _, i := range order {
		var key ledger.KeyHash
		binary.BigEndian.PutUint64(key[:], uint64(i/2+1)) // each twice
		if err := r.add(key); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.sort(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n := uint64(0)
		for key, err := range r.keys() {
			n++
			if err != nil || binary.BigEndian.Uint64(key[:]) != n {
				t.Fatalf("key %d is %d, %v", n, binary.BigEndian.Uint64(key[:]), err)
			}
		}
		if n != many/2 {
			t.Errorf("%d keys, want %d", n, many/2)
		}
	}
}

// What a job knows fits into a memo, however many columns its file has.
func TestAMemoryIsBounded(t *testing.T) {
	l, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	names := make([]string, 3000)
	for i := range names {
		names[i] = fmt.Sprintf("a column with a long name %d", i)
	}
	m := &memory{}
	for range 20 {
		m.learn(feedOf(1_000_000, 7, names...))
	}
	if err := m.keep(l, "wide"); err != nil {
		t.Fatal(err)
	}
	back, err := recall(l.Memo, "wide")
	if err != nil || len(back.Good) == 0 || len(back.Good) > nights {
		t.Errorf("%d nights came back, %v", len(back.Good), err)
	}
}
