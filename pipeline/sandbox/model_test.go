package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// audit fails unless the identities table says exactly what the documents of the living customers say.
func (o *org) audit(fatalf func(string, ...any)) {
	stored := map[identity]int64{}
	rows, err := o.store.reads.Query("select kind, value, customer from identities")
	if err != nil {
		fatalf("%v", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id identity
		var owner int64
		if err := rows.Scan(&id.kind, &id.value, &owner); err != nil {
			fatalf("%v", err)
		}
		stored[id] = owner
	}
	all, err := o.records(o.t.Context(), "select "+customerColumns+" from customers where deleted=0")
	if err != nil {
		fatalf("%v", err)
	}
	meant := map[identity]int64{}
	for _, one := range all {
		v, err := parse(one.document)
		if err != nil {
			fatalf("%v", err)
		}
		for _, id := range o.identities.read(nil, v) {
			if meant[id] != 0 {
				fatalf("%v belongs to two customers", id)
			}
			meant[id] = one.row
		}
	}
	if !maps.Equal(stored, meant) {
		fatalf("identities are %v, documents say %v", stored, meant)
	}
}

// model is what the org should hold: the identities of each living customer.
type model struct {
	owners map[string]string   // by identity
	held   map[string][]string // by customer
}

// free reports whether a customer may have the identities.
func (m *model) free(customer string, ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return m.owners[id] != "" && m.owners[id] != customer })
}

func (m *model) give(customer string, ids []string) {
	for _, id := range m.held[customer] {
		delete(m.owners, id)
	}
	for _, id := range ids {
		m.owners[id] = customer
	}
	m.held[customer] = ids
}

// person draws the lists of a customer and their identities as the model writes them. Both lists are always there, so
// that an update replaces all identities.
func person(t *rapid.T) (body string, ids []string) {
	var emails, external []string
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 2, rapid.ID).Draw(t, "emails") {
		spelled := rapid.SampledFrom([]string{"p%d@b.example", "P%d@B.example"}).Draw(t, "spelling")
		emails = append(emails, fmt.Sprintf(`{"email":"`+spelled+`"}`, n))
		ids = append(ids, fmt.Sprintf("email %d", n))
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 2, rapid.ID).Draw(t, "external") {
		external = append(external, fmt.Sprintf(`{"externalId":"%d"}`, n))
		ids = append(ids, fmt.Sprintf("external %d", n))
	}
	return fmt.Sprintf(`"emails":[%s],"externalIds":[%s]}`, strings.Join(emails, ","), strings.Join(external, ",")), ids
}

// However customers are created, changed and deleted, one by one and in bulk, the org refuses exactly those writes
// that would give an identity two owners.
func TestOrgAgreesWithItsModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := start(t, Config{RatePerMinute: -1, Switches: Switches{ObjectUpdatesPerMinute: -1, BatchSize: 2}})
		defer o.stop()
		m := &model{map[string]string{}, map[string][]string{}}
		r.Repeat(map[string]func(*rapid.T){
			"create": func(r *rapid.T) {
				body, ids := person(r)
				got := o.do("POST", "/v1/customers", "{"+body)
				if (got.status == 201) != m.free("", ids) {
					r.Fatalf("create %s: %d with %v", body, got.status, m.owners)
				}
				if got.status == 201 {
					m.give(got.at("data.id"), ids)
				}
			},
			"change": func(r *rapid.T) {
				if len(m.held) == 0 {
					r.Skip()
				}
				id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.held))).Draw(r, "customer")
				body, ids := person(r)
				got := o.do("PATCH", "/v1/customers/"+id, "{"+body)
				if (got.status == 200) != m.free(id, ids) {
					r.Fatalf("change %s: %d with %v", body, got.status, m.owners)
				}
				if got.status == 200 {
					m.give(id, ids)
				}
			},
			"delete": func(r *rapid.T) {
				if len(m.held) == 0 {
					r.Skip()
				}
				id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.held))).Draw(r, "customer")
				o.want(204, "DELETE", "/v1/customers/"+id, "")
				m.give(id, nil)
				delete(m.held, id)
			},
			"bulk create": func(r *rapid.T) { bulkAgrees(r, o, m, "POST") },
			"bulk change": func(r *rapid.T) { bulkAgrees(r, o, m, "PUT") },
		})
		o.audit(r.Fatalf)
	})
}

func bulkAgrees(r *rapid.T, o *org, m *model, method string) {
	known := slices.Sorted(maps.Keys(m.held))
	if method == "PUT" && len(known) == 0 {
		r.Skip()
	}
	var items, targets []string
	var wanted [][]string
	for i := range rapid.IntRange(1, 5).Draw(r, "items") {
		body, ids := person(r)
		target, mine := "", ""
		if method == "PUT" {
			target = rapid.SampledFrom(known).Draw(r, "customer")
			mine = `"id":"` + target + `",`
		}
		items = append(items, fmt.Sprintf(`{"_clientRef":"%d",%s%s`, i, mine, body))
		targets, wanted = append(targets, target), append(wanted, ids)
	}
	got := o.bulk(method, "["+strings.Join(items, ",")+"]")
	for i, ids := range wanted {
		one := got[fmt.Sprint(i)]
		if (one.Status != "error") != m.free(targets[i], ids) {
			r.Fatalf("%s item %d of %v: %+v with %v", method, i, items, one, m.owners)
		}
		if one.Status != "error" {
			m.give(one.ID, ids)
		}
	}
}
