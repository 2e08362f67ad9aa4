package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSeveralFilesAreOneRun: files that come together and have the same columns are planned and imported as one, the
// edits of each in it; a change in one that follows makes the plan an old one. A file with other columns goes its own
// way.
func TestSeveralFilesAreOneRun(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"north", "south", "orders"} {
		var b strings.Builder
		b.WriteString(map[bool]string{true: "Order,Total\n", false: "Customer ID,Name,City\n"}[name == "orders"])
		for i := range 3 {
			if name == "orders" {
				fmt.Fprintf(&b, "%d,%d\n", i, 10*i)
				continue
			}
			fmt.Fprintf(&b, "%s-%d,Ada %s %d,Utrecht\n", name, i, name, i)
		}
		files = append(files, filepath.Join(dir, name+".csv"))
		if err := os.WriteFile(files[len(files)-1], []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := visitUI(t, filepath.Join(dir, "state"))
	v.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), files))
	v.until(`document.body.dataset.step === "file" && document.querySelectorAll(".with input:checked").length === 1`)
	if text := v.text(`document.querySelector(".with").innerText`); !strings.Contains(text, "south.csv") ||
		strings.Contains(text, "orders.csv") {
		t.Errorf("it offers to go with %q", text)
	}
	v.seen("2-together")
	leader := v.text("location.href")
	v.do(chromedp.Navigate(strings.Split(leader, "/imports/")[0] + "/"))
	v.until(`document.body.innerText.includes("goes in with north.csv")`)
	v.text(`[...document.querySelectorAll("table.list a")].find((a) => a.textContent === "south.csv").click()`)
	v.until(`document.body.innerText.includes("This file goes in with north.csv")`)
	follower := v.text("location.href")
	rename := func(name string) {
		t.Helper()
		v.do(chromedp.Navigate(strings.Replace(follower, "/file", "/problems", 1)))
		v.until(`document.querySelectorAll("#grid tbody tr").length === 3`)
		v.click("#grid tbody tr:nth-child(2) td:nth-child(3)")
		v.until(`document.querySelector("#grid tbody tr:nth-child(2) td:nth-child(3)").classList.contains("at")`)
		v.do(chromedp.KeyEvent(name + "\r"))
		v.until(fmt.Sprintf(`document.getElementById("summary").textContent.includes("1 cell is edited") &&
			document.querySelector("#grid tbody").innerText.includes(%q)`, name))
	}
	plan := func() {
		t.Helper()
		v.do(chromedp.Navigate(strings.Replace(leader, "/file", "/plan", 1)))
		v.until(`!!document.querySelector("form.orgform")`)
	}
	rename("Bob")
	plan()
	v.click("form.orgform button.main")
	v.until(`!!document.querySelector(".acts li") && document.body.innerText.includes("6 new customers")`)
	if text := v.text("document.body.innerText"); !strings.Contains(text, "Bob") || !strings.Contains(text, "south.csv, line") {
		t.Errorf("the plan of both says %q", text)
	}
	rename("Rob")
	plan()
	v.until(`document.body.innerText.includes("Something has changed since this plan was made")`)
	v.click("form.orgform button.main")
	v.until(`!!document.querySelector(".acts li") && document.body.innerText.includes("Rob") && document.readyState === "complete"`)
	v.carryOut("#landed")
	if text := v.text(`document.getElementById("landed").parentElement.innerText`); !strings.Contains(text, "6 created") {
		t.Errorf("the run says %q", text)
	}
}
