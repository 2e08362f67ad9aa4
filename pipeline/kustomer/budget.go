package kustomer

import "time"

// Budget is the state of the org's request budget as far as its answers told, and this client's part in it.
type Budget struct {
	Limit     int       // requests per 60 s of the whole org; 0 as long as no answer has named it
	Remaining int       // of them at the last answer that said so; -1 unknown
	Reset     time.Time // when the present window ends; zero unknown, and possibly past
	// requests per 60 s this client grants itself: Share of Limit (of 300 until that is known); 0 no limit
	Granted   float64
	Searches  float64   // of them may be searches; 0 no limit
	Used      int64     // of them in this client's present 60 s
	Requests  int64     // requests of this client so far, every try that began or may have
	Throttled int64     // of them answered 429
	Since     time.Time // when the first of them was let go; zero none yet
	// how far the org's clock was ahead of ours at the last answer that told its time; whole seconds
	Skew     time.Duration
	Answer   time.Duration // how long the latest writing request took, waits for the budget not counted; zero none yet
	Troubled int64         // requests so far that a 5xx, a timeout or a cut connection ended
	Waited   time.Duration // time spent waiting for the budget so far, summed over callers
}
