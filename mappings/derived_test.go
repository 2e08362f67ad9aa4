package mappings

import (
	"bytes"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// Templates, expressions and filters over one row, and what each makes of cells that are blank, absent or wrong.
func TestDerived(t *testing.T) {
	const people = "First Name|Last Name|role|Orders|VIP|Mail"
	for _, c := range []struct{ text, cells, want string }{
		{`derived: {name: "{First Name} {Last Name}"}`, "Ann|Lee", `{"name":"Ann Lee"}`},
		{`derived: {name: "{First Name} {Last Name}"}`, "|Lee", `{"name":"Lee"}`},
		{`derived: {name: "{First Name} {role} {Last Name}"}`, "Ann|Lee|", `{"name":"Ann Lee"}`},
		{`derived: {name: "Dr {First Name}"}`, "|Lee", `{}`},
		{`derived: {username: "{{{last_name}}}"}`, "|Lee", `{"username":"{Lee}"}`},
		{`derived: {emails: {template: "{First Name}@example.com", type: work}}`, "ann",
			`{"emails":[{"email":"ann@example.com","type":"work"}]}`},
		{`derived: {emails: ["{First Name}@example.com", "{Last Name}@example.com"]}`, "ann|lee",
			`{"emails":[{"email":"ann@example.com"},{"email":"lee@example.com"}]}`},
		{"derived:\n  custom.tierStr:\n    expr: 'num(Orders, 0) >= 10 ? \"gold\" : \"basic\"'", "|||10",
			`{"custom":{"tierStr":"gold"}}`},
		{"derived:\n  custom.tierStr:\n    expr: 'num(Orders, 0) >= 10 ? \"gold\" : \"basic\"'", "|||",
			`{"custom":{"tierStr":"basic"}}`},
		{"derived:\n  custom.tierStr:\n    expr: 'num(Orders) >= 10 ? \"gold\" : \"basic\"'", "|||many",
			`cell.derived 3: num finds no number, in line 4 of the mapping`},
		{"derived:\n  custom.doubleNum: {expr: num(Orders) * 2.5}", "|||3", `{"custom":{"doubleNum":7.5}}`},
		{"derived:\n  custom.doubleNum: {expr: num(Orders) / 0}", "|||3",
			`cell.derived 3: the result is no number, in line 3 of the mapping`},
		{"derived:\n  custom.vipBool: {expr: not yes(VIP)}", "||||no", `{"custom":{"vipBool":true}}`},
		{"derived:\n  custom.vipBool: {expr: yes(VIP)}", "||||perhaps",
			`cell.derived 4: yes finds neither yes nor no, in line 3 of the mapping`},
		{"derived:\n  tags: {expr: 'VIP == \"yes\" ? [\"vip\", lower(role)] : nil'}", "||Admin||yes",
			`{"tags":["vip","admin"]}`},
		{"derived:\n  tags: {expr: 'VIP == \"yes\" ? [\"vip\", lower(role)] : nil'}", "||Admin||no", `{}`},
		{"derived:\n  name: {expr: 'upper(cell(\"First Name\"))', prefer: first}\n" +
			"columns: {Last Name: {to: name, prefer: first}}", "Ann|Lee", `{"name":"ANN"}`},
		{"derived:\n  birthdayAt: {template: \"{role}/{Orders}\", layout: MM/DD/YYYY}", "||12/31|1990",
			`{"birthdayAt":"1990-12-31T00:00:00.000Z"}`},
		{"derived:\n  birthdayAt: \"{role}\"", "||soon",
			`cell.date 2: a date like 2024-01-31 or 2024-01-31T14:05:00Z (other forms need layout:)`},
		{"derived:\n  name: {expr: 'split(Mail, \"@\")[1]'}", "|||||a",
			`cell.derived 5: it fails on what the cells hold, in line 3 of the mapping`},
		{"skip: role != \"end-user\"\ncolumns: {Last Name: name}", "|Lee|agent", `skipped`},
		{"skip: role != \"end-user\"\ncolumns: {Last Name: name}", "|Lee|end-user", `{"name":"Lee"}`},
		{"skip: [{role: agent}, 'num(Orders, 0) < 1']\ncolumns: {Last Name: name}", "|Lee|end-user|0", `skipped`},
		{"skip: [{role: agent}, num(Orders) < 1]\ncolumns: {Last Name: name}", "|Lee|end-user|none",
			`cell.derived 3: num finds no number, in skip in line 2 of the mapping`},
		{"apostrophes: strip\nskip: role startsWith \"'\"\nderived: {username: \"{Orders}\"}", "||'+1|'+2",
			`{"username":"+2"}`},
	} {
		m, err := Parse("x", []byte("version: 1\n"+c.text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		plan, err := m.Bind(strings.Split(people, "|"), BindOptions{Unmapped: "ignore"})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var rec Record
		plan.Map(splitCells(c.cells), nil, &rec)
		plan.Map(splitCells(c.cells), nil, &rec) // a record is used again and again
		got := string(plan.AppendJSON(nil, &rec))
		if rec.Skipped {
			got = "skipped"
		}
		for _, p := range rec.Problems {
			got = p.Code + " " + string(rune('0'+p.Column)) + ": " + p.Detail
		}
		if got != c.want {
			t.Errorf("%s\n%s: %s\nwant %s", c.text, c.cells, got, c.want)
		}
		for _, s := range plan.Slots {
			if s.Column >= 6 {
				t.Errorf("%s: %s comes from column %d", c.text, s.Path, s.Column)
			}
		}
	}
}

// What the mapping derives from must be in the file, unless columns may be missing.
func TestDerivedFromMissingColumns(t *testing.T) {
	m, err := Parse("x", []byte("version: 1\nskip: rolle == \"x\"\nderived:\n  name: \"{Vorname} {Name}\"\n"+
		"  username: {expr: lower(nick)}\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Bind([]string{"Name", "role"}, BindOptions{})
	want := `the file has no column "rolle", which skip names (it has "role")
the file has no column "Vorname", which derived name names (it has "Name")
the file has no column "nick", which derived username names (name a column of the file)
column "role" is not mapped yet`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	plan, err := m.Bind([]string{"Name"}, BindOptions{Missing: "ignore"})
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	plan.Map(splitCells("Lee"), nil, &rec)
	if got := string(plan.AppendJSON(nil, &rec)); got != `{"name":"Lee"}` {
		t.Errorf("%s %v", got, rec.Problems)
	}
}

// No expression takes longer than its length and the row allow.
func TestExpressionsEnd(t *testing.T) {
	long := []byte(strings.Repeat("a", longestCell))
	for _, text := range []string{
		`replace(replace(role, "a", role), "a", role)`,
		`role matches "(a+)+(a+)+(a+)+b"`,
		strings.Repeat("role + ", 140) + "role",
		`replace(role, "", role)`,
		`split(role, "")`,
	} {
		m, err := Parse("x", []byte("version: 1\nderived:\n  custom.xStr:\n    expr: |-\n      "+text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		plan, err := m.Bind([]string{"role"}, BindOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var rec Record
		start := time.Now()
		plan.Map([][]byte{long}, nil, &rec)
		t.Log(text[:min(40, len(text))], time.Since(start))
	}
	for _, text := range []string{`len(filter(split(role, ""), # > "x")) > 0`, `let a = role; a == a`, `1..1000000 == nil`,
		`all(1..9, true)`, `now() == now()`, `$env == nil`, `repeat(role, 9) == role`,
		strings.Repeat("role == role or ", 200) + "true"} {
		if _, err := Parse("x", []byte("version: 1\nskip: |-\n  "+text+"\n")); err == nil {
			t.Errorf("%s is let in", text)
		} else {
			t.Log(err)
		}
	}
}

// FuzzDerived: whatever stands in a mapping's templates and expressions, reading and using it neither fails nor hangs,
// takes bounded memory, and no problem repeats a cell. The first cell is repeated, up to what an expression takes in.
func FuzzDerived(f *testing.F) {
	f.Add("{A} {B}", `num(A, 0) > 1 ? A : nil`, "a|1", uint16(1))
	f.Add("{{{A}}}", `split(A, ",")[0] + replace(B, "x", "y")`, "a,b|x", uint16(1))
	f.Add("{", `A matches "(a+)+b" and cell("B") in ["x"]`, "|", uint16(1))
	f.Add("{A}{A}{A}{A}{A}{A}{A}{A}{A}{A}", `replace(replace(A, "a", A), "a", A)`, "a|x", uint16(60000))
	f.Add("{A}", `A matches "(a+)+(a+)+(a+)+b"`, "aaaa|x", uint16(16000))
	f.Add("{A|upper}", strings.Repeat("A + ", 140)+"A", "a|x", uint16(60000))
	f.Add("{A}", `join(split(A, ""), A)`, "ab|x", uint16(30000))
	f.Add("{A}", `join([A, B, upper(A), lower(B)], A + A)`, "Zqxj7|x", uint16(9000))
	f.Add("{A}", `num(A) + num(B)`, "Zqxj7|Zqxj7", uint16(1))
	f.Add("{A}", `split(A, B)[9]`, "Zqxj7|Zqxj7", uint16(3))
	f.Add("{A}", `yes(A) ? string(len(A)) : A[1:99999] + A[-1:]`, "Zqxj7|yes", uint16(1))
	f.Add("{A}", `round(num(A, 0) / num(B, 0)) % 0 ** 99999`, "1e308|0", uint16(1))
	f.Add("{A}", strings.Repeat("(", 500)+"A"+strings.Repeat(")", 500), "a|1", uint16(1))
	f.Add("{A}", strings.Repeat("not ", 290)+"yes(A)", "a|1", uint16(1))
	f.Fuzz(func(t *testing.T, template, formula, row string, times uint16) {
		cells := splitCells(row)
		cells[0] = bytes.Repeat(cells[0], min(int(times), 1+longestCell/max(1, len(cells[0]))))
		text := "version: 1\nskip: " + Quote(formula) + "\nderived:\n  name: " + Quote(template) +
			"\n  custom.xStr: {expr: " + Quote(formula) + "}\n"
		allocatedAtMost(t, 256<<20, func() {
			for _, one := range []string{text, strings.Replace(text, "skip: ", "unmapped: ignore # ", 1)} {
				deriveOnce(t, one, formula+template, cells)
			}
		})
	})
}

func deriveOnce(t *testing.T, text, named string, cells [][]byte) {
	m, err := Parse("x", []byte(text))
	if err != nil {
		return
	}
	plan, err := m.Bind([]string{"A", "B"}, BindOptions{Missing: "ignore", Unmapped: "ignore"})
	if err != nil {
		return
	}
	var rec Record
	plan.Map(cells, nil, &rec)
	if payload := plan.AppendJSON(nil, &rec); len(payload) > 20*longestText {
		t.Fatalf("a payload of %d bytes", len(payload))
	}
	for _, problem := range rec.Problems {
		if strings.Contains(problem.Detail, "Zqxj7") && !strings.Contains(named, "Zqxj7") {
			t.Fatalf("a problem holds a value: %s", problem.Detail)
		}
	}
}

// allocatedAtMost says that do takes no more bytes of memory, those given back included: what bounds its time, too.
func allocatedAtMost(t *testing.T, most uint64, do func()) {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	do()
	metrics.Read(sample)
	if took := sample[0].Value.Uint64() - before; took > most {
		t.Fatalf("%d MB were allocated", took>>20)
	}
}
