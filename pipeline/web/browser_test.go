package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browserPath finds a browser, or skips the test with one clear line.
func browserPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium on this machine: the tests in a real browser are skipped (apt-get install chromium brings it)")
	return ""
}

// A visit is a browser on the page of a muster ui that runs as a process of its own.
type visit struct {
	*testing.T
	ctx   context.Context
	state string
	ui    *exec.Cmd
	first string // the address that it printed
}

// startUI begins muster ui over a state directory and gives the address that it prints.
func startUI(t *testing.T, state string, files ...string) (*exec.Cmd, string) {
	t.Helper()
	c := exec.Command(os.Args[0], append([]string{"ui", "--no-open", "--state", state}, files...)...)
	c.Env = append(os.Environ(), "MUSTER_UI_TEST=command", "KUSTOMER_URL=", "KUSTOMER_API_KEY=")
	c.Dir = filepath.Dir(state)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("muster ui printed no address: %v", err)
	}
	go io.Copy(io.Discard, out)
	return c, strings.TrimSpace(address)
}

// visitUI opens the page of a new muster ui in a headless browser.
func visitUI(t *testing.T, state string, files ...string) *visit {
	path := browserPath(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.WindowSize(1280, 900))
	allocated, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, leave := chromedp.NewContext(allocated)
	t.Cleanup(leave)
	ctx, late := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(late)
	v := &visit{T: t, ctx: ctx, state: state}
	v.ui, v.first = startUI(t, state, files...)
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			if m.IsException() || m.Source == "security" {
				t.Errorf("the browser says: %s", m)
			}
		}
	}()
	v.do(chromedp.Navigate(v.first), chromedp.WaitVisible(chromedp.CSS("#heading")))
	return v
}

func (v *visit) do(actions ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	if err := chromedp.Do(v.ctx, actions...); err != nil {
		v.Fatalf("%v on %s", err, v.shown())
	}
}

// shown is what the page says, for a test that failed.
func (v *visit) shown() string {
	text, _ := chromedp.Run(v.ctx, chromedp.Evaluate[string](
		`location.href + " " + document.body.innerText.slice(0, 1500)`))
	return text
}

// click clicks on an element, and tries again where the page was loaded anew between finding and clicking it.
func (v *visit) click(selector string) {
	v.Helper()
	for range 20 {
		err := chromedp.Do(v.ctx, chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "Could not find node") {
			v.Fatalf("%v on %s", err, v.shown())
		}
	}
	v.Fatalf("%s is never still on %s", selector, v.shown())
}

// until waits for a JavaScript expression to be true, on whichever page there is by then.
func (v *visit) until(expression string) {
	v.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(40 * time.Millisecond) {
		if is, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && is {
			return
		}
	}
	v.Fatalf("never true: %s on %s", expression, v.shown())
}

// text is what an expression gives.
func (v *visit) text(expression string) string {
	v.Helper()
	text, err := chromedp.Run(v.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		v.Fatal(err)
	}
	return text
}

// look sets the theme and the width of the window.
func (v *visit) look(theme string, width int64) {
	v.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
	if err != nil {
		v.Fatal(err)
	}
	v.do(chromedp.EmulateViewport(width, 900), chromedp.Sleep(150*time.Millisecond))
}

// picture keeps what the page looks like, where MUSTER_UI_PICTURES names a folder: both themes, two widths.
func (v *visit) picture(name string) {
	v.Helper()
	folder := os.Getenv("MUSTER_UI_PICTURES")
	if folder == "" {
		return
	}
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 400} {
			v.look(theme, width)
			png, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%s-%d.png", name, theme, width)), png, 0o600)
			}
			if err != nil {
				v.Fatal(err)
			}
		}
	}
	v.look("light", 1280)
}
