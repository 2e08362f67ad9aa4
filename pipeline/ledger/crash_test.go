//go:build unix

package ledger

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"reflect"
	"syscall"
	"testing"
	"time"
)

// The tests here run this test program again as another process, which does
// one of the children's acts to a state directory and prints what was done.
const (
	actVariable = "MUSTER_LEDGER_TEST_ACT"
	dirVariable = "MUSTER_LEDGER_TEST_DIR"
)

func TestMain(m *testing.M) {
	acts := map[string]func(dir string) error{
		"write": childWrites, "hold": childHolds, "open as nobody": childOpensAsNobody, "meet limit": childMeetsLimit,
	}
	act := acts[os.Getenv(actVariable)]
	if act == nil {
		if raceEnabled { // twenty times as slow: fewer draws unless told otherwise
			_ = flag.Set("rapid.checks", "20")
		}
		os.Exit(m.Run())
	}
	if err := act(os.Getenv(dirVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child starts another process and hands its standard output out.
func child(t *testing.T, act, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	command := exec.Command(program)
	command.Env = append(os.Environ(), actVariable+"="+act, dirVariable+"="+dir)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	return command, bufio.NewScanner(out)
}

// childWrites takes batches of four through all acts until it is killed, and
// prints each act once the ledger has said that it is recorded. It settles
// first what an earlier process left open.
func childWrites(dir string) error {
	l, err := Open(dir)
	if err != nil {
		return err
	}
	r, err := l.Begin(RunInfo{ID: fmt.Sprint("run-", os.Getpid()), OrgID: "org", Fingerprint: "f"})
	if err != nil {
		return err
	}
	left, err := r.OpenBatches()
	for _, batch := range left {
		err = errors.Join(err, settleEven(r, batch.Seq))
	}
	for seq := r.NextSeq(); err == nil; seq++ {
		err = walk(l, r, seq)
	}
	return err
}

// walk takes one batch from Intend to Settle.
func walk(l *Ledger, r *Run, seq int64) error {
	n, err := r.Intend(Batch{Seq: seq, Items: items(l, 4*seq, 4*seq+1, 4*seq+2, 4*seq+3)}, ask(0, 1, 2, 3))
	if err != nil {
		return err
	}
	fmt.Println("intend", seq)
	if err := r.Accept(seq, n, "job"); err != nil {
		return err
	}
	fmt.Println("accept", seq)
	if err := r.Answer(seq, n, "read"); err != nil {
		return err
	}
	fmt.Println("answer", seq)
	return settleEven(r, seq)
}

// settleEven settles a batch of four: every other item is created.
func settleEven(r *Run, seq int64) error {
	no := Settled{Status: "rejected", Code: "kustomer.refused"}
	err := r.Settle(seq, []Settled{created(hexID(int(4 * seq))), no, created(hexID(int(4*seq + 2))), no})
	if err == nil {
		fmt.Println("settle", seq)
	}
	return err
}

// steps are how far a batch came, by what childWrites prints.
var steps = map[string]int{"intend": 1, "accept": 2, "answer": 3, "settle": 4}

// note notes a line that tells of a step and says whether it was one.
func note(reached map[int64]int, line string) bool {
	var step string
	var seq int64
	n, _ := fmt.Sscanln(line, &step, &seq)
	if n == 2 {
		reached[seq] = steps[step]
	}
	return n == 2
}

// TestNothingRecordedIsLostByAKill is law 3's ground: whatever an act has
// reported as recorded is there after kill -9 at any moment, and beyond that
// at most the one act that was under way.
func TestNothingRecordedIsLostByAKill(t *testing.T) {
	dir := t.TempDir()
	reached := map[int64]int{} // the last step told of each batch
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const kills = 25
	for round := range kills {
		command, lines := child(t, "write", dir)
		kill := func() { _ = command.Process.Kill() }
		moment := time.Duration(random.IntN(50)) * time.Millisecond
		// Every fifth dies while it starts, opens or begins, the others while they write.
		if round%5 == 0 {
			time.AfterFunc(moment, kill)
		}
		for first := true; lines.Scan(); first = false {
			if first {
				time.AfterFunc(moment, kill)
			}
			note(reached, lines.Text())
		}
		_ = command.Wait()
		if !command.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
			t.Fatal("the child ended by itself")
		}
		compare(t, dir, reached)
	}
	t.Logf("%d batches in %d processes", len(reached), kills)
	if len(reached) < kills {
		t.Errorf("only %d batches were begun", len(reached))
	}
}

// compare holds the ledger to what its dead writers were told, and notes what
// became of the act that was under way.
func compare(t *testing.T, dir string, reached map[int64]int) {
	t.Helper()
	l, err := Open(dir)
	must(t, err)
	defer func() { must(t, l.Close()) }()
	infos, err := l.Runs()
	must(t, err)
	if len(infos) == 0 && len(reached) == 0 {
		return // killed before it began
	}
	if len(infos) != 1 || infos[0].State != RunInterrupted {
		t.Fatalf("runs: %+v", infos)
	}
	r, err := l.Find(infos[0].ID)
	must(t, err)
	untold := 0
	for seq := int64(1); seq < r.NextSeq(); seq++ {
		step := stepOf(t, l, r, seq)
		switch {
		case step < reached[seq]:
			t.Fatalf("batch %d is at step %d, but step %d was recorded", seq, step, reached[seq])
		case step > reached[seq]:
			untold++
		}
		reached[seq] = step
	}
	if int64(len(reached)) >= r.NextSeq() {
		t.Fatalf("of %d batches only %d are there", len(reached), r.NextSeq()-1)
	}
	if untold > 1 {
		t.Fatalf("%d batches are further than was told, but only one act was under way", untold)
	}
}

// stepOf reads how far a batch came and that all it holds fits together.
func stepOf(t *testing.T, l *Ledger, r *Run, seq int64) int {
	t.Helper()
	list, err := r.Assigned(4*seq, 4*seq+4)
	must(t, err)
	if len(list) != 4 || list[3].Item != items(l, 4*seq+3)[0] {
		t.Fatalf("batch %d has items %+v", seq, list)
	}
	known, err := l.Known("org", []KeyHash{list[0].Item.Key, list[1].Item.Key, list[2].Item.Key, list[3].Item.Key})
	must(t, err)
	want := make([]Known, 4)
	if list[0].Settled != nil {
		want[0] = Known{Found: true, CustomerID: hexID(int(4 * seq)), Hash: list[0].Item.Hash}
		want[2] = Known{Found: true, CustomerID: hexID(int(4*seq + 2)), Hash: list[2].Item.Hash}
	}
	if !reflect.DeepEqual(known, want) {
		t.Fatalf("batch %d: known %+v, want %+v", seq, known, want)
	}
	if list[0].Settled != nil {
		return steps["settle"]
	}
	open, err := r.OpenBatches()
	must(t, err)
	for _, batch := range open {
		if batch.Seq == seq {
			return map[string]int{RequestIntended: 1, RequestAccepted: 2, RequestAnswered: 3}[batch.Requests[0].State]
		}
	}
	t.Fatalf("batch %d is neither settled nor open", seq)
	return 0
}

// childMeetsLimit writes until the system lets its files grow no more, says
// what the ledger said, and goes on once they may.
func childMeetsLimit(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	l, err := Open(dir)
	if err != nil {
		return err
	}
	r, err := l.Begin(RunInfo{ID: "run", OrgID: "org", Fingerprint: "f"})
	if err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	const allowed = 300_000 // bytes
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: allowed, Max: limit.Max}); err != nil {
		return err
	}
	seq := r.NextSeq()
	for ; err == nil; seq++ {
		err = walk(l, r, seq)
	}
	fmt.Println("failed", errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EIO), err)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if left, err := r.OpenBatches(); err != nil {
		return err
	} else if len(left) == 1 {
		if err := settleEven(r, left[0].Seq); err != nil {
			return err
		}
	}
	if err := walk(l, r, r.NextSeq()); err != nil {
		return err
	}
	return l.Close()
}

func TestAFileThatMayNotGrow(t *testing.T) {
	dir := t.TempDir()
	command, lines := child(t, "meet limit", dir)
	reached := map[int64]int{}
	var failure string
	for lines.Scan() {
		if !note(reached, lines.Text()) {
			failure = lines.Text()
		}
	}
	must(t, command.Wait())
	t.Log(failure)
	if len(failure) < 11 || failure[:11] != "failed true" {
		t.Errorf("got %q, want ENOSPC or EIO", failure)
	}
	if len(reached) < 10 {
		t.Errorf("only %d batches before the limit", len(reached))
	}
	compare(t, dir, reached)
}
