package command_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var allWays = flag.Bool("all-ways", false, "hold lists and tags by every way on a hundred seeds instead of a few")

// listColumns are the columns of a file with lists and tags, their lines in a mapping, and the values that they hold;
// %d parts the customers, and what an org takes as one is written in several forms.
func listColumns() []struct {
	name, line string
	values     []string
} {
	return []struct {
		name, line string
		values     []string
	}{
		{"name", "name", []string{"Ann Lee", "Bo Ray"}},
		{"mail", "emails[home]", []string{"a%d@example.com", "A%d@Example.com", "b%d@example.com"}},
		{"work mail", "emails[work]", []string{"w%d@example.com", "b%d@example.com"}},
		{"mobile", "phones[mobile]", []string{"+316123450%02d", "+31 6 1234 50%02d", "+316123460%02d"}},
		{"tag", `{to: tags, split: ";"}`, []string{"vip", "new", "old;vip", "new;old", "lapsed"}},
		{"street", "locations[home].address", []string{"Dam 1", "Plein 2"}},
		{"town", "locations[home].city", []string{"Ede", "Delft"}},
		{"office", "locations[work].city", []string{"Bonn", "Köln"}},
		{"site", "urls", []string{"https://example.com/%d", "https://Example.com:443/%d", "https://other.example/%d"}},
		{"chat", "whatsapps", []string{"+316523450%02d", "whatsapp:+316523450%02d", "+316523460%02d"}},
	}
}

// listedPeople is a file of customers from the first on, each with a value in some of the columns.
func listedPeople(rng *rand.Rand, first, n int) string {
	var b strings.Builder
	b.WriteString("id")
	for _, c := range listColumns() {
		b.WriteString("," + c.name)
	}
	for i := first; i < first+n; i++ {
		fmt.Fprintf(&b, "\nc-%d", i)
		for _, c := range listColumns() {
			value := ""
			if rng.IntN(3) > 0 {
				value = c.values[rng.IntN(len(c.values))]
			}
			b.WriteString("," + strings.NewReplacer("%02d", fmt.Sprintf("%02d", i), "%d", fmt.Sprint(i)).Replace(value))
		}
	}
	return b.String() + "\n"
}

// TestLaw1ListsAndTagsHoldByEveryWay: over any org, a file with lists and tags comes to the same by an import, a plan
// that is applied, a job of the night, in two halves and as another format; what the mapping lets stay has stayed; the
// customers read back are as they were sent, the same once more changes nothing, and taken back the org is as it was.
func TestLaw1ListsAndTagsHoldByEveryWay(t *testing.T) {
	rounds := 2
	if *allWays {
		rounds = 100
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Chdir(t.TempDir())
			rng := rand.New(rand.NewPCG(uint64(seed), 21))
			mapping, policies := "", map[string]string{}
			for _, c := range listColumns() {
				mapping += "  " + c.name + ": " + c.line + "\n"
			}
			for _, list := range []string{"emails", "phones", "tags", "locations", "urls", "whatsapps"} {
				words := []string{"append", "overwrite", "if-empty", "never", "replace"}
				if list == "tags" || list == "urls" {
					words = words[:4] // they have no types
				}
				policies[list] = words[rng.IntN(len(words))]
			}
			rules, err := json.Marshal(policies)
			if err != nil {
				t.Fatal(err)
			}
			mapping = "columns:\n  id: externalId\n" + mapping
			write(t, "org.csv", listedPeople(rng, 0, 8))
			write(t, "org.mapping.yaml", "version: 1\n"+mapping)
			file := listedPeople(rng, 2, 9)
			write(t, "people.csv", file)
			if err := os.Chtimes("people.csv", time.Time{}, time.Now().Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(file, "\n")
			write(t, "one.csv", strings.Join(lines[:5], ""))
			write(t, "two.csv", lines[0]+strings.Join(lines[5:], ""))
			for _, name := range []string{"people", "one", "two"} {
				write(t, name+".mapping.yaml", "version: 1\nwrite: "+string(rules)+"\n"+mapping)
			}
			write(t, "muster.yaml", "version: 1\norg: sandbox\nstate: night\njobs:\n  people:\n    source: people.csv\n"+
				"    canary: false\n")
			_, ndjson := invoke(t, nil, "read", "people.csv", "--as", "ndjson")
			write(t, "people.ndjson", ndjson[strings.Index(ndjson, "{"):])
			byEveryWay(t, policies)
		})
	}
}

// byEveryWay brings the file into an org of its own by each way.
func byEveryWay(t *testing.T, policies map[string]string) {
	t.Helper()
	does := func(code int, words string) {
		t.Helper()
		if got, said := invoke(t, nil, strings.Fields(words)...); got != code {
			t.Fatalf("%s: exit %d\n%s", words, got, said)
		}
	}
	var first map[string]map[string]any
	for _, way := range []string{"import", "plan", "night", "halves", "ndjson"} {
		to := " --to sandbox --state " + way
		does(0, "import org.csv --no-canary"+to)
		before := exported(t, way)
		switch way {
		case "plan":
			does(0, "plan people.csv"+to)
			made, err := filepath.Glob("plan/runs/*/plan.json")
			if err != nil || len(made) != 1 {
				t.Fatal(made, err)
			}
			does(0, "apply "+made[0]+" --state plan")
		case "night":
			does(0, "run")
		case "halves":
			does(0, "import one.csv two.csv --no-canary"+to)
		case "ndjson":
			does(0, "import people.ndjson --no-canary"+to)
		default:
			does(0, "import people.csv --no-canary"+to)
		}
		after := exported(t, way)
		if first == nil {
			first = after
			for id := range before {
				keptBy(t, id, policies, before[id], after[id])
			}
		} else if !reflect.DeepEqual(first, after) {
			t.Errorf("%s: by %s the org has\n%v\nand by an import\n%v", policies, way, after, first)
		}
		does(0, "verify last --all --state "+way)
		if way == "import" || way == "night" {
			does(0, "undo last --yes --state "+way)
			if back := exported(t, way); !reflect.DeepEqual(before, back) {
				t.Errorf("%s: taken back the org has\n%v\nand it had\n%v", policies, back, before)
			}
			continue
		}
		_, said := invoke(t, nil, strings.Fields("import people.csv --no-canary"+to)...)
		if !strings.Contains(said, "\n  unchanged  9") {
			t.Errorf("%s: the same once more, after %s:\n%s", policies, way, said)
		}
	}
}

// keptBy holds what the org had of a customer to the words of the mapping: all of it stays but where they replace or
// overwrite it.
func keptBy(t *testing.T, id string, policies map[string]string, before, after map[string]any) {
	t.Helper()
	for list, word := range policies {
		if word == "overwrite" || word == "replace" {
			continue
		}
		had, _ := before[list].([]any)
		has, _ := after[list].([]any)
		for _, entry := range had {
			same := func(other any) bool { return reflect.DeepEqual(other, entry) }
			if word == "append" && list != "locations" { // a row may name another type
				same = func(other any) bool { return entryOf(other) == entryOf(entry) }
			}
			if !slices.ContainsFunc(has, same) {
				t.Errorf("%s: %s (%s) had %v and has %v", id, list, word, entry, has)
			}
		}
		if len(had) > 0 && word != "append" && len(has) != len(had) {
			t.Errorf("%s: %s (%s) had %v and has %v", id, list, word, had, has)
		}
	}
}

// entryOf is by what an org tells an entry from others of its list.
func entryOf(entry any) string {
	fields, is := entry.(map[string]any)
	if !is {
		return strings.ToLower(fmt.Sprint(entry))
	}
	for _, field := range []string{"email", "phone", "url"} {
		if text, has := fields[field].(string); has {
			return strings.NewReplacer("whatsapp:", "", ":443", "").Replace(strings.ToLower(text))
		}
	}
	return fmt.Sprint(entry)
}

// exported is what an org has of each customer, by its external id: lists in the order of their text.
func exported(t *testing.T, state string) map[string]map[string]any {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.ndjson")
	if code, said := invoke(t, nil, "export", "customers", "--to", "sandbox", "--state", state, "-o", path); code != 0 {
		t.Fatalf("export: exit %d\n%s", code, said)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for line := range strings.Lines(string(text)) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		for _, own := range []string{"createdAt", "customerId", "updatedAt", "modifiedAt", "lastActivityAt"} {
			delete(one, own)
		}
		for _, value := range one {
			if list, is := value.([]any); is {
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
		}
		all[fmt.Sprint(one["externalId"])] = one
	}
	return all
}
