package sandbox

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// window is how long a budget lasts; after it the next request begins another.
const window = time.Minute

// budget is a limit of requests in a window.
type budget struct {
	limit int // below 0: none
	used  int
	ends  time.Time
}

// spend counts a request; ok is false when the budget is used up, and the request is not counted then.
func (b *budget) spend(now time.Time) (ok bool) {
	if !now.Before(b.ends) {
		b.used, b.ends = 0, now.Add(window)
	}
	if b.limit >= 0 && b.used >= b.limit {
		return false
	}
	b.used++
	return true
}

// usualUpdates is how often one thing may be updated in a window: what the org said of a customer on the wire
// (https://github.com/nebulab/solidus_kustomer, spec/fixtures/vcr_cassettes/update_customer.yml).
const usualUpdates = 600

// limiter holds the budgets that all keys of the org share, and those of updates of one thing by one key.
type limiter struct {
	mutex    sync.Mutex
	org      budget
	search   budget
	objects  map[string]*budget // by user and thing
	ends     time.Time          // when objects are forgotten
	perThing int
	switches Switches
}

func newLimiter(perMinute int, w Switches) *limiter {
	return &limiter{
		org:      budget{limit: orDefault(perMinute, 1000)},
		search:   budget{limit: orDefault(w.SearchesPerMinute, 100)},
		perThing: orDefault(w.ObjectUpdatesPerMinute, usualUpdates),
		objects:  map[string]*budget{},
		switches: w,
	}
}

// orDefault is n, or otherwise when n is 0.
func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func tooMany(title string) *refusal {
	return &refusal{status: http.StatusTooManyRequests, code: "toomany", title: title}
}

// spend counts a request of the org, and one of the search when it is one. header gets the state of the budget.
func (l *limiter) spend(now time.Time, searching bool, header http.Header) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	ok := l.org.spend(now)
	l.describe(&l.org, now, !ok, header)
	if !ok {
		return tooMany("Rate limit exceeded")
	}
	if searching && !l.search.spend(now) {
		l.describe(&l.search, now, true, header)
		return tooMany("Search rate limit exceeded")
	}
	return nil
}

// update counts an update of one thing, a customer or a conversation or a company, by one user. header gets the state
// of its budget, in headers of its own.
func (l *limiter) update(now time.Time, user, thing string, header http.Header) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !now.Before(l.ends) {
		clear(l.objects)
		l.ends = now.Add(window)
	}
	b := l.objects[user+thing]
	if b == nil {
		b = &budget{limit: l.perThing, ends: l.ends}
		l.objects[user+thing] = b
	}
	ok := b.spend(now)
	if b.limit >= 0 {
		header.Set("X-Ratelimit-Object-Limit", strconv.Itoa(b.limit))
		header.Set("X-Ratelimit-Object-Remaining", strconv.Itoa(b.limit-b.used))
	}
	if ok {
		return nil
	}
	l.wait(b, now, true, header)
	return tooMany("Object rate limit exceeded")
}

// newPerMinute is how many conversations, messages, KObjects and notes of one customer one key may make in a window
// (https://developer.kustomer.com/api/core-resources/create-conversation).
const newPerMinute = 120

// create counts a new record of a customer by one user.
func (l *limiter) create(now time.Time, user, customer string, header http.Header) *refusal {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !now.Before(l.ends) {
		clear(l.objects)
		l.ends = now.Add(window)
	}
	name := "new " + user + customer
	b := l.objects[name]
	if b == nil {
		b = &budget{limit: newPerMinute, ends: l.ends}
		l.objects[name] = b
	}
	ok := b.spend(now)
	header.Set("X-Ratelimit-Object-Limit", strconv.Itoa(b.limit))
	header.Set("X-Ratelimit-Object-Remaining", strconv.Itoa(b.limit-b.used))
	if ok {
		return nil
	}
	l.wait(b, now, true, header)
	return tooMany("Object rate limit exceeded")
}

// describe writes the headers of a budget (https://developer.kustomer.com/docs/concepts/rate-limits).
func (l *limiter) describe(b *budget, now time.Time, exceeded bool, header http.Header) {
	if b.limit < 0 {
		return
	}
	header.Set("X-Ratelimit-Limit", strconv.Itoa(b.limit))
	header.Set("X-Ratelimit-Remaining", strconv.Itoa(b.limit-b.used))
	l.wait(b, now, exceeded, header)
}

// wait writes the headers that say when a budget is whole again.
func (l *limiter) wait(b *budget, now time.Time, exceeded bool, header http.Header) {
	left := int64((b.ends.Sub(now) + time.Second - 1) / time.Second)
	if exceeded && l.switches.RetryAfter {
		header.Set("Retry-After", strconv.FormatInt(left, 10))
	}
	if !exceeded && !l.switches.ResetAlways {
		return
	}
	switch l.switches.ResetFormat {
	case "absent":
	case "ms":
		header.Set("X-Ratelimit-Reset", strconv.FormatInt(b.ends.UnixMilli(), 10))
	case "delta":
		header.Set("X-Ratelimit-Reset", strconv.FormatInt(left, 10))
	default:
		header.Set("X-Ratelimit-Reset", strconv.FormatInt((b.ends.UnixMilli()+999)/1000, 10)) // rounded up
	}
}
