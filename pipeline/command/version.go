package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print muster's version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, versionLine())
			return nil
		},
	}
}

func versionLine() string {
	return fmt.Sprintf("muster %s%s %s %s/%s", Version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commit is what the program was built of, " (…)"; "" where it does not say.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	told := map[string]string{}
	for _, s := range info.Settings {
		told[s.Key] = s.Value
	}
	revision := told["vcs.revision"]
	if revision == "" {
		return ""
	}
	if told["vcs.modified"] == "true" {
		revision += ", and changes"
	}
	return " (" + revision + ")"
}
