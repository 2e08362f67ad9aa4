package web_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestFiguresOfALargeFile logs what the page takes of a file that MUSTER_UI_LARGE names, and holds what does not hang
// on the machine: the browser's heap, and that the last rows are shown.
//
//	go run ./samples/generate -rows 1000000 -invalid 1% > /tmp/large.csv
//	MUSTER_UI_LARGE=/tmp/large.csv go test ./pipeline/web -run Large -v
func TestFiguresOfALargeFile(t *testing.T) {
	file := os.Getenv("MUSTER_UI_LARGE")
	if file == "" {
		t.Skip("MUSTER_UI_LARGE names no file")
	}
	v := visitUI(t, t.TempDir()+"/state", file)
	took := func(what string, begun time.Time) { t.Logf("%s: %d ms", what, time.Since(begun).Milliseconds()) }
	begun := time.Now()
	v.until(`document.querySelectorAll("table.cells tbody tr").length === 20`)
	took("from choosing to 20 rows", begun)
	begun = time.Now()
	v.click(".forward a")
	v.until(`!!document.querySelector(".card")`)
	took("to what the columns mean", begun)
	begun = time.Now()
	v.click(".forward a")
	v.until(`!!document.querySelector("#groups") && !!document.querySelector("#grid td.wrong")`)
	took("every row checked", begun)
	v.click("#grid td.wrong")
	v.do(chromedp.KeyEvent("x"))
	begun = time.Now()
	v.do(chromedp.KeyEvent("\r"))
	v.until(`document.getElementById("summary").textContent.includes("1 cell is edited")`)
	took("a fix, the row checked again", begun)
	v.do(chromedp.SetValue(chromedp.CSS("#only"), "all"))
	v.text(`document.getElementById("only").dispatchEvent(new Event("change"))`)
	v.until(`document.querySelector("#grid table").getAttribute("aria-rowcount") > 100000`)
	rows, _ := strconv.Atoi(v.text(`Number(document.querySelector("#grid table").getAttribute("aria-rowcount")) - 1`))
	begun = time.Now()
	v.text(`(() => { const grid = document.getElementById("grid"); grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * 0.9; })()`)
	v.until(fmt.Sprintf(`Number(document.querySelector("#grid tbody tr").getAttribute("aria-rowindex")) > %d && document.querySelector("#grid tbody td").textContent`, rows*89/100))
	took("scrolled to nine tenths", begun)
	v.text(`(() => { const grid = document.getElementById("grid"); grid.scrollTop = grid.scrollHeight; })()`)
	v.until(fmt.Sprintf(`[...document.querySelectorAll("#grid tbody tr")].some((row) => row.getAttribute("aria-rowindex") === "%d")`, rows+1))
	heap, _ := strconv.Atoi(v.text(`performance.memory.usedJSHeapSize`))
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.ui.Process.Pid))
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	peak, _, _ = strings.Cut(peak, "\n")
	t.Logf("%d rows; the browser's heap: %d MB; the server's peak: %s", rows, heap>>20, strings.TrimSpace(peak))
	if heap > 150<<20 {
		t.Errorf("the browser's heap has %d MB", heap>>20)
	}
}
