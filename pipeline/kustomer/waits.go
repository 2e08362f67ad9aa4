package kustomer

import (
	"context"
	"time"
)

// told is from when on a wait is told: people take a shorter one for none.
const told = 2 * time.Second

// sleeps is the clock's sleep, of which whoever watches hears what it is for, where it is long.
func (c Config) sleeps(what string) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		if d >= told && c.Waits != nil {
			c.Waits(what, d)
		}
		return c.Sleep(ctx, d)
	}
}

// Waiting tells whoever watches what is waited for, and for how long at most; 0: nobody knows. It is for waits of two
// seconds and more; waited is how long this one has been.
func (v *Viewer) Waiting(what string, waited, most time.Duration) {
	if waited >= told {
		v.wire.waits(what, most)
	}
}
