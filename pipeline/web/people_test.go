package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo presses Tab until an element has the focus, as who has no mouse does.
func (v *visit) tabTo(selector string) {
	v.Helper()
	for range 400 {
		if v.text(fmt.Sprintf("document.activeElement.matches(%q)", selector)) == "true" {
			return
		}
		v.do(chromedp.KeyEvent(kb.Tab))
	}
	v.Fatalf("the Tab key never comes to %s on %s", selector, v.shown())
}

// TestWholeWayByKeyboard: from a file to a run, and a cell mended on the way, without a mouse.
func TestWholeWayByKeyboard(t *testing.T) {
	state, file := sample(t, "customers.csv")
	v := visitUI(t, state, file)
	press := func(selector string) { v.tabTo(selector); v.do(chromedp.KeyEvent(kb.Enter)) }
	v.until(`document.body.dataset.step === "file"`)
	v.until(`document.activeElement.id === "heading"`)
	press(".forward a")
	v.until(`document.body.dataset.step === "meaning"`)
	press(`[data-do=keep]`)
	v.until(`document.querySelector("#columns").textContent.includes("decided by you")`)
	press(".forward a")
	v.until(`document.querySelectorAll("#grid tbody tr").length > 3 && !!document.querySelector("td.wrong")`)
	before := v.text(`document.getElementById("summary-line").textContent`)
	v.tabTo("#grid table")
	v.do(chromedp.KeyEvent(kb.F8))
	v.until(`document.querySelector("td.at.wrong") && document.getElementById("problem").textContent`)
	v.do(chromedp.KeyEvent("ottoline@example.com"), chromedp.KeyEvent(kb.Enter))
	v.until(`document.getElementById("summary-line").textContent !== ` + fmt.Sprintf("%q", before))
	v.until(`document.getElementById("live").textContent.includes("1 cell changed")`)
	v.tabTo("#grid table")
	v.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	v.until(`document.getElementById("summary-line").textContent === ` + fmt.Sprintf("%q", before))
	v.do(chromedp.KeyEvent("y", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	v.until(`document.getElementById("summary-line").textContent !== ` + fmt.Sprintf("%q", before))
	press(".forward a")
	v.until(`!!document.getElementById("org")`)
	press("form.orgform button.main")
	v.until(`!!document.querySelector(".acts li")`)
	press(".forward a")
	v.until(`document.body.dataset.step === "run"`)
	press("form.orgform button.main")
	v.until(`!!document.getElementById("landed")`)
	if text := v.text(`document.querySelector("#landed").parentElement.textContent`); !strings.Contains(text,
		"286 created") || !strings.Contains(text, "balance") {
		t.Errorf("the run says %q", text)
	}
}

// table makes a file of so many customers whose city is wrong nowhere.
func table(t *testing.T, rows int) (state, file string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("Customer ID,Name,E-mail,City,Notes\n")
	for i := range rows {
		fmt.Fprintf(&b, "T-%06d,Ada %d Sample,ada.%d@example.com,Utrecht,note %d\n", i, i, i, i)
	}
	dir := t.TempDir()
	file = filepath.Join(dir, "table.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "state"), file
}

// toGrid opens the step Problems and has it show all rows.
func (v *visit) toGrid() {
	v.Helper()
	v.until(`document.body.dataset.step === "file"`)
	v.click("nav.steps li:nth-child(3) a")
	v.until(`!!document.getElementById("grid")`)
	v.do(chromedp.SetValue(chromedp.CSS("#only"), "all"))
	v.text(`document.getElementById("only").dispatchEvent(new Event("change"))`)
	v.until(`document.querySelectorAll("#grid tbody tr").length > 5`)
}

// TestPasteIsOneStep: a thousand cells from a spreadsheet are one operation, and one undo takes them back.
func TestPasteIsOneStep(t *testing.T) {
	state, file := table(t, 400)
	v := visitUI(t, state, file)
	v.toGrid()
	v.click("#grid tbody tr:nth-child(1) td:nth-child(3)")
	v.until(`document.querySelector("#grid tbody tr:first-child td:nth-child(3)").classList.contains("at")`)
	v.text(`(() => { const data = new DataTransfer(); const line = Array.from({ length: 4 }, (_, c) => c === 1 ? "new@example.org" : "pasted \"" + c);
		data.setData("text/plain", Array.from({ length: 250 }, (_, r) => ["P " + r, "p" + r + "@example.org", "Delft", '"two\nlines"'].join("\t")).join("\r\n"));
		document.querySelector("#grid table").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); })()`)
	v.until(`document.getElementById("live").textContent.startsWith("1000 cells")`)
	v.until(`document.getElementById("summary").textContent.includes("1,000 cells are edited")`)
	if got := v.text(`document.querySelector("#grid tbody tr:nth-child(2)").innerText`); !strings.Contains(got, "P 1") ||
		!strings.Contains(got, "Delft") {
		t.Errorf("the second row reads %q", got)
	}
	v.click("#undo")
	v.until(`document.getElementById("undo").disabled && !document.getElementById("summary").textContent.includes("edited")`)
	v.click("#redo")
	v.until(`document.getElementById("summary").textContent.includes("1,000 cells are edited")`)
	v.do(chromedp.Reload())
	v.until(`document.getElementById("summary").textContent.includes("1,000 cells are edited")`)
}

// TestTwoTabs: the tab that is late is told so, and nothing of what the other did is lost.
func TestTwoTabs(t *testing.T) {
	state, file := sample(t, "customers.csv")
	v := visitUI(t, state, file)
	v.until(`document.body.dataset.step === "file"`)
	v.click(".forward a")
	v.until(`document.body.dataset.step === "meaning"`)
	ctx, leave := chromedp.NewContext(v.ctx)
	defer leave()
	ctx, late := context.WithTimeout(ctx, 2*time.Minute)
	defer late()
	other := &visit{T: t, ctx: ctx}
	other.do(chromedp.Navigate(v.text("location.href")))
	other.until(`!!document.getElementById("columns")`)
	v.click(`tr[data-place="18"] [data-do=ignore]`)
	v.until(`document.querySelector('tr[data-place="18"]').textContent.includes("decided by you")`)
	other.click(`tr[data-place="19"] [data-do=ignore]`)
	other.until(`!document.getElementById("alert").hidden && document.getElementById("alert").textContent.includes("another tab")`)
	other.do(chromedp.Reload())
	other.until(`document.querySelector('tr[data-place="18"]').textContent.includes("decided by you") && !document.querySelector('tr[data-place="19"]').textContent.includes("decided by you")`)
}

// TestRunSurvives: a reload in mid-run shows the run; a process that is killed in mid-run loses nothing and sends
// nothing twice.
func TestRunSurvives(t *testing.T) {
	const rows = 30_000
	state, file := table(t, rows)
	v := visitUI(t, state, file)
	v.until(`document.body.dataset.step === "file"`)
	v.click("nav.steps li:nth-child(5) a")
	v.until(`document.body.dataset.step === "run"`)
	v.click("form.orgform button.main")
	v.until(`document.getElementById("amount").textContent.match(/^[1-9][0-9,]* of 30,000 rows/)`)
	v.do(chromedp.Reload())
	v.until(`document.getElementById("amount") && document.getElementById("amount").textContent.includes("of 30,000 rows") && /created/.test(document.getElementById("counts").textContent) && document.getElementById("budget").textContent.includes("requests")`)
	if err := v.ui.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	v.ui.Wait()
	id := v.text("document.body.dataset.import")
	_, address := startUI(t, state)
	v.do(chromedp.Navigate(address))
	v.until(`!!document.querySelector("table.list a")`)
	v.do(chromedp.Navigate(strings.Split(address, "/enter")[0] + "/imports/" + id + "/run"))
	v.until(`document.body.innerText.includes("muster ended while this was under way")`)
	v.click("form.act button.main")
	v.until(`!!document.getElementById("landed")`)
	if text := v.text(`document.getElementById("landed").parentElement.innerText`); !strings.Contains(text,
		"30,000 created") || !strings.Contains(text, "The books balance") {
		t.Errorf("the run says %q", text)
	}
}

// TestSuggestedValuesAtOnce: what is suggested for a column is shown, taken in one step and taken back in one; phone
// numbers of one country are read as such by one click.
func TestSuggestedValuesAtOnce(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "people.csv")
	var b strings.Builder
	b.WriteString("Customer ID,Name,E-mail,Phone,Country\n")
	for i := range 40 {
		fmt.Fprintf(&b, "C-%d,Ada %d Sample,\"ada%d%sshop.com\",06-123456%02d,NL\n", i, i, i, map[bool]string{true: "@@", false: "@"}[i%10 == 0], i)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	v := visitUI(t, filepath.Join(dir, "state"), file)
	v.until(`document.body.dataset.step === "file"`)
	v.click("nav.steps li:nth-child(3) a")
	v.until(`!!document.querySelector('[data-suggest="schema.format"]') && !!document.querySelector("#grid td.wrong")`)
	v.click(`[data-suggest="schema.format"]`)
	v.until(`document.getElementById("accept-now").textContent === "Use all 4"`)
	v.picture("4-suggested")
	v.accessible("suggested values")
	v.click("#accept-now")
	v.until(`document.getElementById("summary").textContent.includes("4 cells are edited") && !document.querySelector('[data-suggest="schema.format"]')`)
	v.click("#undo")
	v.until(`!!document.querySelector('[data-suggest="schema.format"]') && document.getElementById("undo").disabled`)
	v.click("#redo")
	v.until(`document.getElementById("summary").textContent.includes("4 cells are edited")`)
	v.click(`[data-region="NL"]`)
	v.until(`document.getElementById("summary-line")?.textContent.includes("No problem in 40 rows")`)
}
