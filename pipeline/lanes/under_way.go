package lanes

import (
	"fmt"
	"sync"
	"time"
)

// UnderWay is what has been begun and has no end yet. Safe for concurrent use.
type UnderWay struct {
	mu            sync.Mutex
	batches, rows int
}

// Add counts batches that leave, or, below nought, that have ended.
func (u *UnderWay) Add(batches, rows int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.batches, u.rows = u.batches+batches, u.rows+rows
}

// Words say what is waited for, "" nothing.
func (u *UnderWay) Words(grace time.Duration) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.batches == 0 {
		return ""
	}
	are := "batches are"
	if u.batches == 1 {
		are = "batch is"
	}
	return fmt.Sprintf("stopping: %d %s under way, of %d rows; their end is waited for, %s at most. Rows that have "+
		"none by then are unknown until the run goes on. A second signal ends muster at once",
		u.batches, are, u.rows, grace)
}
