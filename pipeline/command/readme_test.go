package command_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/mappings"
	"muster/pipeline/command"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/schema/engage"
)

var update = flag.Bool("update", false, "write the generated parts of the README and the manual anew")

const readme = "../../README.md"

// part is one stretch of a page that the program knows better: between <!-- name --> and <!-- /name -->.
type part struct {
	page, name string
	text       func(t *testing.T) string
}

func parts() []part {
	return []part{
		{readme, "first question", firstQuestion},
		{readme, "first run", firstRun},
		{"manual/statuses.md", "statuses", func(*testing.T) string { return statusTable() }},
		{"manual/exit-codes.md", "exit codes", func(*testing.T) string { return exitTable() }},
		{"manual/columns.md", "fates", func(*testing.T) string { return fateTable() }},
		{"manual/commands.md", "commands", commandTable},
		{"manual/mappings.md", "mapping", mappingExample},
		{"manual/mappings.md", "targets", func(*testing.T) string { return targetTable() }},
		{"manual/objects.md", "kinds", func(*testing.T) string { return kindsTable() }},
		{"manual/codes.md", "codes", func(*testing.T) string { return codeTable() }},
		{"manual/sdk.md", "systems", func(*testing.T) string { return systemsTable() }},
		{"manual/engage.md", "engage", func(*testing.T) string { return engageTable() }},
		{"manual/sandbox-org.md", "switches", func(*testing.T) string { return switchTable() }},
		{"manual/sandbox-org.md", "unheld", func(*testing.T) string { return unheldTable() }},
	}
}

// TestGeneratedPartsAreTrue holds every generated part of the README and the manual to what the program says.
func TestGeneratedPartsAreTrue(t *testing.T) {
	for _, p := range parts() {
		raw, err := os.ReadFile(p.page)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		open, end := "<!-- "+p.name+" -->\n", "<!-- /"+p.name+" -->"
		from, to := strings.Index(text, open), strings.Index(text, end)
		if from < 0 || to < from {
			t.Errorf("%s has no part %q", p.page, p.name)
			continue
		}
		from += len(open)
		want := p.text(t)
		if text[from:to] == want {
			continue
		}
		if !*update {
			t.Errorf("the part %q of %s is not what the program says (go test ./pipeline/command -update writes it):\n%s",
				p.name, p.page, want)
			continue
		}
		if err := os.WriteFile(p.page, []byte(text[:from]+want+text[to:]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// pages are the README and the pages of the manual.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("manual/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(found, readme)
}

// The README is read in two minutes: the manual holds the rest.
func TestREADMEIsShort(t *testing.T) {
	raw, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if lines, words := bytes.Count(raw, []byte("\n")), len(bytes.Fields(raw)); lines > 250 || words > 1500 {
		t.Errorf("%d lines and %d words; 250 and 1,500 are allowed", lines, words)
	}
}

// Every link of a page leads to a file that is there, and every topic that a page names is one.
func TestLinksAndTopicsExist(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	topic := regexp.MustCompile("`muster help ([a-z-]+)`")
	for _, p := range pages(t) {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(raw, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(p), string(m[1]))); err != nil {
				t.Errorf("%s: %v", p, err)
			}
		}
		for _, m := range topic.FindAllSubmatch(raw, -1) {
			if out := run(t, "help", string(m[1])); strings.Contains(out, "no topic") {
				t.Errorf("%s: muster help %s is no topic", p, m[1])
			}
		}
	}
}

// system is one of those that muster was made for, and the script that holds its row: from the sample to the org and
// back.
type system struct{ name, document, sample, becomes, back, script string }

func systems() []system {
	return []system{
		{"Kustomer's API", "Create a Customer", "complete.csv",
			"every input field, from flat columns, numbered ones, or JSON", "muster show --customer COMPLETE-1 --to sandbox",
			"complete"},
		{"Web SDK", "describeCustomer", "presets/sdk-web.ndjson",
			"addresses, numbers and accounts; attributes by system name",
			"muster show --customer W-1 --to sandbox --as describeCustomer", "sdk"},
		{"iOS SDK", "describeCurrentCustomer", "presets/sdk-ios.ndjson",
			"`phone` and `phones` as one list, four networks as accounts",
			"muster show --customer I-1 --to sandbox --as describeCustomer", "sdk"},
		{"SDKs", "describeConversation", "presets/sdk-conversation.ndjson", "attributes of conversations that the org has",
			"muster show --conversation 64c0ffee0000000000000001 --to sandbox --as describeConversation", "conversations"},
		{"Sinch Engage", "customer properties", "engage/customers.csv",
			"typed and checked by the definitions in `samples/engage/properties.csv`",
			"muster show --customer +15550100001 --to sandbox --as engage --properties samples/engage/properties.csv " +
				"--channel whatsapp", "engage"},
	}
}

func switchTable() string {
	var b strings.Builder
	b.WriteString("| switch | question | what is so when it is set |\n|---|---|---|\n")
	for _, one := range sandbox.NamedSwitches() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", one.Name, one.Unknown, one.Meaning)
	}
	return b.String()
}

func unheldTable() string {
	var b strings.Builder
	b.WriteString("| question | it is about |\n|---|---|\n")
	for _, one := range sandbox.Unheld() {
		fmt.Fprintf(&b, "| %s | %s |\n", one.Unknown, one.About)
	}
	return b.String()
}

func systemsTable() string {
	var b strings.Builder
	b.WriteString("| system | what it describes | sample | what becomes of it | read it back |\n|---|---|---|---|---|\n")
	for _, s := range systems() {
		fmt.Fprintf(&b, "| %s | %s | `samples/%s` | %s | `%s` |\n", s.name, s.document, s.sample, s.becomes, s.back)
	}
	return b.String()
}

// TestSystemsAreHeld: each row of the table stands on a script that imports its sample, verifies it, and reads it back
// by the very command that the row shows.
func TestSystemsAreHeld(t *testing.T) {
	for _, s := range systems() {
		if _, err := os.Stat("../../samples/" + s.sample); err != nil {
			t.Error(err)
		}
		script, err := os.ReadFile("testdata/" + s.script + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(script), "$SAMPLES", "samples")
		for _, want := range []string{"exits 0 muster import samples/" + s.sample, "exits 0 muster verify last", "exits 0 " +
			s.back + "\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s.txtar does not hold %q", s.document, s.script, want)
			}
		}
	}
}

// engageTable is what each type of Engage's customer properties becomes.
func engageTable() string {
	var b strings.Builder
	b.WriteString("| type in Engage | attribute in Kustomer | value, and back |\n|---|---|---|\n")
	for _, p := range engage.PropertyTypes() {
		fmt.Fprintf(&b, "| %s | `<name>%s` | %s |\n", p.Name, p.Suffix, p.Rule)
	}
	return b.String()
}

// TestShownCommandsExist: every command that the README or the manual shows is one, with flags it has.
func TestShownCommandsExist(t *testing.T) {
	total := 0
	for _, p := range pages(t) {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		shown := regexp.MustCompile("(?m)(?:^ *|`)muster ([a-z]+(?:-[a-z]+)?)([^`\n]*)").FindAllStringSubmatch(string(raw),
			-1)
		total += len(shown)
		for _, s := range shown {
			if s[1] == "help" {
				continue // see TestLinksAndTopicsExist
			}
			help := run(t, s[1], "--help")
			if sub := regexp.MustCompile(`^ ([a-z]+)`).FindStringSubmatch(s[2]); sub != nil &&
				strings.Contains(help, "Available Commands:") {
				help = run(t, s[1], sub[1], "--help")
			}
			for _, f := range regexp.MustCompile(`--[a-z-]+`).FindAllString(s[2], -1) {
				if !strings.Contains(help, f) {
					t.Errorf("%s: muster %s has no flag %s", p, s[1], f)
				}
			}
		}
	}
	if total < 30 {
		t.Fatalf("only %d commands are found", total)
	}
}

// TestCICallsTheREADMEsTestCommand: what a newcomer is told to run is what every change must pass.
func TestCICallsTheREADMEsTestCommand(t *testing.T) {
	script, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("\ngo test ./...\n")) || !bytes.Contains(script, []byte("step go test ./...\n")) {
		t.Error("the README's test command and CI's are not the same")
	}
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	command.Main(context.Background(), command.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Lookup: func(string) (string, bool) { return "", false }, Width: 80})
	return out.String()
}

// What the README says of the refused rows of its first run is so.
func TestREADMECountsTheRejects(t *testing.T) {
	state := t.TempDir()
	said := run(t, "import", "../../samples/customers.csv", "--to", "sandbox", "--no-canary", "--state", state)
	found, err := filepath.Glob(filepath.Join(state, "runs", "*", "rejects.csv"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	rejects, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(rejects, []byte("\n")) - 1; n != 13 || !strings.Contains(said, "invalid     14") ||
		!strings.Contains(said, "1 refused row is not in it") || !bytes.Contains(text, []byte("\nFourteen rows are wrong")) ||
		!bytes.Contains(text, []byte("Thirteen wait in `rejects.csv`")) {
		t.Errorf("%d rows wait in rejects.csv:\n%s", n, said)
	}
}

// firstRun runs the README's first command as a newcomer does, and takes out what differs from run to run.
func firstRun(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	cmd := exec.Command(os.Args[0], "import", "samples/customers.csv", "--to", "sandbox", "--allow-rejects", "5%",
		"--state", state)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "TESTSCRIPT_COMMAND=muster")
	bin := filepath.Join(t.TempDir(), "muster")
	if err := os.Symlink(os.Args[0], bin); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if abs, err := filepath.Abs(os.Args[0]); err == nil {
		os.Remove(bin)
		os.Symlink(abs, bin)
	}
	cmd.Path = bin
	cmd.Args[0] = "muster"
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the first command failed: %v", err)
	}
	return "```\n" + shortened(t, stable(string(out), state)) + "```\n"
}

// shortened keeps what one reads first of a report: all to the first problem, and what to do next.
func shortened(t *testing.T, report string) string {
	t.Helper()
	paragraphs := strings.SplitAfter(report, "\n\n")
	problems := slices.IndexFunc(paragraphs, func(p string) bool { return strings.Contains(p, " problems in ") })
	next := slices.IndexFunc(paragraphs, func(p string) bool { return strings.HasPrefix(p, "Next\n") })
	if problems < 0 || next < problems {
		t.Fatalf("the report has no problems, or nothing to do next:\n%s", report)
	}
	return strings.Join(paragraphs[:problems+2], "") + "  …\n\n" + paragraphs[next]
}

// stable replaces the run's id, moment, port and speed by those of the run the README shows.
func stable(out, state string) string {
	for _, r := range [][2]string{
		{regexp.QuoteMeta(" --state " + state), ""},
		{regexp.QuoteMeta(state), ".muster"},
		{`\d{8}-\d{6}-[0-9a-f]{4}`, "20261121-133205-6202"},
		{`127\.0\.0\.1:\d+`, "127.0.0.1:46809"},
		{`(?m)^  time .*$`, "  time      490 ms, 612 rows/s"},
	} {
		out = regexp.MustCompile(r[0]).ReplaceAllString(out, r[1])
	}
	return out
}

func statusTable() string {
	var b strings.Builder
	b.WriteString("| status | means |\n|---|---|\n")
	for _, s := range outcome.Statuses() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", s, s.Meaning())
	}
	return b.String()
}

func fateTable() string {
	var b strings.Builder
	b.WriteString("| fate | means |\n|---|---|\n")
	for _, fate := range report.Fates() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", fate, report.FateMeaning(fate))
	}
	return b.String()
}

func exitTable() string {
	var b strings.Builder
	b.WriteString("| exit | means |\n|---|---|\n")
	for _, e := range exit.Table() {
		fmt.Fprintf(&b, "| %s | %s |\n", e.Code, e.Meaning)
	}
	return b.String()
}

// commandTable lists the commands as the program's own help does.
func commandTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| command | does |\n|---|---|\n")
	for _, c := range command.Commands() {
		fmt.Fprintf(&b, "| `muster %s` | %s |\n", cell(c.Use), c.Short)
	}
	return b.String()
}

// mappingExample is the sample's own mapping.
func mappingExample(t *testing.T) string {
	raw, err := os.ReadFile("../../samples/customers.mapping.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return "```yaml\n" + string(raw) + "```\n"
}

// targetTable has a row for each target; what an item takes beside its value and type stands in the item's own row,
// unless there is so much of it as in an address.
func targetTable() string {
	var b strings.Builder
	b.WriteString("| target | takes | limit | means |\n|---|---|---|---|\n")
	all := mappings.Targets()
	for i := 0; i < len(all); i++ {
		g := all[i]
		takes := cell(g.Type)
		members := 1
		for i+members < len(all) && strings.HasPrefix(all[i+members].Path, g.Path+".") {
			members++
		}
		if members <= 6 {
			same := func(m mappings.Target) bool { return m.Type == g.Type && m.Limit == g.Limit }
			inner := all[i+1 : i+members]
			value := slices.IndexFunc(inner, same) // the member that is the value itself, where there is no doubt
			for k, m := range inner {
				if name := strings.TrimPrefix(m.Path, g.Path); name != ".type" &&
					(k != value || slices.ContainsFunc(inner[k+1:], same)) {
					takes += fmt.Sprintf("; `%s` %s", name, cell(m.Type))
				}
			}
			i += members - 1
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", cell(g.Path), takes, cell(g.Limit), cell(g.Meaning))
	}
	return b.String()
}

func codeTable() string {
	var b strings.Builder
	b.WriteString("| code | means | fix |\n|---|---|---|\n")
	for _, c := range outcome.Codes() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Code, cell(c.Meaning), cell(c.Fix))
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// kindsTable lists the targets of each kind but customers.
func kindsTable() string {
	var b strings.Builder
	for _, kind := range []string{"company", "kobject.order", "conversation", "message", "note"} {
		fmt.Fprintf(&b, "`kind: %s`\n\n| target | what it takes | meaning |\n|---|---|---|\n",
			strings.Replace(kind, "order", "KLASS", 1))
		for _, t := range mappings.TargetsOf(kind) {
			limit := t.Type
			if t.Limit != "" {
				limit += ", " + t.Limit
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", t.Path, strings.ReplaceAll(limit, "|", "\\|"), t.Meaning)
		}
		b.WriteString("\n")
	}
	return b.String()
}
