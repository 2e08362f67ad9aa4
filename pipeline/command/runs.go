package command

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"muster/pipeline/history"
	"muster/pipeline/report"
)

func (a *app) runsCommand() *cobra.Command {
	var state string
	var asJSON bool
	c := &cobra.Command{
		Use:   "runs",
		Short: "List the runs of a state directory, the newest first",
		Long: `Runs lists every check and import of the state directory: its id, what it did to which org, how
it ended, and how many rows got which status. It works while an import is under way.`,
		Example: `  muster runs
  muster runs --json | jq -r '.runs[] | select(.state != "finished") | .run'`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.look(state, func(h *history.History) error {
				if asJSON {
					return a.answer(map[string]any{"runs": append([]report.Past{}, h.Runs()...)})
				}
				if len(h.Runs()) == 0 {
					fmt.Fprintf(a.out, "no run yet in %s\n", state)
					return nil
				}
				return report.RunsText(a.Stdout, h.Runs(), a.Width, a.colour())
			})
		},
	}
	c.Flags().StringVar(&state, "state", ".muster", "directory of ledger and reports")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// look opens the history of a state directory for one answer.
func (a *app) look(state string, answer func(*history.History) error) error {
	h, err := history.Open(state)
	if err != nil {
		return err
	}
	return errors.Join(answer(h), h.Close())
}

// findRun is History.Find with the hint that goes with its errors.
func (a *app) findRun(h *history.History, word string, fits func(report.Past) bool) (report.Past, error) {
	run, err := h.Find(word, fits)
	if err != nil {
		return run, &hinted{err, "muster runs" + a.carried("state") + " lists them; --state DIR names another directory"}
	}
	return run, nil
}

// answer prints one JSON object.
func (a *app) answer(value any) error {
	encoder := json.NewEncoder(a.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
