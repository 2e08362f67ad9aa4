package dedupe

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// person is a row of a test, in the form that people write.
type person struct {
	id, name, email, phone, city string
	folds                        bool
}

// resolve goes through rows as a run does.
func resolve(t interface{ Fatal(...any) }, dir string, people []person) ([]Verdict, *Resolver) {
	seeds, index := NewSeeds(), NewIndex(dir)
	rows := make([]Row, len(people))
	for n, p := range people {
		r := Row{Ordinal: int64(n), Line: int64(n) + 2, Folds: p.folds, Name: NameOf(seeds.Value(), []byte(p.name))}
		for k, text := range []string{p.id, p.email, p.phone} {
			if text != "" {
				r.Identities = append(r.Identities, Identity{Hash: seeds.Hash(Kind(k), []byte(text)), Column: k})
			}
		}
		for c, text := range []string{p.id, p.email, p.phone, p.name, p.city} {
			if text != "" {
				r.Values = append(r.Values, Value{Path: uint16(c), Hash: seeds.Hash(Content, []byte(text)).hi >> 16, Column: c,
					Listed: c == 1 || c == 2})
			}
		}
		var hashes []Hash
		for _, id := range r.Identities {
			hashes = append(hashes, id.Hash)
		}
		if err := index.Add(r.Ordinal, hashes); err != nil {
			t.Fatal(err)
		}
		rows[n] = r
	}
	search := index.Search(1)
	if err := search.Help(); err != nil {
		t.Fatal(err)
	}
	shares, err := search.Shares()
	if err != nil {
		t.Fatal(err)
	}
	resolver, verdicts := NewResolver(dir), make([]Verdict, len(people))
	for n := range rows {
		some, err := shares.Before(int64(n)+1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			continue
		}
		if verdicts[n], err = resolver.Take(&rows[n], some); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := resolver.Verdicts()
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	for n := range verdicts {
		v, judged, err := kept.At(int64(n))
		if err != nil || judged != (verdicts[n].Relation != Kept) || judged && fmt.Sprint(v) != fmt.Sprint(verdicts[n]) {
			t.Fatal("a verdict is not what was said: ", v, verdicts[n], err)
		}
	}
	return verdicts, resolver
}

var relations = map[Relation]string{Kept: "kept", Duplicate: "duplicate", Folded: "folded", Apart: "apart",
	Conflict: "conflict"}

func TestWhoIsWho(t *testing.T) {
	for name, c := range map[string]struct {
		people []person
		want   []string // relation, line of the row that stays, columns that differ and that are added
	}{
		"colleagues with one number": {
			[]person{{name: "Ann", email: "a@x", phone: "1"}, {name: "Bob", email: "b@x", phone: "1"},
				{name: "Cid", email: "c@x", phone: "1"}},
			[]string{"kept", "conflict 2 name", "conflict 2 name"}},
		"a couple with one address": {
			[]person{{name: "Ann Vos", email: "a@x"}, {name: "Bob Vos", email: "a@x"}}, []string{"kept", "conflict 2 name"}},
		"one id, another number": {
			[]person{{id: "1", name: "Ann", phone: "1"}, {id: "1", name: "Ann", phone: "2"}},
			[]string{"kept", "duplicate 2 [2] []"}},
		"one id, another name": {
			[]person{{id: "1", name: "Ann Vos"}, {id: "1", name: "Ann Bos", city: "Ede"}},
			[]string{"kept", "duplicate 2 [3] [4]"}},
		"another id, one number": {
			[]person{{id: "1", phone: "1"}, {id: "2", phone: "1"}}, []string{"kept", "conflict 2 externalId"}},
		"the same twice, each with something": {
			[]person{{name: "Ann", email: "a@x"}, {email: "a@x", phone: "1", city: "Ede"}},
			[]string{"kept", "duplicate 2 [] [2 4]"}},
		"one address, another number": {
			[]person{{name: "Ann", email: "a@x", phone: "1"}, {name: "Ann", email: "a@x", phone: "2"}},
			[]string{"kept", "conflict 2 phone"}},
		"a chain": {
			[]person{{name: "Ann", phone: "1"}, {name: "Ann", phone: "1", email: "a@x"}, {name: "Ann", email: "a@x"}},
			[]string{"kept", "duplicate 2 [] [1]", "duplicate 2 [] [1]"}},
		"a chain to somebody else": {
			[]person{{name: "Ann", phone: "1"}, {phone: "1", email: "a@x"}, {name: "Bob", email: "a@x"}},
			[]string{"kept", "duplicate 2 [] [1]", "conflict 2 name"}},
		"two who share with nobody's row": {
			[]person{{phone: "1", email: "a@x"}, {name: "Ann", phone: "1"}, {name: "Bob", email: "a@x"}},
			[]string{"kept", "duplicate 2 [] [3]", "conflict 2 name"}},
		"two customers": {
			[]person{{name: "Ann", phone: "1"}, {name: "Bob", email: "a@x"}, {phone: "1", email: "a@x"}},
			[]string{"kept", "kept", "conflict 3 each other"}},
		"behind one who is refused": {
			[]person{{name: "Ann", phone: "1"}, {name: "Bob", phone: "1", email: "b@x"}, {name: "Bob", email: "b@x"}},
			[]string{"kept", "conflict 2 name", "kept"}},
		"folded": {
			[]person{{id: "1", name: "Ann", email: "a@x", folds: true}, {id: "1", email: "b@x", folds: true},
				{id: "1", name: "Bob", folds: true}, {id: "2", folds: true}, {id: "1", phone: "1", folds: true},
				{id: "1", folds: true}},
			[]string{"kept", "folded 2 [] []", "folded 2 [3] []", "kept", "apart 2 [] [2]", "duplicate 2 [] []"}},
		"folded by address": {
			[]person{{name: "Ann", email: "a@x", phone: "1", folds: true}, {email: "a@x", phone: "2", folds: true},
				{name: "Bob", email: "a@x", folds: true}},
			[]string{"kept", "folded 2 [] []", "conflict 2 name"}},
		"not folded by a number": {
			[]person{{email: "a@x", phone: "1", folds: true}, {email: "b@x", phone: "1", folds: true}},
			[]string{"kept", "conflict 2 email"}},
	} {
		t.Run(name, func(t *testing.T) {
			verdicts, _ := resolve(t, t.TempDir(), c.people)
			for n, v := range verdicts {
				got := relations[v.Relation]
				switch v.Relation {
				case Kept:
				case Conflict:
					against := map[Against]string{AgainstName: "name", AgainstEachOther: "each other"}[v.Against]
					if against == "" {
						against = Kind(v.Against - AgainstIdentity).String()
					}
					got += fmt.Sprint(" ", v.First.Line, " ", against)
				default:
					got += fmt.Sprint(" ", v.First.Line, " ", append([]int{}, v.Differs...), " ", append([]int{}, v.Adds...))
				}
				if n < len(c.want) && c.want[n] != got && got != "conflict 3 each other" && c.want[n] != "conflict 3 each other" {
					t.Errorf("row %d: %s, want %s", n+2, got, c.want[n])
				}
				if c.want[n] == "conflict 3 each other" && v.Against != AgainstEachOther {
					t.Errorf("row %d: %s", n+2, got)
				}
			}
		})
	}
}

// Nobody is lost: whoever is said to be the customer of an earlier row contradicts nobody of those that are, unless the
// id is the same; who shares nothing is kept; and the row that stays is one that is kept.
func TestLaw1NobodyBecomesAnother(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
		folds := rapid.Bool().Draw(t, "folds")
		people := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) person {
			return person{id: some("id", "", "", "1", "2", "3"),
				name:  some("name", "", "Ann Vos", "Bob Vos", "A. Vos", "Vos, Ann", "Cid"),
				email: some("email", "", "a@x", "b@x", "c@x"), phone: some("phone", "", "1", "2"), city: some("city", "", "Ede"),
				folds: folds}
		}), 0, 30).Draw(t, "people")
		verdicts, _ := resolve(t, dir, people)
		seeds := NewSeeds()
		members := map[int64][]int{}
		for n, v := range verdicts {
			switch v.Relation {
			case Kept:
				members[int64(n)] = append(members[int64(n)], n)
			case Duplicate, Folded:
				if verdicts[v.First.Ordinal].Relation != Kept || v.First.Ordinal >= int64(n) {
					t.Fatalf("row %d stands for row %d", v.First.Ordinal, n)
				}
				members[v.First.Ordinal] = append(members[v.First.Ordinal], n)
			case Conflict, Apart:
			}
		}
		for _, rows := range members {
			for i, a := range rows {
				for _, b := range rows[:i] {
					p, q := people[a], people[b]
					if p.id != "" && p.id == q.id {
						continue
					}
					if p.id != "" && q.id != "" && p.id != q.id {
						t.Fatalf("rows %d and %d have different ids and are one: %+v", a, b, people)
					}
					alone := !slices.ContainsFunc(rows, func(n int) bool { return people[n].id != "" && n != a && n != b })
					if alone && NameOf(seeds.Value(), []byte(p.name)).Contradicts(NameOf(seeds.Value(), []byte(q.name))) {
						t.Fatalf("rows %d and %d have different names and are one: %+v", a, b, people)
					}
				}
			}
		}
	})
}

// What many have in common is counted exactly, once for each value, and only where nothing else says that they are one.
func TestCommonValues(t *testing.T) {
	var people []person
	for n := range 30 {
		people = append(people, person{name: fmt.Sprint("Person", n), email: fmt.Sprintf("%d@x", n), phone: "0"},
			person{id: "7", name: "Ann", phone: "7"}, person{id: fmt.Sprint(100 + n), name: fmt.Sprint("Other", n), phone: "8"})
	}
	verdicts, resolver := resolve(t, t.TempDir(), people)
	common := resolver.Common()
	if len(common) != 1 || common[0].Kind != Phone || common[0].Values != 2 || common[0].Rows != 60 ||
		!slices.Equal(common[0].Lines, []int64{2, 4}) {
		t.Errorf("%+v", common)
	}
	if v := verdicts[len(verdicts)-1]; v.Relation != Conflict || v.Column != 2 {
		t.Errorf("%+v", v)
	}
}

// More groups than memory holds, each met again long after.
func TestGroupsSpill(t *testing.T) {
	const n = 40_000
	people := make([]person, 0, 2*n)
	for i := range n {
		people = append(people, person{name: fmt.Sprint("Person", i), email: fmt.Sprintf("%d@x", i), city: "Ede"})
	}
	for i := range n {
		people = append(people, person{name: fmt.Sprint("Person", i), email: fmt.Sprintf("%d@x", i), phone: fmt.Sprint(i)})
	}
	verdicts, resolver := resolve(t, t.TempDir(), people)
	for i := range n {
		if v := verdicts[n+i]; verdicts[i].Relation != Kept || v.Relation != Duplicate ||
			v.First != (At{int64(i), int64(i) + 2, 0}) || !slices.Equal(v.Adds, []int{2}) {
			t.Fatalf("%d: %+v", i, v)
		}
	}
	if resolver.groups.bytes.file == nil || len(resolver.groups.bytes.held) > pagesHeld ||
		len(resolver.groups.near) > groupsNear {
		t.Error("nothing went to disk")
	}
}
