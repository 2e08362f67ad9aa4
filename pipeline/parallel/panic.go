package parallel

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// InternalError is a panic of ours, caught at the foot of its goroutine. It says where and nothing of what the panic
// said, which may hold a value (law 5). What was under way is as after a crash: the ledger has it, and the same command
// goes on.
type InternalError struct {
	At string // function file:line < file:line …, the innermost first; "" none of this module was on the stack
}

func (e *InternalError) Error() string {
	if e.At == "" {
		return "internal error"
	}
	return "internal error at " + e.At
}

// Caught turns a panic into an *InternalError in place of err; to be deferred itself.
func Caught(err *error) {
	if recover() != nil {
		*err = &InternalError{At: Panicked()}
	}
}

// guarded is do with a panic in it turned into an error. Every goroutine is begun with it: of a panic that nobody
// catches the whole text is printed.
func Guarded(do func() error) func() error {
	return func() (err error) {
		defer Caught(&err)
		return do()
	}
}

// ourModule is what the names of this module's functions begin with.
const ourModule = "muster/"

// placesNamed is how many calls of this module are named: the one that failed may be of use to all stages.
const placesNamed = 4

// panicked names the places in this module that led to the panic that is being caught, the innermost first.
func Panicked() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	below := false // the frame of the panic itself is behind us
	var places []string
	for {
		f, more := frames.Next()
		if below && strings.HasPrefix(f.Function, ourModule) {
			place := fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
			if len(places) == 0 {
				place = strings.TrimPrefix(f.Function, ourModule) + " " + place
			}
			places = append(places, place)
		}
		below = below || f.Function == "runtime.gopanic"
		if !more || len(places) == placesNamed {
			return strings.Join(places, " < ")
		}
	}
}
