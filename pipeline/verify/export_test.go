package verify

// For tests that stand outside.
var (
	Chooser = chooser
	AtMost  = atMost
)
