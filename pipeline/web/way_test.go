package web_test

import (
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

// TestWholeWayByMouse goes from a file to a run that was taken back.
func TestWholeWayByMouse(t *testing.T) {
	state, file := sample(t, "customers.csv")
	v := visitUI(t, state)
	v.picture("1-home")
	v.accessible("home")
	v.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	v.until(`document.body.dataset.step === "file"`)
	v.picture("2-file")
	v.accessible("file")
	v.click(".forward a")
	v.until(`!!document.querySelector("#columns")`)
	if h := v.text(`document.getElementById("heading").textContent`); !strings.Contains(h, "not sure") {
		t.Errorf("the headline says %q", h)
	}
	v.picture("3-meaning")
	v.accessible("meaning")
	v.click(`tr[data-place="13"] [data-do=keep]`)
	v.until(`document.querySelector('tr[data-place="13"]').textContent.includes("decided by you")`)
	v.click(".forward a")
	v.until(`document.body.dataset.step === "problems" && !!document.querySelector("#groups") && document.querySelectorAll("#grid tbody tr").length > 3`)
	v.picture("4-problems")
	v.accessible("problems")
	v.click(".forward a")
	v.until(`!!document.querySelector("#org")`)
	v.click("form.orgform button.main")
	v.until(`!!document.querySelector(".acts li")`)
	v.picture("5-plan")
	v.accessible("plan")
	v.click(".forward a")
	v.until(`!!document.querySelector("form.orgform")`)
	v.click("form.orgform button.main")
	v.until(`!!document.querySelector("#landed")`)
	v.picture("6-run")
	v.accessible("run")
	v.click(".forward a")
	v.until(`!!document.querySelector(".after")`)
	v.click(".after form:first-child button")
	v.until(`!!document.querySelector("#verified")`)
	v.click(".after form:nth-child(2) button")
	v.until(`!!document.querySelector("#undo-title")`)
	v.picture("7-report")
	v.accessible("report")
}
