package schema

// A Rule is what the schema says of one place, compiled. Immutable, safe for concurrent use.
type Rule struct{}

// Rule compiles what the schema says of the values at path ("emails[].email", "custom.avgSatScoreNum", "tags[]"). nil: the
// schema says something there, or above it, that the compiler does not understand, or does not allow the place at all; such
// values must go to the judge. Costs microseconds: call it once for each column, not for each row.
func (v *Validator) Rule(path string) *Rule { return nil }

// Proves reports whether a value certainly satisfies everything the schema says of the place. kind is the JSON kind by
// first byte ('"' '0' 't' 'n' '[' '{'); text is the plain text of a string, not escaped, and the literal of all others. false
// is no verdict: ask the judge. A nil Rule proves nothing. It does not allocate and keeps no reference to text.
func (r *Rule) Proves(kind byte, text []byte) bool { return false }
