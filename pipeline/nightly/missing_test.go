package nightly_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/nightly"
)

// Who vanished is deleted: not while a row leaves open whose it is, and never more than may be in one night.
func TestWhoVanishedIsDeletedWithCare(t *testing.T) {
	h := newHouse(t, strings.Replace(nightProject, "{do: tag, at-most: 1%}",
		"{do: delete, at-most: 1%}\n    guards: {rows: off}", 1))
	h.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	c.grow(300)
	number := 0
	run := func(text string) *nightly.Result {
		t.Helper()
		number++
		h.clock.set(halfPastTwo(number))
		h.write(fmt.Sprintf("feed-%02d.csv", number), text)
		out, err := h.night().Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return out.Jobs[0]
	}
	left := func() int {
		all, err := h.org.Dump(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if r := run(c.csv(header)); r.ExitCode != 0 || r.Missing != nil || left() != 300 {
		t.Fatalf("the first night is %+v", r)
	}
	c.leave(2)
	if r := run(c.csv(header) + ",Nobody,no address,Utrecht,many\n"); r.Missing == nil || r.Missing.Customers != 2 ||
		!r.Missing.Held || left() != 300 {
		t.Errorf("with a row that could be anybody's: %+v, %d are left", r.Missing, left())
	}
	if r := run(c.csv(header)); r.Missing == nil || r.Missing.Done != 2 || r.Missing.Held || left() != 298 {
		t.Errorf("once every row is known: %+v, %d are left", r.Missing, left())
	}
	if r := run(c.csv(header) + "\n"); r.Missing != nil {
		t.Errorf("the night after: %+v", r.Missing)
	}
	c.leave(20)
	r := run(c.csv(header))
	if r.ExitCode != 5 || !strings.Contains(strings.Join(r.Says, " "),
		"20 customers (6.7 %) are not in the file any more, and at most 1 % may be deleted") || left() != 298 {
		t.Errorf("20 at once: exit %d, %q, %d are left", r.ExitCode, r.Says, left())
	}
	if found, err := nightly.AcceptDrift(h.dir+"/.muster", "customers"); err != nil || len(found) != 1 {
		t.Errorf("accepted %v, %v", found, err)
	}
	if r := run(c.csv(header)); r.ExitCode != 0 || r.Missing == nil || r.Missing.Done != 20 || left() != 278 {
		t.Errorf("accepted: exit %d, %+v, %q, %d are left", r.ExitCode, r.Missing, r.Says, left())
	}
}

// Whose row is refused may be in the file all the same: who is said to be gone is said so with that.
func TestWhoVanishedIsSaidWithTheRowsInDoubt(t *testing.T) {
	for rows, want := range map[string]string{
		"1,Anna,a@example.com,Ede,5\n": "1 customer is not in the file any more",
		"1,Anna,a@example.com,Ede,5\n2,\"Bo \"B\" Berg\",b@x.org,Ede,5\n": "1 customer is not in the file any more, " +
			"unless they are among the rows that were refused: 1 invalid row leaves open whose it is",
	} {
		h := newHouse(t, strings.Replace(nightProject, "    on-missing: {do: tag, at-most: 1%}\n", "    guards: {rows: off}\n", 1))
		h.write("crm.mapping.yaml", nightMapping)
		for n, text := range []string{"1,Anna,a@example.com,Ede,5\n2,Bo,b@example.com,Ede,5\n", rows} {
			h.clock.set(halfPastTwo(n + 1))
			h.write(fmt.Sprintf("feed-%02d.csv", n+1), header+text)
			out, err := h.night().Run(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if r := out.Jobs[0]; n == 1 && !slices.Contains(r.Says, want) {
				t.Errorf("%q, want %q", r.Says, want)
			}
		}
	}
}
