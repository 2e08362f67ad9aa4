package fetch

import (
	"context"
	"errors"
	"io"
	"time"

	"muster/pipeline/config"
)

const (
	// idle is how long a place may bring next to nothing: a minute is what is allowed for its first answer, too.
	idle = time.Minute
	// trickle is what next to nothing is, in bytes.
	trickle = 1 << 10
	// largest is how large a file may be where the source does not say: a hundred times a feed of a million customers.
	largest = 20e9
)

// errStalled is why a fetch is given up that brings nothing any more.
var errStalled = errors.New("nothing came for too long")

// sink takes what is fetched. It refuses more than may come, and has a fetch given up that stalls.
type sink struct {
	ctx   context.Context
	to    io.Writer
	most  int64
	got   int64
	since int64       // bytes since the timer was set back
	timer *time.Timer // nil: it may stall
	wait  time.Duration
	err   error // why it refused
}

// Write ends with the context, with errTooLarge, or with what the disk says.
func (s *sink) Write(b []byte) (n int, err error) {
	switch err = s.ctx.Err(); {
	case err != nil:
	case s.got+int64(len(b)) > s.most:
		s.err = errTooLarge
	default:
		n, s.err = s.to.Write(b)
		s.got += int64(n)
	}
	if s.since += int64(n); s.timer != nil && s.since >= trickle {
		s.since = 0
		s.timer.Reset(s.wait)
	}
	return n, errors.Join(err, s.err)
}

// errTooLarge is that more comes than the source may bring.
var errTooLarge = errors.New("more than max-size")

// bring fetches one file into w, which is empty. A place that stalls has not answered; what cannot be written here, and
// what is too large, is no fault of the connection and is not tried again.
func (f *Fetcher) bring(ctx context.Context, at place, s *config.Source, e, last Entry, w io.Writer) (Entry, error) {
	most := s.MaxSize
	if most == 0 {
		most = largest
	}
	tooLarge := fault(Failed, "%s is larger than max-size, %s", e.Name, config.Size(most))
	if e.Size > most {
		return e, tooLarge
	}
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	to := &sink{ctx: inner, to: w, most: most, wait: f.Idle}
	if _, own := at.(*command); !own { // one that is computed may take its time
		to.timer = time.AfterFunc(f.Idle, func() { cancel(errStalled) })
		defer to.timer.Stop()
	}
	got, err := at.fetch(inner, e, last, to)
	switch {
	case to.err == errTooLarge:
		return got, tooLarge
	case to.err != nil:
		return got, to.err
	case err != nil && ctx.Err() == nil && context.Cause(inner) == errStalled:
		return got, fault(Unreachable, "%s stalls: for %s next to nothing came", Shown(s.From), f.Idle)
	}
	return got, err
}

// listPatience is how long the list of a place may take, all of its pages.
const listPatience = 5 * time.Minute

// look lists a place, in bounded time.
func (f *Fetcher) look(ctx context.Context, at place) ([]Entry, error) {
	inner, cancel := context.WithTimeout(ctx, min(listPatience, 5*f.Idle))
	defer cancel()
	found, err := at.list(inner)
	if err != nil && ctx.Err() == nil && inner.Err() != nil {
		err = fault(Unreachable, "the list of files does not end")
	}
	return found, err
}
