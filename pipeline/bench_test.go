package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
)

// benchFile generates a file of the sample's 20 columns, 2 % of its rows wrong.
func benchFile(b *testing.B, rows, format string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench."+format)
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("go", "run", "../samples/generate", "-rows", rows, "-invalid", "2%", "-format", format)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	mapping, err := os.ReadFile("../samples/customers.mapping.yaml")
	if err == nil {
		err = os.WriteFile(bind.MappingBeside(path), mapping, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkCheck is the whole way of a check: read, map, validate, find twins, write the reports.
func BenchmarkCheck(b *testing.B) {
	for _, format := range []string{"csv", "ndjson"} {
		b.Run(format, func(b *testing.B) {
			path := benchFile(b, "200000", format)
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(info.Size())
			b.ReportAllocs()
			state := b.TempDir()
			var rows int64
			for b.Loop() {
				s, err := pipeline.Run(b.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: state})
				if err != nil {
					b.Fatal(err)
				}
				rows += s.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
