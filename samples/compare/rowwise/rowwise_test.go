package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Two rows that are fit, one with a wrong date and one of a wrong width.
const people = `Customer ID,Name,E-mail,Phone,Mobile,City,Country,Language,Time zone,Birthday,Signed up,Tags,Avg Sat Score,Loyalty Tier,VIP,Orders,Last Order,Profile,Notes,Twitter
C-1,Ann,ann@example.org;a@example.com,+12902000000,,A Coruña,ES,es,Europe/Madrid,1976-11-10,2013-01-07 08:21,"vip, b2b",1,silver,no,10,23.10.2014,https://crm.example.com/1,"to, fro",
C-2,,,,,,,,,,,,,,,,,,,ann
C-3,Bea,,,,,,,,1987-02-30,,,,,,,,,,
C-4,Cas
`

func TestPeers(t *testing.T) {
	csv := filepath.Join(t.TempDir(), "people.csv")
	xlsx := filepath.Join(t.TempDir(), "people.xlsx")
	if err := os.WriteFile(csv, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"gojsonschema", csv, "../peers/record.schema.json"}, `{"rows":4,"invalid":2}`},
		{[]string{"workbook", csv, xlsx}, `{"rows":4,"invalid":0}`},
		{[]string{"excelize", xlsx}, `{"rows":4,"invalid":0}`},
		{[]string{"inflate", xlsx}, `{"rows":0,"invalid":0}`},
	} {
		var out bytes.Buffer
		if err := run(test.args, &out); err != nil || out.String() != test.want+"\n" {
			t.Errorf("%s: %s, %v, want %s", test.args[0], out.String(), err, test.want)
		}
	}
	for _, args := range [][]string{nil, {"excelize", "nowhere.xlsx"}, {"papaparse", csv},
		{"gojsonschema", "nowhere.csv", "../peers/record.schema.json"}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
