package command

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

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

// version is that of the tag the program was built at, as Go notes it; of any other commit, Version.
func (a *app) version() string { return released(debug.ReadBuildInfo()) }

// tagged is what a release's version looks like; of a commit behind one, Go makes a longer one.
var tagged = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[a-z]+\.?\d*)?$`)

func released(info *debug.BuildInfo, ok bool) string {
	if ok && tagged.MatchString(info.Main.Version) {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return Version
}

func versionLine() string {
	return fmt.Sprintf("muster %s%s %s %s/%s", released(debug.ReadBuildInfo()), commit(), runtime.Version(), runtime.GOOS,
		runtime.GOARCH)
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
