package trust

import (
	"runtime"
	"slices"
	"strings"
)

// secrets are the variables that hold muster's own secrets: no child needs them.
var secrets = []string{"KUSTOMER_API_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
	"OTEL_EXPORTER_OTLP_METRICS_HEADERS"}

// Environment is what a command is given of the environment: all but muster's own secrets, and those that hidden names,
// such as the variables in which the project file says that secrets are found.
func Environment(environment []string, hidden ...string) []string {
	same := func(a, b string) bool { return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b) }
	// Not DeleteFunc: the slice is the caller's.
	clean := make([]string, 0, len(environment))
	for _, line := range environment {
		name, _, _ := strings.Cut(line, "=")
		is := func(secret string) bool { return same(secret, name) }
		if !slices.ContainsFunc(secrets, is) && !slices.ContainsFunc(hidden, is) {
			clean = append(clean, line)
		}
	}
	return clean
}
