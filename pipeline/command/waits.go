package command

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// waits are what somebody was told of waits, so that each is told once in a while.
type waits struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// tellAgain is how often people hear that the same is still waited for.
const tellAgain = time.Minute

// waiting says what is waited for, and for how long at most; 0: nobody knows. It may be called from any goroutine.
func (a *app) waiting(what string, most time.Duration) {
	a.waits.mu.Lock()
	defer a.waits.mu.Unlock()
	if now := time.Now(); now.Sub(a.waits.last[what]) < tellAgain {
		return
	} else {
		a.waits.last[what] = now
	}
	line := "waiting for " + what
	if most = most.Round(time.Second); most > 0 {
		line += " (at most " + strings.Replace(most.String(), "m0s", "m", 1) + ")"
	}
	switch {
	case a.log != nil:
		a.log.Info("waiting", "for", what, "at_most", most.String())
	case a.Env.Progress != nil:
		a.Env.Progress.Say(line)
	default:
		if a.Watched { // a bar may stand in this line
			fmt.Fprint(a.raw, "\r"+strings.Repeat(" ", max(0, a.Width-1))+"\r")
		}
		a.say(line)
	}
}
