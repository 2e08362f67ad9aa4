package customer_test

import (
	"testing"

	"muster/pipeline/customer"
)

// What an org answers may be of any kind: it is compared, never trusted to be a scalar.
func TestSame(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{`"Ana"`, `"Ana"`, true}, {`"Ana"`, `"ana"`, false}, {`"Ana@X.com"`, `"ana@x.com"`, false},
		{`1`, `1.0`, true}, {`1`, `"1"`, false}, {`true`, `true`, true}, {`null`, `null`, true},
		{`"2026-01-01T00:00:00Z"`, `"2026-01-01T01:00:00+01:00"`, true},
		{`{"a":1}`, `{"a":1}`, true}, {`{"a":1}`, `{"a":2}`, false}, {`[1]`, `[1]`, true}, {`{"a":1}`, `"a"`, false},
		{`{`, `{`, false}, {`[1,2]`, `[2,1]`, true}, {`[1]`, `[1,2]`, false},
	} {
		if got := customer.SameValue("anAt", []byte(tc.a), []byte(tc.b)); got != tc.want {
			t.Errorf("Same(%s, %s) is %v", tc.a, tc.b, got)
		}
	}
}
