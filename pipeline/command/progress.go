package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"muster/pipeline"
)

// progress shows how far a run has come on standard error: a bar where somebody watches, a plain
// line now and then where nobody does, nothing where the answer is JSON.
func (a *app) progress(quiet bool) pipeline.Progress {
	if quiet {
		return nil
	}
	return &watch{app: a, watched: a.Watched}
}

type watch struct {
	*app
	watched bool
	bar     *progressbar.ProgressBar
	name    string
	total   int64
	begun   time.Time
	last    time.Time
	shown   int64
}

func (w *watch) Phase(name string, total int64) {
	w.name, w.total, w.begun, w.shown = name, total, time.Now(), 0
	w.last = w.begun
	if !w.watched {
		return
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w.raw), progressbar.OptionSetDescription(name),
		// 30 columns of bar leave room for numbers on a terminal of 80.
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
	}
	if name == "read" {
		options = append(options, progressbar.OptionShowBytes(true))
	} else {
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionSetItsString("rows"), progressbar.OptionShowIts())
	}
	if total <= 0 {
		total = -1
	}
	w.bar = progressbar.NewOptions64(total, options...)
}

// every is how often a plain line is printed: seldom enough for a log that is kept.
const every = 10 * time.Second

func (w *watch) Step(done int64) {
	if w.bar != nil {
		w.bar.Set64(done)
		return
	}
	if now := time.Now(); now.Sub(w.last) >= every {
		w.last, w.shown = now, done
		if w.total > 0 {
			fmt.Fprintf(w.Stderr, "muster: %s: %d%%, %s\n", w.name, min(100, 100*done/w.total), now.Sub(w.begun).Round(time.Second))
			return
		}
		fmt.Fprintf(w.Stderr, "muster: %s: %d, %s\n", w.name, done, now.Sub(w.begun).Round(time.Second))
	}
}

func (w *watch) Say(line string) {
	w.say(line)
}

// say prints a message. What stands behind a line break, which a name may have brought, is set in: it begins no line that
// looks like one of muster's own.
func (a *app) say(message string) {
	if message = strings.TrimSpace(message); message != "" {
		fmt.Fprintf(a.Stderr, "muster: %s\n", strings.ReplaceAll(message, "\n", "\nmuster:   "))
	}
}

func (w *watch) Done() {
	if w.bar != nil {
		w.bar.Finish()
		w.bar = nil
	}
}
