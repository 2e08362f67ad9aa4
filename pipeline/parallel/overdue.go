package parallel

import "time"

// Overdue has tell called, in a goroutine of its own, where stop is not called before the time has passed. tell only
// says that something takes long: it does nothing that can fail.
func Overdue(after time.Duration, tell func()) (stop func()) {
	timer := time.AfterFunc(after, tell)
	return func() { timer.Stop() }
}
