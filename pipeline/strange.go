package pipeline

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"muster/pipeline/printable"
)

// strange says where the ledger knows no run and there are directories of runs that only a ledger can have begun:
// somebody has taken it away, or another disk is mounted. The run goes on, since customers are found in the org by
// their keys.
func (m *importing) strange() error {
	runs, err := m.ledger.Runs()
	if err != nil || len(runs) > 0 {
		return err
	}
	earlier, err := fs.Glob(os.DirFS(m.config.State), "runs/*/run.json")
	if err != nil || len(earlier) == 0 {
		return err
	}
	state := printable.Word(m.config.State)
	m.config.Progress.Say(fmt.Sprintf("warning: the ledger knows no run, and %s holds %d: ledger.db is not the one "+
		"they were done with. "+
		"What they left in doubt is not known; muster restore BACKUP --state %s puts a backup back",
		filepath.Join(state, "runs"), len(earlier), state))
	return nil
}
