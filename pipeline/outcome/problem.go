package outcome

// Code is one kind of problem: stable, documented, explained by `muster explain CODE`.
type Code struct {
	Code    string
	Meaning string // one line: what is wrong
	Cause   string // how it usually comes about
	Fix     string // what to do now
}

// Explain finds a code in the registry.
func Explain(code string) (Code, bool) {
	for _, c := range Codes() {
		if c.Code == code {
			return c, true
		}
	}
	return Code{}, false
}
