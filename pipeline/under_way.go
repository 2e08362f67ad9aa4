package pipeline

import (
	"fmt"
	"sync"
	"time"
)

// underWay is what has been begun and has no end yet. Safe for concurrent use.
type underWay struct {
	mu            sync.Mutex
	batches, rows int
}

func (u *underWay) add(batches, rows int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.batches, u.rows = u.batches+batches, u.rows+rows
}

// words say what is waited for, "" nothing.
func (u *underWay) words(grace time.Duration) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.batches == 0 {
		return ""
	}
	are := "batches are"
	if u.batches == 1 {
		are = "batch is"
	}
	return fmt.Sprintf("stopping: %d %s under way, of %d rows; their end is waited for, %s at most. Rows that have none by then are unknown until the run goes on. A second signal ends muster at once",
		u.batches, are, u.rows, grace)
}
