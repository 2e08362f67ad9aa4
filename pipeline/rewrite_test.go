package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/sandbox"
)

// What an update does to what the customer has is the mapping's word: field by field, against an org. Once it is
// done the same row is unchanged, and what was read back is what was to be written.
func TestWriteRules(t *testing.T) {
	const there = `{"externalId":"1","name":"Ann","username":"ann","emails":[{"email":"old@example.com"}],"tags":["old"],"custom":{"notesTxt":"kept","sourceStr":"crm"}}`
	const header = "id,name,user,locale,mail,tag,note,source\n1,Bea,bea,nl_NL,new@example.com,new,changed,file\n"
	for _, c := range []struct{ writes, want string }{
		{"", `Bea bea nl_NL old@example.com,new@example.com old,new changed file`},
		{"write: overwrite", `Bea bea nl_NL new@example.com new changed file`},
		{"write: if-empty", `Ann ann nl_NL old@example.com old kept crm`},
		{"write: never", `Ann ann <nil> old@example.com old kept crm`},
		{"write: {name: never, username: if-empty, locale: if-empty, emails: overwrite, tags: if-empty, custom.notesTxt: " +
			"never}", `Ann ann nl_NL new@example.com old kept file`},
		{"write: {emails: if-empty, tags: overwrite, custom.sourceStr: if-empty}",
			`Bea bea nl_NL old@example.com new changed crm`},
	} {
		o := newOrg(t, sandbox.Config{Switches: sandbox.Switches{TagNamesOnRead: true}})
		if _, err := o.connect(t).Client.Create(t.Context(), []byte(there)); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		mapping := "version: 1\n" + c.writes + "\ncolumns: {id: externalId, name: name, user: username, locale: locale, " +
			"mail: emails, tag: tags, note: custom.notesTxt, source: custom.sourceStr}\n"
		config := pipeline.Config{Command: "import", State: dir + "/state",
			Files: []string{prepared(t, dir, "people.csv", header, mapping)}}
		run := func() string {
			config.Org = o.connect(t)
			s, err := pipeline.Run(t.Context(), config)
			if err != nil || !s.Balanced || s.ExitCode != 0 {
				t.Fatalf("%s: %v %+v", c.writes, err, s)
			}
			v, err := verifyRun(t, o, config.State, s.Run, 0)
			if err != nil || v.Same != 1 {
				t.Errorf("%s: read back: %v %+v", c.writes, err, v)
			}
			return outcomes(t, s)[0].Status
		}
		want := "updated"
		if c.writes == "write: never" {
			want = "unchanged"
		}
		if got := run(); got != want {
			t.Errorf("%s: %s, want %s", c.writes, got, want)
		}
		var got struct {
			Name, Username, Locale any
			Emails                 []struct{ Email string }
			Tags                   []string
			Custom                 map[string]any
		}
		if err := json.Unmarshal(o.customers(t)["1"][0].Attributes, &got); err != nil {
			t.Fatal(err)
		}
		var mails []string
		for _, e := range got.Emails {
			mails = append(mails, e.Email)
		}
		text := strings.TrimSpace(strings.Join([]string{shown(got.Name), shown(got.Username), shown(got.Locale),
			strings.Join(mails, ","), strings.Join(got.Tags, ","), shown(got.Custom["notesTxt"]),
			shown(got.Custom["sourceStr"])}, " "))
		if text != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.writes, text, c.want)
		}
		config.State = dir + "/other" // as another machine, whose ledger knows nothing
		if got := run(); got != "unchanged" {
			t.Errorf("%s: once more: %s", c.writes, got)
		}
	}
}

func shown(v any) string {
	if v == nil {
		return "<nil>"
	}
	return v.(string)
}
