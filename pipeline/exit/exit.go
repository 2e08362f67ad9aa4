// Package exit says with which code a command ends: the table of codes, and the code of an error.
package exit

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"syscall"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/pipeline/trust"
	"muster/schema/klass"
)

// The exit codes.
const (
	OK          = 0
	Internal    = 1
	Usage       = 2
	Rejects     = 3
	Permission  = 4
	Guard       = 5
	Environment = 6
	Locked      = 7
	Unproven    = 8
	Interrupted = 130
	Terminated  = 143 // by SIGTERM
)

// Row is one row of the table of exit codes.
type Row struct{ Code, Meaning string }

// Table is the table of exit codes, for the manual and for people's scripts.
func Table() []Row {
	return []Row{
		{"0", "everything landed: rows, columns, values; or the check is clean"},
		{"1", "muster's own fault: an internal error"},
		{"2", "how it was called or configured: a file that is missing or no table, a mapping that does not fit"},
		{"3", "finished, but some rows are invalid, rejected, in conflict, without cells that were dropped, duplicates " +
			"that say something else than the row which stays, or left alone since their plan is no longer true " +
			"(`--allow-rejects N` or `N%` turns it to 0), or columns that hold values are not imported (a target, or " +
			"`ignore`, for each of them turns it to 0), or a check is not sure what a column is"},
		{"4", "authentication or permission: the key, or a role it lacks"},
		{"5", "stopped by a guard: a column by which customers are told apart is damaged, or rows stand under the " +
			"wrong columns (so says a check, too); a file or mapping changed while it was being imported, or since the run " +
			"that is resumed; another org answers; a feed " +
			"that is not what it was (`muster run`); more rows were invalid or rejected, or more customers would be made or " +
			"changed, than `--max-invalid`, `--max-rejected`, `--max-create` or `--max-update` allow"},
		{"6", "the environment: the org out of reach, a disk that is full, a file that broke off"},
		{"7", "another run holds the state directory"},
		{"8", "the books do not balance, rows are `unknown`, or what was read back is not what was sent"},
		{"130, 143", "interrupted by Ctrl-C, or by SIGTERM; state is saved, and the command that goes on is printed"},
	}
}

// Meaning is an exit code in words.
func Meaning(code int) string {
	for _, e := range Table() {
		for _, one := range strings.Split(e.Code, ", ") {
			if one == strconv.Itoa(code) {
				return strings.ReplaceAll(e.Meaning, "`", "")
			}
		}
	}
	return ""
}

// Code is the exit code of an error that ended a command.
func Code(err error) int {
	var (
		usage     *outcome.UsageError
		input     *source.Error
		columns   *mappings.BindError
		mistakes  mappings.Mistakes
		locked    *ledger.LockedError
		wire      *kustomer.Error
		errno     syscall.Errno
		guard     *outcome.GuardError
		tried     *deliver.CanaryError
		pathError *fs.PathError
		stranger  *trust.Stranger
	)
	switch {
	case err == nil:
		return OK
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.As(err, &locked):
		return Locked
	case errors.Is(err, outcome.ErrNotMade), errors.As(err, &tried):
		return Unproven
	case errors.Is(err, bind.ErrInputChanged), errors.Is(err, outcome.ErrOtherOrg), errors.As(err, &guard):
		return Guard
	case errors.As(err, &input) && (input.Code == "file.broken_off"):
		return Environment
	case errors.As(err, &usage), errors.As(err, new(*ledger.NetworkError)), errors.As(err, &stranger),
		errors.As(err, &input), errors.As(err, &columns), errors.As(err, &mistakes):
		return Usage
	case errors.As(err, &wire):
		if wire.Verdict == kustomer.Unauthorized || wire.Verdict == kustomer.Forbidden {
			return Permission
		}
		return Environment
	case errors.Is(err, fs.ErrNotExist):
		return Usage
	case errors.As(err, &errno), errors.As(err, &pathError), errors.Is(err, klass.ErrMetadata), isCorrupt(err):
		return Environment
	default:
		return Internal
	}
}

// BySignal is the exit code of what a signal ended.
func BySignal(ctx context.Context) int {
	// as signal.NotifyContext says
	if cause := context.Cause(ctx); cause != nil && strings.HasPrefix(cause.Error(), "terminated") {
		return Terminated
	}
	return Interrupted
}

func isCorrupt(err error) bool {
	var corrupt *ledger.CorruptError
	return errors.As(err, &corrupt)
}
