package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// sample copies a file of samples into a folder of the test's own.
func sample(t *testing.T, name string) (state, file string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../samples", name))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file = filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "state"), file
}

// seen keeps a picture of a step and holds it to axe-core.
func (v *visit) seen(name string) {
	v.Helper()
	v.picture(name)
	v.accessible(name)
}

// carryOut goes on to the next step and has done there what its form does, until there is what then shows.
func (v *visit) carryOut(then string) {
	v.Helper()
	before := v.text("document.body.dataset.step")
	v.click(".forward a")
	v.until(fmt.Sprintf(`document.body.dataset.step !== %q && !!document.querySelector("form.orgform")`, before))
	v.click("form.orgform button.main")
	v.until(fmt.Sprintf("!!document.querySelector(%q)", then))
}

// alone looks at a page of its own that a link leads to, and comes back.
func (v *visit) alone(link, name string) {
	v.Helper()
	v.click(link)
	v.until(`!!document.querySelector("header nav")`)
	v.seen(name)
	v.do(chromedp.NavigateBack())
	v.until(`!!document.body.dataset.step`)
}

// TestWholeWayByMouse goes from a file to a run that was read back, and to what taking it back would do.
func TestWholeWayByMouse(t *testing.T) {
	state, file := sample(t, "customers.csv")
	v := visitUI(t, state)
	v.seen("1-home")
	v.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	v.until(`document.body.dataset.step === "file"`)
	v.seen("2-file")
	v.click(".forward a")
	v.until(`!!document.querySelector("#columns")`)
	if h := v.text(`document.getElementById("heading").textContent`); !strings.Contains(h, "not sure") {
		t.Errorf("the headline says %q", h)
	}
	v.seen("3-meaning")
	v.click(`tr[data-place="13"] [data-do=keep]`)
	v.until(`document.querySelector('tr[data-place="13"]').textContent.includes("decided by you")`)
	v.click(".forward a")
	v.until(`document.body.dataset.step === "problems" && !!document.querySelector("#groups") && document.querySelectorAll("#grid tbody tr").length > 3`)
	v.seen("4-problems")
	v.carryOut(".acts li")
	v.seen("5-plan")
	v.alone(`a[href$="plan.html"]`, "5-plan-alone")
	v.carryOut("#landed")
	v.seen("6-run")
	v.click(".forward a")
	v.until(`!!document.querySelector(".after")`)
	v.click(".after form:first-child button")
	v.until(`!!document.querySelector("#verified")`)
	v.click(".after form:nth-child(2) button")
	v.until(`!!document.querySelector("#undo-title")`)
	v.seen("7-report")
	v.alone(`a[href$="report.html"]`, "7-report-alone")
}
