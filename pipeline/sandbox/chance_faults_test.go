package sandbox

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// instant is short, so that faults that last do not.
const instant = 20 * time.Millisecond

// misbehaving is an org that does one thing wrong, always.
func misbehaving(t *testing.T, fault string, w Switches) *org {
	t.Helper()
	return start(t, Config{Switches: w, Misbehaviour: Misbehaviour{Rates: map[string]float64{fault: 1}, Moment: instant}})
}

// effects is what each fault does to one call: the status or "cut", and whether the write was applied.
var effects = map[string]struct {
	method, path, body string
	want               string // status, or cut
	applied            bool
}{
	"throttle":     {"POST", "/v1/customers", `{"externalId":"1"}`, "429", false},
	"expired":      {"POST", "/v1/customers", `{"externalId":"1"}`, "401", false},
	"role-lost":    {"POST", "/v1/customers", `{"externalId":"1"}`, "403", false},
	"slow":         {"POST", "/v1/customers", `{"externalId":"1"}`, "201", true},
	"cut-before":   {"POST", "/v1/customers", `{"externalId":"1"}`, "cut", false},
	"error-before": {"POST", "/v1/customers", `{"externalId":"1"}`, "5xx", false},
	"error-after":  {"POST", "/v1/customers", `{"externalId":"1"}`, "5xx", true},
	"cut-after":    {"POST", "/v1/customers", `{"externalId":"1"}`, "cut", true},
	"cut-middle":   {"POST", "/v1/customers", `{"externalId":"1"}`, "cut", true},
	"refuse-item":  {"POST", "/v1/customers", `{"externalId":"1"}`, "400", false},
	"too-large":    {"POST", "/v1/customers/bulk", `[{"externalId":"1"},{"externalId":"2"}]`, "413", false},
	"body-empty":   {"POST", "/v1/customers", `{"externalId":"1"}`, "201", true},
	"body-html":    {"POST", "/v1/customers", `{"externalId":"1"}`, "201", true},
	"error-shape":  {"POST", "/v1/customers", `{"externalId":1}`, "400", false},
	"hang-before":  {"POST", "/v1/customers", `{"externalId":"1"}`, "cut", false},
	"hang-after":   {"POST", "/v1/customers", `{"externalId":"1"}`, "cut", true},
}

func TestFaultsDoWhatTheySay(t *testing.T) {
	for name, e := range effects {
		t.Run(name, func(t *testing.T) {
			b := Misbehaviour{Rates: map[string]float64{name: 1}, Moment: instant}
			if strings.HasPrefix(name, "hang") {
				b.Moment = instant / 100
			}
			o := start(t, Config{Misbehaviour: b})
			got := "cut"
			if r, err := o.send(e.method, e.path, e.body); err == nil {
				got = fmt.Sprint(r.status)
			}
			if got != e.want && !(e.want == "5xx" && strings.HasPrefix(got, "5")) {
				t.Errorf("answered %s, want %s", got, e.want)
			}
			if o.Misdeeds()[name] == 0 {
				t.Error("the misdeed was not counted")
			}
			o.Behave(true)
			if n, err := o.Count(t.Context()); err != nil || (n == 1) != e.applied {
				t.Errorf("%d customers, %v", n, err)
			}
		})
	}
}

// results reads what one job's batches say, by reference.
func (o *org) said(id string) map[string][]string {
	said := map[string][]string{}
	var body struct {
		Data []struct {
			Attributes *batchSaid
			batchSaid
		}
	}
	if err := json.Unmarshal(o.want(200, "GET", "/v1/bulk/"+id+"/batches", "").body, &body); err != nil {
		o.t.Fatal(err)
	}
	for _, b := range body.Data {
		in := b.batchSaid
		if b.Attributes != nil {
			in = *b.Attributes
		}
		for _, r := range in.Results {
			said[r.Ref] = append(said[r.Ref], r.Status)
		}
	}
	return said
}

type batchSaid struct {
	Results []struct {
		Ref    string `json:"_clientRef"`
		Status string
	}
}

func TestFaultsOfResults(t *testing.T) {
	for fault, wrong := range map[string]func(map[string][]string) bool{
		"results-missing":   func(said map[string][]string) bool { return len(said) < 30 },
		"results-doubled":   func(said map[string][]string) bool { return most(said) == 2 },
		"results-torn":      func(said map[string][]string) bool { return most(said) == 2 },
		"results-strangers": func(said map[string][]string) bool { return len(said["stranger-0"]) == 1 },
		"results-case": func(said map[string][]string) bool {
			return slices.ContainsFunc(slices.Collect(valuesOf(said)), func(s string) bool { return s == "CREATED" })
		},
		"results-shuffled": func(said map[string][]string) bool { return len(said) == 30 },
		"results-spread":   func(said map[string][]string) bool { return len(said) == 30 },
	} {
		t.Run(fault, func(t *testing.T) {
			o := misbehaving(t, fault, Switches{})
			var items []string
			for i := range 30 {
				items = append(items, fmt.Sprintf(`{"_clientRef":"r%d","externalId":"%d"}`, i, i))
			}
			id := o.want(201, "POST", "/v1/customers/bulk", "["+strings.Join(items, ",")+"]").at("data.id")
			o.settled(id)
			if said := o.said(id); !wrong(said) {
				t.Errorf("%v", said)
			}
		})
	}
}

func most(said map[string][]string) (n int) {
	for _, list := range said {
		n = max(n, len(list))
	}
	return n
}

func valuesOf(said map[string][]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, list := range said {
			for _, s := range list {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// settled waits until a job is complete.
func (o *org) settled(id string) {
	o.t.Helper()
	for range 6000 {
		if r := o.do("GET", "/v1/bulk/"+id, ""); r.status == 200 && r.at("data.attributes.status") == "complete" {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	o.t.Fatal("the job does not end")
}

func TestJobsMissingAndStuck(t *testing.T) {
	// A moment long enough for the look to fall into it on a busy machine.
	o := start(t, Config{Misbehaviour: Misbehaviour{Rates: map[string]float64{"job-missing": 1}, Moment: 2 * time.Second}})
	id := o.want(201, "POST", "/v1/customers/bulk", `[{"externalId":"1"}]`).at("data.id")
	o.want(404, "GET", "/v1/bulk/"+id, "")
	o.settled(id)
	o = misbehaving(t, "job-stuck", Switches{})
	id = o.want(201, "POST", "/v1/customers/bulk", `[{"externalId":"1"}]`).at("data.id")
	time.Sleep(2 * heldFor)
	o.want(200, "GET", "/v1/bulk/"+id, "").expect(t, "data.attributes.status", "queued")
	o.Behave(true)
	o.settled(id)
}

func TestRivals(t *testing.T) {
	o := misbehaving(t, "rival-takes", Switches{})
	o.want(409, "POST", "/v1/customers", `{"externalId":"1","emails":[{"email":"a@b.example"}]}`)
	o.want(200, "GET", "/v1/customers/email=a@b.example", "").expect(t, "data.attributes.name", "Rival")
	all, err := o.Dump(t.Context())
	if err != nil || len(all) != 1 || all[0].Author != ConcurrentWriter {
		t.Errorf("%+v %v", all, err)
	}
	o = misbehaving(t, "rival-edits", Switches{})
	id := o.want(201, "POST", "/v1/customers", `{"externalId":"1"}`).at("data.id")
	o.want(200, "GET", "/v1/customers/"+id, "").expect(t, "data.attributes.rev", "1")
	o.want(200, "GET", "/v1/customers/"+id, "").expect(t, "data.attributes.rev", "2")
}

func TestFieldsAreLostWithoutAWord(t *testing.T) {
	o := misbehaving(t, "field-truncated", Switches{})
	o.want(201, "POST", "/v1/customers", `{"name":"Anabel"}`).expect(t, "data.attributes.name", "Ana")
	o = misbehaving(t, "field-dropped", Switches{})
	o.want(201, "POST", "/v1/customers", `{"custom":{"vipBool":true}}`).expect(t, "data.attributes.custom", "")
}

// Items that are refused each alone still get their result, and the others land.
func TestRefusedItemsGetTheirResults(t *testing.T) {
	b := Misbehaviour{Rates: map[string]float64{"refuse-item": 0.3}, Seed: 3}
	o := start(t, Config{Switches: Switches{SchemaErrorsPerItem: true}, Misbehaviour: b})
	var items []string
	for i := range 30 {
		items = append(items, fmt.Sprintf(`{"_clientRef":"r%d","externalId":"%d"}`, i, i))
	}
	id := o.want(201, "POST", "/v1/customers/bulk", "["+strings.Join(items, ",")+"]").at("data.id")
	o.settled(id)
	said := o.said(id)
	for i := range 30 {
		want := "created"
		if o.Unwelcome(fmt.Sprint(i)) {
			want = "error"
		}
		if got := said[fmt.Sprintf("r%d", i)]; len(got) != 1 || got[0] != want {
			t.Errorf("item %d: %v, want %s", i, got, want)
		}
	}
}

// One seed and the same requests give the same misdeeds; another seed gives others.
func TestMisdeedsAreReproducible(t *testing.T) {
	run := func(seed uint64) string {
		o := start(t, Config{Misbehaviour: Misbehaviour{Rates: map[string]float64{"error-before": 0.4}, Seed: seed}})
		said := ""
		for i := range 40 {
			said += o.status("POST", "/v1/customers", fmt.Sprintf(`{"externalId":"%d"}`, i)) + " "
		}
		return said
	}
	if a, b := run(1), run(1); a != b {
		t.Errorf("seed 1 gave\n%s and\n%s", a, b)
	}
	if run(1) == run(2) {
		t.Error("seeds 1 and 2 give the same")
	}
}

// Every field of Switches has one row in the table, and can be set by its name.
func TestNamedSwitchesAreComplete(t *testing.T) {
	rows := NamedSwitches()
	fields := reflect.VisibleFields(reflect.TypeFor[Switches]())
	if len(rows) != len(fields) {
		t.Fatalf("%d rows for %d fields", len(rows), len(fields))
	}
	words := map[string]string{"BatchesShape": "bare", "ResetFormat": "ms", "SubmitStatus": "running",
		"ErrorShape": "portal", "DuplicateStatus": "422",
		"ClientIDs": "honour", "CompanyFilter": "exact", "CompanyUnique": "emails", "ConversationPatch": "json",
		"InboundReopens": "no", "MessageAuthors": "any", "MessageLookup": "lower", "AttachmentRefs": "accept",
		"CustomerMismatch": "accept"}
	for i, f := range fields {
		if rows[i].field != f.Name {
			t.Errorf("row %d is of %s, the field is %s", i, rows[i].field, f.Name)
			continue
		}
		var w Switches
		position := words[f.Name]
		if position == "" {
			position = map[string]string{"int": "7", "Duration": "3s", "": "a+b"}[f.Type.Name()]
		}
		if err := w.Set(rows[i].Name, position); err != nil {
			t.Errorf("%s: %v", rows[i].Name, err)
		}
		if reflect.ValueOf(w).Field(i).IsZero() {
			t.Errorf("%s was not set", rows[i].Name)
		}
	}
	var answered []string
	for _, one := range rows {
		answered = append(answered, strings.Fields(one.Unknown)...)
	}
	for _, one := range Unheld() {
		answered = append(answered, one.Unknown)
	}
	for n := 1; n <= 52; n++ {
		if one := fmt.Sprintf("U%d", n); !slices.Contains(answered, one) {
			t.Errorf("%s has no switch, and none says why", one)
		}
	}
	var w Switches
	for _, wrong := range [][2]string{{"no-such", ""}, {"batch-size", "many"}, {"company-kept", "perhaps"},
		{"error-shape", "round"}, {"search-lag", "7"}} {
		if w.Set(wrong[0], wrong[1]) == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}

func TestMisbehaviourIsChecked(t *testing.T) {
	for _, rates := range []map[string]float64{{"no-such": 0.1}, {"slow": 1.1}, {"slow": -1}} {
		if s, err := Start(Config{Misbehaviour: Misbehaviour{Rates: rates}}); err == nil {
			s.Close()
			t.Errorf("%v was taken", rates)
		}
	}
}
