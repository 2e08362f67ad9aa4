package kustomer

import "time"

// Stamp is a moment as Kustomer writes it.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
