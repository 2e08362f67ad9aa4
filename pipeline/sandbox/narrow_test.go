package sandbox

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// What the database decides of a search is what a look at every customer would decide.
func TestNarrowFindsWhatAScanFinds(t *testing.T) {
	for _, w := range []Switches{{SearchesPerMinute: -1}, {SearchesPerMinute: -1, IdentitiesExact: true}} {
		at := newClock()
		o := start(t, Config{Now: at.now, RatePerMinute: -1, Switches: w})
		rng := rand.New(rand.NewPCG(1, 1))
		begun := at.now()
		for i := range 60 {
			id := o.want(201, "POST", "/v1/customers", fmt.Sprintf(
				`{"externalId":"e%d","emails":[{"email":"P%d@b.example"}],"phones":[{"phone":"+3161%07d"}],"custom":{"ordersNum":%d}}`, i, i, i, i%7)).at("data.id")
			if i%9 == 0 {
				o.want(204, "DELETE", "/v1/customers/"+id, "")
			}
			at.move(time.Duration(rng.IntN(5)) * time.Second)
		}
		whole, empty := 0, 0
		for range 150 {
			body := randomSearch(rng, begun)
			v, err := parse([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			q, err := parseSearch(v)
			if err != nil {
				t.Fatal(err)
			}
			if o.narrow(q).whole {
				whole++
			}
			want := o.scan(t, q, at.now())
			got := o.want(200, "POST", "/v1/customers/search?pageSize=500", body)
			if got.at("meta.total") != fmt.Sprint(len(want)) {
				t.Fatalf("%s: %s found, want %d", body, got.at("meta.total"), len(want))
			}
			for i := range len(want) {
				if !want[got.at(fmt.Sprintf("data.%d.id", i))] {
					t.Fatalf("%s: found another", body)
				}
			}
			if len(want) == 0 {
				empty++
			}
		}
		if whole < 10 || empty > 100 {
			t.Errorf("%d searches decided by the database, %d found nothing", whole, empty)
		}
	}
}

// scan is who matches, by looking at all.
func (o *org) scan(t *testing.T, q *search, now time.Time) map[string]bool {
	rows, err := o.store.reads.Query("select " + customerColumns + " from customers")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		one, err := scanRecord(rows)
		if err != nil {
			t.Fatal(err)
		}
		v, err := parse(one.document)
		if err != nil {
			t.Fatal(err)
		}
		if updated := time.UnixMilli(one.updated); q.matches(one, v) && !updated.After(now.Add(-defaultLag)) {
			found[o.store.seed.id(customerKind, one.row)] = true
		}
	}
	return found
}

func randomSearch(rng *rand.Rand, begun time.Time) string {
	when := func() string {
		return stamp(begun.Add(time.Duration(rng.IntN(150)) * time.Second))
	}
	some := func(n int, one func() string) string {
		var all []string
		for range rng.IntN(n + 1) {
			all = append(all, one())
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	q := map[string]json.RawMessage{"queryContext": json.RawMessage(`"customer"`)}
	q["and"] = json.RawMessage(some(2, func() string {
		if rng.IntN(4) == 0 {
			return fmt.Sprintf(`{"customer_custom_ordersNum":{"gte":%d}}`, rng.IntN(7))
		}
		return fmt.Sprintf(`{"customer_updated_at":{"%s":"%s"}}`, []string{"gt", "gte", "lt", "lte"}[rng.IntN(4)], when())
	}))
	if rng.IntN(2) == 0 {
		q["or"] = json.RawMessage(some(20, func() string {
			n := rng.IntN(70)
			switch rng.IntN(12) {
			case 0:
				return fmt.Sprintf(`{"customer_custom_ordersNum":{"equals":%d}}`, n%7)
			case 1, 2:
				return fmt.Sprintf(`{"customer_phone":{"equals":"+3161%07d"}}`, n)
			case 3, 4, 5:
				return fmt.Sprintf(`{"customer_email":{"equals":"p%d@B.example"}}`, n)
			}
			return fmt.Sprintf(`{"customer_externalId":{"equals":"e%d"}}`, n)
		}))
	}
	if rng.IntN(8) == 0 {
		q["not"] = json.RawMessage(`[{"customer_externalId":{"equals":"e3"}}]`)
	}
	if rng.IntN(2) == 0 {
		q["sort"] = json.RawMessage(`[{"customer_updated_at":"asc"}]`)
	}
	if rng.IntN(8) == 0 {
		q["includeDeleted"] = json.RawMessage(`true`)
	}
	text, _ := json.Marshal(q)
	return string(text)
}
