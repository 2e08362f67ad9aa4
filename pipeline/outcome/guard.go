package outcome

// GuardError says that a guard stopped a run before anything was sent. Exit code 5.
type GuardError struct {
	Guard  string // its name in the project file, such as "columns"
	Reason string // one line, without a value
	Fix    string // the way on, "" where the reason says it
}

func (e *GuardError) Error() string { return "stopped by the guard of " + e.Guard + ": " + e.Reason }
