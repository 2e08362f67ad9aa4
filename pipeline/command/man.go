package command

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// writeMan writes the man pages to a folder, which is made where it is missing: muster-COMMAND.1 and muster-TOPIC.7.
// They bear no date, so that the same program writes the same bytes.
func writeMan(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder for man pages: %w", err)
	}
	root.InitDefaultCompletionCmd()
	root.DisableAutoGenTag = true
	undated := time.Unix(0, 0).UTC()
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "muster", Manual: "muster", Date: &undated},
		folder); err != nil {
		return fmt.Errorf("write man pages: %w", err)
	}
	for _, topic := range topics() {
		title, text, err := page(topic)
		if err != nil {
			return err
		}
		head := fmt.Sprintf("%% \"MUSTER-%s\" 7 \"\" muster muster\n\n# NAME\n\nmuster-%s - %s\n\n# DESCRIPTION\n\n", topic,
			topic, title)
		text = head + comments.ReplaceAllString(text, "") + "\n"
		if err := os.WriteFile(filepath.Join(folder, "muster-"+topic+".7"), md2man.Render([]byte(text)), 0o644); err != nil {
			return fmt.Errorf("write man pages: %w", err)
		}
	}
	return nil
}
