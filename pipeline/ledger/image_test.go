package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// kept are the images of a run, as its methods tell them.
func kept(t testing.TB, from func(func(Kept, error) bool)) (all []Kept) {
	t.Helper()
	for image, err := range from {
		must(t, err)
		all = append(all, image)
	}
	return all
}

func update(index int, id, before, after string) Image {
	return Image{Index: index, CustomerID: id, Rev: 7, Before: []byte(before), Update: []byte(after)}
}

func TestImagesAreKeptWithTheIntent(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	first := Request{Verb: "update", Items: []int{0, 2}, Images: []Image{
		update(0, hexID(1), `{"name":"Ana"}`, `{"name":"Bo"}`), update(2, "odd id", `{}`, `{"name":null}`)}}
	_, err := r.Intend(Batch{Seq: 1, Items: items(l, 3, 4, 5)}, first)
	must(t, err)
	second := Request{Verb: "single-update", Items: []int{0},
		Images: []Image{update(0, hexID(1), `{"name":"Cy"}`, `{"name":"Bo"}`)}}
	n, err := r.Again(1, second)
	must(t, err)
	must(t, r.Answer(1, n, "results"))
	_, err = r.Intend(Batch{Seq: 2, Items: items(l, 6)}, ask(0))
	must(t, err)
	must(t, r.Settle(1, []Settled{created(hexID(1)), {Status: "unsent"}, {Status: "unknown"}}))

	want := []Kept{
		{Image: first.Images[0], Seq: 1, N: 1, Ordinal: 3, State: RequestIntended,
			Settled: &Settled{Status: "created", CustomerID: hexID(1)}},
		{Image: first.Images[1], Seq: 1, N: 1, Ordinal: 5, State: RequestIntended, Settled: &Settled{Status: "unknown"}},
		{Image: second.Images[0], Seq: 1, N: 2, Ordinal: 3, State: RequestAnswered,
			Settled: &Settled{Status: "created", CustomerID: hexID(1)}},
	}
	if got := kept(t, r.Images); !reflect.DeepEqual(got, want) {
		t.Errorf("kept %+v, want %+v", got, want)
	}
	for range r.Images { // leaving early leaves nothing open
		break
	}
	must(t, r.Finish(RunInterrupted, 4, nil))
	other := begin(t, l, "other", "g")
	if got := kept(t, other.Images); got != nil {
		t.Errorf("another run has %+v", got)
	}
	v, err := OpenReadOnly(dir)
	must(t, err)
	if got := kept(t, v.Images("run")); !reflect.DeepEqual(got, want) {
		t.Errorf("a view has %+v", got)
	}
	for _, err := range v.Images("none") {
		if !errors.Is(err, ErrNoRun) {
			t.Error(err)
		}
	}
	must(t, v.Close())
	must(t, l.DropImages("run"))
	if got := kept(t, r.Images); len(got) != 3 {
		t.Errorf("%d images of the run that was named", len(got))
	}
	must(t, l.DropImages(""))
	if got := kept(t, r.Images); got != nil {
		t.Errorf("dropped, and there are %+v", got)
	}
}

// TestAnUnfitImageKeepsNothing: the intent and its images stand or fall together.
func TestAnUnfitImageKeepsNothing(t *testing.T) {
	l := open(t, t.TempDir())
	r := begin(t, l, "run", "f")
	for name, image := range map[string]Image{
		"of an item that is not asked for": update(1, hexID(1), `{}`, `{}`),
		"of nobody":                        update(0, "", `{}`, `{}`),
	} {
		q := ask(0)
		q.Images = []Image{image}
		if _, err := r.Intend(Batch{Seq: 1, Items: items(l, 1, 2)}, q); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if open, err := r.OpenBatches(); err != nil || len(open) != 0 || len(kept(t, r.Images)) != 0 {
		t.Errorf("%v, %v", open, err)
	}
}

func TestImagesArePacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var images []Image
		for i := range rapid.IntRange(1, 100).Draw(t, "n") {
			text := rapid.SliceOfN(rapid.Byte(), 1, 50)
			images = append(images, Image{Index: i, CustomerID: rapid.StringN(1, 30, -1).Draw(t, "id"),
				Rev: rapid.Int64().Draw(t, "rev"), Before: text.Draw(t, "before"), Update: text.Draw(t, "update")})
		}
		packed, err := packImages(images)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpackImages(packed)
		if err != nil || !reflect.DeepEqual(got, images) {
			t.Fatalf("%v: %+v, want %+v", err, got, images)
		}
		cut := packed[:rapid.IntRange(0, len(packed)-1).Draw(t, "cut")]
		if got, err := unpackImages(cut); err == nil && len(got) >= len(images) {
			t.Fatalf("%d of %d bytes are read as %d images", len(cut), len(packed), len(got))
		}
	})
}

// TestALedgerOfTheFirstVersionIsBrought: what was kept before images were stays, and images can be kept.
func TestALedgerOfTheFirstVersionIsBrought(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	_, err := r.Intend(Batch{Seq: 1, Items: items(l, 1)}, ask(0))
	must(t, err)
	must(t, r.Settle(1, []Settled{created(hexID(1))}))
	key := items(l, 1)[0].Key
	must(t, r.Finish(RunFinished, 1, nil))
	path := l.path
	must(t, l.Close())
	query(t, path, "DROP TABLE memos; DROP TABLE rosters; DROP TABLE images; DROP TABLE companies; DROP TABLE nights; "+
		"PRAGMA user_version = 1")
	v, err := OpenReadOnly(dir)
	must(t, err)
	if got := kept(t, v.Images("run")); got != nil {
		t.Errorf("images of before there were any: %+v", got)
	}
	must(t, v.Close())
	l = open(t, dir)
	if known, err := l.Known("org", []KeyHash{key}); err != nil || known[0].CustomerID != hexID(1) {
		t.Errorf("%+v, %v", known, err)
	}
	landed, err := l.Landed("org", []KeyHash{key, {}, l.Key("email", []byte("x"))})
	if err != nil || landed[0].IsZero() || !landed[1].IsZero() || !landed[2].IsZero() {
		t.Errorf("%v, %v", landed, err)
	}
	if got := kept(t, begin(t, l, "other", "g").Images); got != nil {
		t.Errorf("%+v", got)
	}
}

// TestImagesAreSmall states how many bytes an image takes on the disk.
func TestImagesAreSmall(t *testing.T) {
	l := open(t, t.TempDir())
	r := begin(t, l, "run", "f")
	const rows = 10_000
	for seq := range int64(rows / MaxItems) {
		var list []int64
		q := Request{Verb: "update"}
		for i := range MaxItems {
			n := int(seq)*MaxItems + i
			list, q.Items = append(list, int64(n)), append(q.Items, i)
			before := fmt.Sprintf(`{"externalId":"c-%d","name":"Ana %d","emails":[{"email":"c-%d@example.com","type":"home"}],"custom":{"avgSatScoreNum":%d,"vipBool":true,"loyaltyTierStr":"gold"}}`, n, n*7%1000, n, n%99)
			q.Images = append(q.Images, update(i, hexID(n), before, fmt.Sprintf(`{"custom":{"avgSatScoreNum":%d}}`, n%98)))
		}
		_, err := r.Intend(Batch{Seq: seq + 1, Items: items(l, list...)}, q)
		must(t, err)
	}
	must(t, l.Close())
	info, err := os.Stat(l.path)
	must(t, err)
	if perRow := info.Size() / rows; perRow > 160 {
		t.Errorf("%d bytes a row", perRow)
	} else {
		t.Logf("%d bytes a row, intents and images of 180 bytes each", perRow)
	}
	content, err := os.ReadFile(l.path)
	must(t, err)
	if bytes.Contains(content, []byte("c-77@example.com")) {
		t.Error("the images are not packed")
	}
}
