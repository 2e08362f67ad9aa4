package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/mappings"
	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/export"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/printable"
	"muster/pipeline/spelling"
	"muster/pipeline/trust"
)

type exportFlags struct {
	orgFlags
	out, as, state string
}

func (a *app) exportCommand() *cobra.Command {
	f := &exportFlags{}
	c := &cobra.Command{
		Use:   "export KIND… --to ORG -o FILE",
		Short: "Write what an org has of a kind of record as a file that an import takes back",
		Long: `Export reads all records of a kind, page by page within the share of the budget, and writes them
as a table (FILE.csv, FILE.xlsx) or one record a line (FILE.ndjson). Columns bear the names of targets,
and a mapping beside the file says the kind: importing the file again changes nothing, and changing
it first changes exactly what was changed. A blank cell clears; an entry that is taken out of a list
is taken off. Export cannot write to the org.

An export that ended early goes on with the same command, behind the last whole page that it had read.

KIND is customer, company, conversation, message, note, or kobject.KLASS. Of several kinds -o names a
folder, in which each has a file.`,
		Example: `  muster export customers --to sandbox -o customers.xlsx
  muster export customers companies conversations messages notes --to sandbox -o org/
  muster export kobject.order --to https://acme.api.kustomerapp.com --key-file key.txt -o orders.csv`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return a.export(c.Context(), f, args) },
	}
	f.orgFlags.register(c)
	c.Flags().StringVarP(&f.out, "output", "o", "", "the file that is written, NAME.csv, NAME.xlsx or NAME.ndjson; of "+
		"several kinds a folder")
	c.Flags().StringVar(&f.as, "as", "csv", "form of the files in a folder: csv, xlsx or ndjson")
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of the built-in org")
	return c
}

// exported is one kind on its way to its file.
type exported struct{ kind, path string }

func (a *app) export(ctx context.Context, f *exportFlags, names []string) error {
	list, folder, err := f.files(names)
	if err != nil {
		return err
	}
	if folder != "" {
		if err := trust.MkdirAll(folder); err != nil {
			return fmt.Errorf("make %s: %w", folder, err)
		}
	}
	done, err := finished(folder)
	if err != nil {
		return err
	}
	for _, one := range list {
		if exists(one.path) && !slices.Contains(done, one.kind) {
			return &hinted{usage("%s is there already", one.path), "name another with -o, or move that one away"}
		}
		beside := bind.MappingBeside(one.path)
		if text, err := os.ReadFile(beside); err == nil && string(text) != export.Mapping(one.kind, one.path) {
			return &hinted{usage("%s, a mapping that another file may need, is there already", beside),
				"name another file with -o, or move that mapping away"}
		}
	}
	org, end, err := a.see(ctx, &f.orgFlags, f.state)
	if err != nil {
		return err
	}
	defer end()
	for _, one := range list {
		if slices.Contains(done, one.kind) {
			fmt.Fprintf(a.out, "%s: whole already\n", one.path)
			continue
		}
		if err := a.exportOne(ctx, f, org, one); err != nil {
			return err
		}
		if done = append(done, one.kind); folder != "" && len(list) > 1 {
			if err := trust.WriteWhole(marker(folder), []byte(strings.Join(done, "\n"))); err != nil {
				return fmt.Errorf("write %s: %w", marker(folder), err)
			}
		}
	}
	if folder != "" && len(list) > 1 {
		return os.Remove(marker(folder))
	}
	return nil
}

// marker is what names the kinds that an export of several has written already, until it has written them all.
func marker(folder string) string { return filepath.Join(folder, ".export.part") }

func finished(folder string) (kinds []string, err error) {
	if folder == "" {
		return nil, nil
	}
	text, err := trust.Read(marker(folder), 1<<16)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return strings.Fields(string(text)), err
}

// files are the kinds and where each goes. folder: "" where the one kind has a file of its own.
func (f *exportFlags) files(names []string) (list []exported, folder string, err error) {
	if len(names) == 0 {
		return nil, "", &hinted{usage("export needs a kind of record"), "muster export customers --to " +
			printable.Word(cmp.Or(f.to, "sandbox")) + " -o customers.csv; the kinds are " + kindWords()}
	}
	for _, name := range names {
		kind, err := kindNamed(name)
		if err != nil {
			return nil, "", err
		}
		if !slices.ContainsFunc(list, func(e exported) bool { return e.kind == kind }) {
			list = append(list, exported{kind: kind})
		}
	}
	info, _ := os.Stat(f.out)
	format := strings.ToLower(filepath.Ext(f.out))
	written := slices.Contains(export.Formats(), format)
	switch {
	case f.out == "":
		return nil, "", &hinted{usage("-o does not say where the records go"), "write  -o " + suggested(list)}
	case f.as != "csv" && f.as != "xlsx" && f.as != "ndjson":
		return nil, "", usage("--as %q is none of csv, xlsx, ndjson", f.as)
	case len(list) == 1 && written && (info == nil || !info.IsDir()):
		list[0].path = f.out
		return list, "", nil
	case written && (info == nil || !info.IsDir()):
		return nil, "", &hinted{usage("-o %s is one file, and there are %d kinds", f.out, len(list)), "name a folder: -o " +
			printable.Word(strings.TrimSuffix(f.out, filepath.Ext(f.out))+string(filepath.Separator))}
	case len(list) == 1 && (info == nil || !info.IsDir()) && !strings.HasSuffix(f.out, string(filepath.Separator)):
		return nil, "", &hinted{usage("-o %s does not end in .csv, .xlsx or .ndjson", f.out), "write  -o " +
			printable.Word(strings.TrimSuffix(f.out, filepath.Ext(f.out))+".csv")}
	}
	for i := range list {
		list[i].path = filepath.Join(f.out, list[i].kind+"."+f.as)
	}
	return list, f.out, nil
}

func suggested(list []exported) string {
	if len(list) > 1 {
		return "org" + string(filepath.Separator)
	}
	return list[0].kind + ".csv"
}

func kindWords() string { return "customer, " + strings.Join(object.Names(), ", ") }

// kindNamed is the kind that a word means: its name, in the plural too.
func kindNamed(name string) (string, error) {
	kinds := map[string]string{mappings.Customers: mappings.Customers, "customers": mappings.Customers}
	words := []string{mappings.Customers}
	for _, one := range object.Names() {
		if k := object.Called(one); k != nil {
			kinds[k.Name], kinds[k.Many] = k.Name, k.Name
			words = append(words, k.Name, k.Many)
		}
	}
	if kind := kinds[strings.ToLower(name)]; kind != "" {
		return kind, nil
	}
	if object.Called(name) != nil {
		return name, nil
	}
	hint := "the kinds are " + kindWords()
	if near := spelling.Nearest(strings.ToLower(name), words); near != "" {
		hint = "did you mean " + kinds[near] + "?"
	} else if object.IsKlass(name) {
		hint = "records of a Klass " + name + " are " + object.KObject + name + "; " + hint
	}
	return "", &hinted{usage("there is no kind %q", name), hint}
}

// exportOne writes one kind.
func (a *app) exportOne(ctx context.Context, f *exportFlags, org *pipeline.ReadOnlyOrg, one exported) error {
	config := export.Config{Viewer: org.Viewer, Readings: lookup.New(org.Viewer, time.Now), Kind: one.kind,
		Org: org.ID(), Beside: bind.MappingBeside(one.path), Now: time.Now, Sleep: kustomer.Sleep}
	if k := object.Called(one.kind); k == nil || k.Klass != "" {
		name := mappings.Customers
		if k != nil {
			name = k.Klass
		}
		var err error
		if config.Klass, err = bind.ReadKlass(ctx, org.Viewer, name); err != nil {
			return err
		}
	}
	file, err := export.Open(config, one.path)
	if err != nil {
		return err
	}
	if file.Resumed {
		fmt.Fprintf(a.Stderr, "muster: %s: goes on behind %s that were read before\n", one.path,
			printable.Counted(int(file.Records), "record"))
	}
	before := org.Viewer.Budget().Requests
	told := file.Records
	err = file.Read(ctx, func(records int64, total int) {
		if records-told >= toldEach {
			told = records
			fmt.Fprintf(a.Stderr, "muster: %s: %s read\n", one.path, printable.Counted(int(records), "record"))
		}
	})
	if err != nil {
		return a.unexported(errors.Join(err, file.Close()), one, file.Records)
	}
	done, err := file.Finish()
	if err != nil {
		if errors.Is(err, export.ErrLongCell) {
			return &hinted{err, "write  -o " + printable.Word(strings.TrimSuffix(one.path, filepath.Ext(one.path))+".csv")}
		}
		return err
	}
	if done.NoTags {
		a.warn(one.path + ": the key may not ask for the names of tags (" + lookup.RoleTagRead + "), so they are left out")
	}
	fmt.Fprintf(a.out, "%s: %s, in %s; its mapping is %s\n", one.path,
		printable.Counted(int(done.Records), "record"),
		printable.Counted(int(org.Viewer.Budget().Requests-before), "request"), done.Mapping)
	return nil
}

// toldEach is after how many records more an export says how far it is.
const toldEach = 10_000

// unexported says how an export that ended early goes on, and gives its error back.
func (a *app) unexported(err error, one exported, records int64) error {
	if records > 0 {
		fmt.Fprintf(a.Stderr, "muster: %s: %s are kept in %s; %s goes on behind them\n", one.path,
			printable.Counted(int(records), "record"), export.Part(one.path), a.again())
	}
	return err
}
