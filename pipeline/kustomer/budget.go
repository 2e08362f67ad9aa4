package kustomer

import "time"

// Budget is the state of the org's request budget as far as its headers told, and this client's part in it.
type Budget struct {
	Limit     int       // requests per 60 s of the whole org; 0 unknown
	Remaining int       // of them, at the last answer; -1 unknown
	Reset     time.Time // when the present window ends; zero unknown
	Granted   float64   // requests per 60 s this client grants itself (Share of Limit); 0 no limit known
	Used      int64     // requests of this client in its present 60 s
	Requests  int64     // requests of this client so far, every attempt counted
	Throttled int64     // of them answered 429
	Since     time.Time     // when its first request began; zero none yet
	Waited    time.Duration // time callers spent waiting for the budget, summed over them
}
