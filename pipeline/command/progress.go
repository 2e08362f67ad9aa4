package command

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"

	"muster/pipeline/progress"
)

// progress shows how far a run has come on standard error: a bar where somebody watches, a plain
// line now and then where nobody does, nothing where the answer is JSON.
func (a *app) progress(quiet bool) progress.Reporter {
	if a.Env.Progress != nil {
		return a.Env.Progress
	}
	if quiet {
		return nil
	}
	return &watch{app: a, watched: a.Watched}
}

type watch struct {
	*app
	watched bool
	before  string // each line: the job, where several are done at once
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
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionSetItsString("rows"),
			progressbar.OptionShowIts())
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
			fmt.Fprintf(w.Stderr, "muster: %s%s: %d%%, %s\n", w.before, w.name, min(100, 100*done/w.total),
				now.Sub(w.begun).Round(time.Second))
			return
		}
		fmt.Fprintf(w.Stderr, "muster: %s%s: %d, %s\n", w.before, w.name, done, now.Sub(w.begun).Round(time.Second))
	}
}

func (w *watch) Say(line string) {
	w.say(w.before + line)
}

// say prints a message. What stands behind a line break, which a name may have brought, is set in: it begins no line
// that looks like one of muster's own. On a terminal it breaks between words, but for a command, which is pasted whole.
func (a *app) say(message string) {
	if message = strings.TrimSpace(message); message == "" {
		return
	}
	if a.Watched && !strings.Contains(message, "muster ") && !strings.Contains(message, " --") {
		message = broken(message, a.Width-len("muster:   "))
	}
	fmt.Fprintf(a.Stderr, "muster: %s\n", strings.ReplaceAll(message, "\n", "\nmuster:   "))
}

// broken is a message in lines of so many columns at most, where its words allow; 0 or less: any number.
func broken(message string, width int) string {
	var b strings.Builder
	at := 0
	for word := range strings.SplitSeq(message, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case at == 0:
		case width > 0 && at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		if at += n; strings.Contains(word, "\n") {
			at = utf8.RuneCountInString(word[strings.LastIndexByte(word, '\n')+1:])
		}
	}
	return b.String()
}

func (w *watch) Done() {
	if w.bar != nil {
		w.bar.Finish()
		w.bar = nil
	}
}

// logged is progress for programs: every phase with its end, how far it is now and then, and all that is said.
type logged struct {
	log         *slog.Logger
	name        string
	total, done int64
	last        time.Time
}

func (l *logged) Phase(name string, total int64) {
	l.name, l.total, l.done, l.last = name, total, 0, time.Now()
	l.log.Info("phase begins", "phase", name, "total", total)
}

func (l *logged) Step(done int64) {
	l.done = done
	if now := time.Now(); now.Sub(l.last) >= every {
		l.last = now
		l.log.Info("progress", "phase", l.name, "done", done, "total", l.total)
	}
}

func (l *logged) Say(line string) {
	if line = strings.TrimSpace(line); line != "" {
		l.log.Info(strings.ReplaceAll(line, "\n", "; "))
	}
}

func (l *logged) Done() { l.log.Info("phase ends", "phase", l.name, "done", l.done, "total", l.total) }

// oneAtATime keeps apart the lines of jobs that are done side by side.
type oneAtATime struct {
	mu sync.Mutex
	to io.Writer
}

func (w *oneAtATime) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}
