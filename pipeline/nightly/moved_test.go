package nightly_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Who moves has one home with the mapping of the deployment samples, however many nights tell of it.
func TestWhoMovesHasOneHome(t *testing.T) {
	mapping, err := os.ReadFile("../../samples/deploy/customers.mapping.yaml")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, nightProject)
	h.write("crm.mapping.yaml", string(mapping))
	for n, town := range []string{"Ede", "Breda", "Delft"} {
		h.clock.set(halfPastTwo(n + 1))
		h.write("feed-0"+string(rune('1'+n))+".csv", "Customer ID,Name,City,Country\n1,Anna,"+town+",NL\n")
		if out, err := h.night().Run(t.Context(), nil); err != nil || out.ExitCode != 0 {
			t.Fatalf("night %d: %v, %+v", n+1, err, out.Jobs[0])
		}
	}
	all, err := h.org.Dump(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(err, len(all))
	}
	var has struct{ Locations []struct{ CityName string } }
	if err := json.Unmarshal(all[0].Attributes, &has); err != nil || len(has.Locations) != 1 ||
		has.Locations[0].CityName != "Delft" {
		t.Errorf("%v, %s", err, strings.ReplaceAll(string(all[0].Attributes), "\n", " "))
	}
}
