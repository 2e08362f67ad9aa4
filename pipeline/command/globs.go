package command

import (
	"os"
	"path/filepath"
	"strings"

	"muster/pipeline/printable"
)

// expanded puts the files that a pattern matches, in the order of their names, in its place: for shells that leave
// patterns alone, and project files. A name that is a file is no pattern, whatever characters it has.
func expanded(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		if !strings.ContainsAny(name, "*?[") || exists(name) {
			files = append(files, name)
			continue
		}
		found, err := filepath.Glob(name)
		if err != nil {
			return nil, usage("%s is no pattern of file names: %v", name, err)
		}
		if len(found) == 0 {
			return nil, &hinted{usage("%s matches no file", name), "ls " + printable.Word(filepath.Dir(name)) +
				" shows what is there"}
		}
		files = append(files, found...)
	}
	return files, nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
