package command

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/export"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

func (a *app) exportCommand() *cobra.Command {
	o := &orgFlags{}
	var out, state string
	c := &cobra.Command{
		Use:   "export KIND --to ORG -o FILE",
		Short: "Write what an org has of one kind of record as a file that an import takes back",
		Long: `Export reads all records of a kind, page by page within the share of the budget, and writes them
as NDJSON, one record a line. Its members bear the names of targets, and a mapping beside it says
the kind: importing the file again changes nothing, and changing it first changes exactly what was
changed. A record that has no external id is written, too; an import takes none but customers
without one. Export cannot write to the org.

KIND is customer, company, conversation, message, note, or kobject.KLASS.`,
		Example: `  muster export company --to sandbox -o companies.ndjson
  muster export kobject.order --to https://acme.api.kustomerapp.com --key-file key.txt -o orders.ndjson`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.export(c, o, state, args[0], out) },
	}
	o.register(c)
	c.Flags().StringVarP(&out, "output", "o", "", "the file that is written, NAME.ndjson; it must not be there yet")
	c.Flags().StringVar(&state, "state", ".muster", "directory of the built-in org")
	return c
}

func (a *app) export(c *cobra.Command, o *orgFlags, state, kind, out string) error {
	k := object.Called(kind)
	switch {
	case k == nil && kind != mappings.Customers:
		return &hinted{usage("there is no kind %q", kind), "the kinds are customer, " + strings.Join(object.Names(), ", ")}
	case strings.ToLower(filepath.Ext(out)) != ".ndjson":
		return &hinted{usage("-o %q is not NAME.ndjson: lists of addresses, numbers and tags have no place in one cell", out),
			"write  -o " + kind + ".ndjson; muster read shows it as a table"}
	}
	if _, err := os.Lstat(out); err == nil {
		return &hinted{usage("%s is there already", out), "name another file, or move that one away"}
	}
	org, end, err := a.see(c.Context(), o, state)
	if err != nil {
		return err
	}
	defer end()
	config := export.Config{Viewer: org.Viewer, Readings: lookup.New(org.Viewer, time.Now), Kind: kind}
	if k == nil || k.Klass != "" {
		name := mappings.Customers
		if k != nil {
			name = k.Klass
		}
		if config.Klass, err = bind.ReadKlass(c.Context(), org.Viewer, name); err != nil {
			return err
		}
	}
	part := out + ".part"
	f, err := trust.Open(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", part, err)
	}
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	n, err := export.Run(c.Context(), config, func(r export.Row) error { return lines.Encode(r) })
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, out); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	beside := bind.MappingBeside(out)
	if err := trust.WriteWhole(beside, fmt.Appendf(nil, "version: 1\nkind: %s\ncolumns: {}\n", kind)); err != nil {
		return fmt.Errorf("write %s: %w", beside, err)
	}
	fmt.Fprintf(a.out, "%s: %s, in %d requests; its mapping is %s\n", out, printable.Counted(int(n), "record"),
		org.Viewer.Budget().Requests, beside)
	return nil
}
