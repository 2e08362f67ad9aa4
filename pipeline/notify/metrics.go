package notify

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"muster/pipeline/trust"
)

// Figures are what is measured of one job, as of its last night.
type Figures struct {
	Project  string
	Org      string
	Job      string
	ExitCode int
	Ended    time.Time
	GoodAt   time.Time // when it went well last; zero: never
	Duration time.Duration
	Requests int64
	Counts   map[string]int64 // rows by status
	Missing  int64            // customers who vanished from the feed
	Findings int              // of the feed guard
}

// family is one family of the Prometheus text format.
type family struct {
	name, help string
	lines      func(f *Figures, add func(labels string, value float64))
}

func families() []family {
	return []family{
		{"muster_job_exit_code", "Exit code of the job's last night, 0 when it went well.",
			func(f *Figures, add func(string, float64)) { add("", float64(f.ExitCode)) }},
		{"muster_job_last_end_timestamp_seconds", "When the job ended last.",
			func(f *Figures, add func(string, float64)) { add("", seconds(f.Ended)) }},
		{"muster_job_last_success_timestamp_seconds", "When the job went well last, 0 never.",
			func(f *Figures, add func(string, float64)) { add("", seconds(f.GoodAt)) }},
		{"muster_job_duration_seconds", "How long the job's last night took.",
			func(f *Figures, add func(string, float64)) { add("", f.Duration.Seconds()) }},
		{"muster_job_requests", "Requests the job's last night made of the org.",
			func(f *Figures, add func(string, float64)) { add("", float64(f.Requests)) }},
		{"muster_job_missing_customers", "Customers of the file before who were not in the last one.",
			func(f *Figures, add func(string, float64)) { add("", float64(f.Missing)) }},
		{"muster_job_findings", "What the feed guard found in the last file.",
			func(f *Figures, add func(string, float64)) { add("", float64(f.Findings)) }},
		{"muster_job_rows", "Rows of the last file by status.", func(f *Figures, add func(string, float64)) {
			for _, status := range [...]string{"created", "updated", "unchanged", "duplicate", "skipped", "invalid", "rejected",
				"unsent", "unknown"} {
				add(`,status="`+status+`"`, float64(f.Counts[status]))
			}
		}},
	}
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// Expose writes the figures in the text format of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/). All values are gauges: what is counted is one night.
func Expose(w io.Writer, all []Figures) error {
	all = slices.SortedFunc(slices.Values(all), func(a, b Figures) int {
		return cmp.Or(strings.Compare(a.Project, b.Project), strings.Compare(a.Job, b.Job))
	})
	var b strings.Builder
	for _, m := range families() {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
		for i := range all {
			m.lines(&all[i], func(labels string, value float64) {
				f := &all[i]
				fmt.Fprintf(&b, "%s{project=%q,org=%q,job=%q%s} %v\n", m.name, f.Project, f.Org, f.Job, labels, value)
			})
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMetrics writes the figures to a file in one step, as node_exporter's textfile collector asks. Other programs
// read it, so its mode is 0644; it holds counts and the names of jobs.
func WriteMetrics(path string, all []Figures) error {
	if err := trust.Replace(path, 0o644, func(file *os.File) error { return Expose(file, all) }); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}
