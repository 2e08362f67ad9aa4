package web_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1 (Deque, MPL-2.0, https://github.com/dequelabs/axe-core): what a machine can tell of a page's
// accessibility. It is read by tests alone.
func axe(t *testing.T) string {
	t.Helper()
	file, err := os.Open("testdata/axe/axe.min.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// accessible holds the page that is shown to axe-core, in both themes and at two widths: nothing serious, nothing
// critical.
func (v *visit) accessible(step string) {
	v.Helper()
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 400} {
			v.look(theme, width)
			if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](axe(v.T)+"; true")); err != nil {
				v.Fatal(err)
			}
			found, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`axe.run({ resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations
				.filter((one) => one.impact === "serious" || one.impact === "critical")
				.map((one) => one.id + ": " + one.help + " " + one.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + (n.any[0]?.message ?? "")).join(" | "))))`,
				chromedp.EvalAwaitPromise))
			var all []string
			if err == nil {
				err = json.Unmarshal([]byte(found), &all)
			}
			if err != nil {
				v.Fatal(err)
			}
			for _, one := range all {
				v.Errorf("%s, %s, %d pixels: %s", step, theme, width, one)
			}
		}
	}
	v.look("light", 1280)
}
