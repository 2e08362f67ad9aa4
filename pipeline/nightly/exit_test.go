package nightly

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muster/pipeline/outcome"
)

// The manual says which of several exit codes is the night's, in the order in which it is found.
func TestTheWorstExitCodeIsTheNights(t *testing.T) {
	text, err := os.ReadFile("../command/manual/nightly.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "From the best to the worst: ")
	list, _, ends := strings.Cut(rest, ":")
	if !found || !ends {
		t.Fatal("the manual does not say it")
	}
	var codes []int
	for word := range strings.SplitSeq(list, ", ") {
		code, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	if len(codes) != 11 {
		t.Errorf("%d exit codes are in order", len(codes))
	}
	for i, code := range codes {
		out := &Outcome{}
		for _, one := range codes[:i+1] {
			out.Jobs = append(out.Jobs, &Result{ExitCode: one})
		}
		slices.Reverse(out.Jobs[:i])
		if out.settle(); out.ExitCode != code {
			t.Errorf("of %v it is %d", codes[:i+1], out.ExitCode)
		}
	}
}

// Whoever is told of a guard learns the way on, too, behind what is wrong.
func TestTheWayOnStandsBehindTheReason(t *testing.T) {
	r := &Result{}
	r.fail(&outcome.GuardError{Guard: "damage", Reason: "the column \"id\" is damaged", Fix: "fix the column"})
	if want := []string{`stopped by the guard of damage: the column "id" is damaged`, "fix the column"}; !slices.Equal(
		r.Says, want) {
		t.Errorf("%q, want %q", r.Says, want)
	}
}
