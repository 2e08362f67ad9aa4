package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// printPart prints a line for each subject: medians, and by how much the first subject is quicker than it, the median
// of the rounds' ratios, each of two runs one after the other.
func (w *workshop) printPart(out io.Writer, p part, subjects []subject, samples [][]sample) error {
	fmt.Fprintf(out, "\n%s; medians of %d\n\n", p.title, w.settings.runs)
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "\trows\tinvalid\trows/s\twall s\tCPU s\tpeak MB\tratio wall\tratio CPU\t")
	for i, s := range subjects {
		rows := w.count(s.file)
		wall := median(samples[i], func(one sample) float64 { return one.wall.Seconds() })
		cpu := median(samples[i], func(one sample) float64 { return one.cpu.Seconds() })
		memory := median(samples[i], func(one sample) float64 { return float64(one.memory) / 1e6 })
		wallRatio, cpuRatio := w.ratio(subjects, samples, i)
		fmt.Fprintf(table, "%s\t%d\t%d\t%.0f\t%.3f\t%.3f\t%.1f\t%.2f\t%.2f\t\n",
			s.title, rows, samples[i][0].invalid, float64(rows)/wall, wall, cpu, memory, wallRatio, cpuRatio)
	}
	return table.Flush()
}

// ratio is the time of subject i over that of the first, for each row where both have rows.
func (w *workshop) ratio(subjects []subject, samples [][]sample, i int) (wall, cpu float64) {
	share := 1.0
	if mine, first := w.count(subjects[i].file), w.count(subjects[0].file); mine > 0 && first > 0 {
		share = float64(first) / float64(mine)
	}
	walls, cpus := make([]float64, w.settings.runs), make([]float64, w.settings.runs)
	for round := range walls {
		mine, first := samples[i][round], samples[0][round]
		walls[round] = share * mine.wall.Seconds() / first.wall.Seconds()
		cpus[round] = share * mine.cpu.Seconds() / max(first.cpu.Seconds(), 1e-6)
	}
	return middle(walls), middle(cpus)
}

func median(samples []sample, of func(sample) float64) float64 {
	var list []float64
	for _, one := range samples {
		list = append(list, of(one))
	}
	return middle(list)
}

// middle is the median of a list that is not empty.
func middle(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	half := len(list) / 2
	if len(list)%2 == 1 {
		return list[half]
	}
	return (list[half-1] + list[half]) / 2
}

// conditions says on what is measured.
func conditions() string {
	return fmt.Sprintf("%s, %s/%s, %d cores; %s\n"+
		"ratio: the line's time over the first line's, for each row, so above 1 the first line is quicker",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load("load at the start"))
}

// load is how many processes want to run, as Linux says it.
func load(title string) string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return title + " unknown"
	}
	return title + " " + strings.Join(fields[:3], " ")
}
