package pipeline_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/schema"
)

func sandboxConfig() sandbox.Config { return sandbox.Config{} }

// unreadable is a file that belongs to somebody else.
func unreadable(t *testing.T, dir string) string {
	if os.Getuid() == 0 {
		t.Skip("root may read every file")
	}
	path := prepared(t, dir, "people.csv", "externalId,name\n1,Ana\n", "")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	return path
}

// endless is a file that is a link to itself.
func endless(t *testing.T, dir string) string {
	path := dir + "/people.csv"
	if err := os.Symlink(path, path); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	return path
}

// packed is text compressed, without its last bytes.
func packed(t *testing.T, text string, without int) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()[:b.Len()-without]
}

// oneSheet is a workbook of one sheet, externalId and name, with one row of these cells.
func oneSheet(t *testing.T, cells string) string {
	t.Helper()
	const main, rel = "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
		"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns="` + main + `" xmlns:r="` + rel +
			`"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="` + main +
			`"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>externalId</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row><row r="2">` + cells + `</row></sheetData></worksheet>`,
	} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// stage is an org that something is going to go wrong with.
type stage struct {
	t    *testing.T
	dir  string
	org  *org
	runs int
	c    kustomer.Config
}

func newStage(t *testing.T) *stage {
	o := newOrg(t, searchable())
	// A clock that jumps over what would be slept: waiting for the org's budget is over at once.
	var jumped atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(jumped.Load())) }
	skip := func(ctx context.Context, d time.Duration) error { jumped.Add(int64(d)); return ctx.Err() }
	return &stage{t: t, dir: t.TempDir(), org: o, c: kustomer.Config{URL: o.front.URL, Key: o.Key(), Share: 1,
		Timeout: 5 * time.Second, Now: now, Sleep: skip}}
}

// imports runs an import with a ledger of its own, so that the org alone knows what was there before.
func (g *stage) imports(verb deliver.Verb, content string) *report.Summary {
	g.t.Helper()
	g.runs++
	before := g.org.before
	g.org.spoil(nil)
	connected := g.org.connect(g.t)
	g.org.spoil(before)
	client, err := kustomer.New(g.c)
	if err != nil {
		g.t.Fatal(err)
	}
	connected.Client = client
	s, err := pipeline.Run(g.t.Context(), pipeline.Config{Command: "import", Verb: verb, Org: connected,
		JobPatience: time.Second,
		Files:       []string{prepared(g.t, g.dir, fmt.Sprintf("people%d.csv", g.runs), content, "")},
		State:       fmt.Sprintf("%s/state%d", g.dir, g.runs)})
	if s == nil {
		g.t.Fatal(err)
	}
	return s
}

// answers has the org answer every writing request with one status.
func (g *stage) answers(status int, body string) {
	g.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
		return true
	})
}

// bursts is a transport that fails as only a mistake of our own does.
type bursts struct{ http.RoundTripper }

func (b bursts) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		panic("the mistake")
	}
	return b.RoundTripper.RoundTrip(r)
}

const (
	ana = "externalId,name,email\n1,Ana,ana@example.com\n"
	bo  = "externalId,name,email\n2,Bo,bo@example.com\n"
)

// orgFixtures are the codes that take an org: what it holds, or how it answers.
func orgFixtures() map[string]func(t *testing.T) {
	tries := map[string]func(t *testing.T){}
	try := func(code, status string, exit int, act func(g *stage) *report.Summary) {
		tries[code] = func(t *testing.T) {
			t.Parallel()
			s := act(newStage(t))
			found := problems(t, s)
			if len(found) != 1 || found[0].code != code || found[0].line != 2 {
				t.Errorf("problems %+v", found)
			}
			if s.ExitCode != exit || !s.Balanced {
				t.Errorf("exit code %d, balanced %v, stopped %q; want exit code %d", s.ExitCode, s.Balanced, s.Stopped, exit)
			}
			if rows := outcomes(t, s); len(rows) != 1 || rows[0].Status != status || rows[0].Code != code {
				t.Errorf("outcomes %v, want one %s", rows, status)
			}
		}
	}
	try("identity.conflict", "rejected", 3, func(g *stage) *report.Summary {
		g.imports("", ana)
		g.imports("", bo)
		return g.imports("", "externalId,email\n1,bo@example.com\n")
	})
	try("identity.merge", "rejected", 3, func(g *stage) *report.Summary {
		g.imports("", `{"externalId":"1","emails":["`+repeat(10, "a%d@example.com", `","`)+"\"]}\n")
		return g.imports("", "externalId,email\n1,more@example.com\n")
	})
	try("kustomer.exists", "rejected", 3, func(g *stage) *report.Summary {
		g.imports("", ana)
		return g.imports(deliver.Create, ana)
	})
	try("plan.changed", "skipped", 3, func(g *stage) *report.Summary {
		path := prepared(g.t, g.dir, "planned.csv", ana, "")
		plan := planFor(g.t, g.org, path, g.dir+"/planned", "")
		g.imports("", ana)
		s, err := apply(g.t, g.org, plan, g.dir+"/planned")
		if err != nil {
			g.t.Error(err)
		}
		return s
	})
	try("kustomer.not_found", "rejected", 3, func(g *stage) *report.Summary { return g.imports(deliver.Update, ana) })
	try("kustomer.duplicate", "rejected", 3, func(g *stage) *report.Summary {
		g.imports("", "externalId,WhatsApp\n1,+31612345678\n")
		return g.imports("", "externalId,WhatsApp\n2,+31612345678\n")
	})
	answered := func(code, status string, exit, answer int, body string) {
		try(code, status, exit, func(g *stage) *report.Summary { g.answers(answer, body); return g.imports("", ana) })
	}
	answered("kustomer.refused", "rejected", 3, 400, `{"errors":[{"status":400,"code":"bad_param","title":"invalid parameter","source":{"parameter":"name"}}]}`)
	answered("kustomer.too_large", "rejected", 3, 413, `{}`)
	answered("kustomer.unauthorized", "rejected", 4, 401, `{}`)
	answered("kustomer.throttled", "rejected", 6, 429, `{}`)
	answered("kustomer.no_evidence", "unknown", 8, 502, `<html>bad gateway</html>`)
	company := "externalId,company.name\n1,Acme\n"
	try("identity.company", "invalid", 3, func(g *stage) *report.Summary {
		newCompany(g.t, g.org)
		newCompany(g.t, g.org)
		return g.imports("", company)
	})
	try("kustomer.company", "rejected", 3, func(g *stage) *report.Summary {
		g.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost && r.URL.Path == "/v1/companies" {
				w.WriteHeader(400)
				fmt.Fprint(w, `{"errors":[{"status":400,"code":"badparam","title":"companies are made by hand here"}]}`)
				return true
			}
			return false
		})
		return g.imports("", company)
	})
	try("kustomer.no_conversation", "rejected", 3, func(g *stage) *report.Summary {
		g.org.put(g.t, "/v1/metadata/conversation", `{"properties":{"reasonStr":{}}}`)
		return g.imports("", "conversationId,customAttributes.reasonStr\n000000000000000000000000,late\n")
	})
	barred := func(path, body string, status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet || r.URL.Path != path {
				return false
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	try("kustomer.tags", "updated", 3, func(g *stage) *report.Summary {
		g.imports("", "externalId,name,tags\n1,Ana,old\n")
		g.org.spoil(barred("/v1/tags", "{}", 403))
		return g.imports("", "externalId,name,tags\n1,Bea,new\n")
	})
	try("kustomer.masked", "rejected", 3, func(g *stage) *report.Summary {
		g.imports("", ana)
		g.org.spoil(barred("/v1/customers/externalId=1",
			`{"data":{"type":"customer","id":"64aa00000000000000000001","attributes":{"externalId":"1","rev":3,"phones":[{"phone":"*****4567"}]}}}`, 200))
		return g.imports("", "externalId,phone\n1,+31612345678\n")
	})
	try("kustomer.stale_rev", "rejected", 3, func(g *stage) *report.Summary {
		g.imports("", ana)
		return g.imports("", "externalId,name,rev\n1,Bea,7\n")
	})
	try("run.internal", "unknown", 1, func(g *stage) *report.Summary {
		g.c.Transport = bursts{http.DefaultTransport}
		return g.imports("", ana)
	})
	return tries
}

// validatorFixtures are what the schema refuses and a mapping never lets pass: the schema is asked
// itself, so that it stays the second lock on the door.
func validatorFixtures() map[string]func(t *testing.T) {
	tries := map[string]func(t *testing.T){}
	try := func(code, document, record string) {
		tries[code] = func(t *testing.T) {
			v, err := schema.Compile([]byte(document))
			if document == "" {
				v, err = schema.NewValidator(nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			if found, err := v.Validate([]byte(record)); err != nil || len(found) != 1 || found[0].Code != code {
				t.Errorf("%v %v", found, err)
			}
		}
	}
	try("schema.items", "", `{"tags": ["`+repeat(21, "t%d", `","`)+`"]}`) // cell.too_many comes first
	// a mapping makes the kind of value that the place takes
	try("schema.type", "", `{"name": 5}`)
	try("klass.suffix", "", `{"custom": {"nickname": "a"}}`) // a mapping file that names it is refused
	try("schema.rule", `{"not": {"type": "object"}}`, `{}`)  // for schemas of one's own
	return tries
}
