package nightly_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// BenchmarkThirtyOrgs has 30 jobs of 30 orgs done in one process, after one of them alone: the wall time beside that of
// the one alone, the smallest part of a share that was used, how often an org said that it was too much, and the memory
// of the process.
func BenchmarkThirtyOrgs(b *testing.B) {
	const limit, share, rows = 120, 0.5, 6_000
	measure := func(n int) (wall time.Duration, brands []*brand, memory float64) {
		dir, brands := brandsOf(b, n, limit, rows)
		c := exec.Command(os.Args[0])
		c.Env, c.Stderr = append(os.Environ(), "MUSTER_TEST_BRANDS="+dir), os.Stderr
		began := time.Now()
		if err := c.Run(); err != nil {
			b.Fatal(err)
		}
		return time.Since(began), brands, float64(c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // kB on Linux
	}
	for b.Loop() {
		alone, one, lonely := measure(1)
		wall, brands, memory := measure(30)
		used := func(o *brand) float64 {
			return 100 * float64(o.requests) / (limit * share * o.last.Sub(o.first).Minutes())
		}
		least, throttled := 100.0, 0
		for _, o := range brands {
			least = min(least, used(o))
			throttled += o.throttled
		}
		b.ReportMetric(alone.Seconds(), "s-alone")
		b.ReportMetric(wall.Seconds()/alone.Seconds(), "wall/alone")
		b.ReportMetric(used(one[0]), "%-of-share-alone")
		b.ReportMetric(least, "%-of-share")
		b.ReportMetric(float64(throttled), "429s")
		b.ReportMetric(lonely, "MB-alone")
		b.ReportMetric(memory, "MB")
	}
}
