package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/attributes"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/printable"
	"muster/schema/klass"
)

// klassFlags say what is compared with what.
type klassFlags struct {
	orgFlags
	from, mapping, state string
	json, yes            bool
	notes                []string // what of the file has no counterpart in Kustomer
}

func (a *app) klassDiffCommand() *cobra.Command {
	f := &klassFlags{}
	c := &cobra.Command{
		Use:   "diff",
		Short: "Compare a file of attributes, a mapping and an org; nothing is changed",
		Long: `Diff compares what is wanted with what there is. Wanted is a file of attributes (--from), what a
mapping fills (--mapping), or both; there is an org (--to), or, without one, the file. It exits
with 3 where something wanted is not there, so that a script can stop before an import.`,
		Example: `  muster klass diff --from acme.klasses.yaml --to sandbox
  muster klass diff --mapping crm.mapping.yaml --to https://acme.api.kustomerapp.com --key-file key.txt
  muster klass diff --mapping crm.mapping.yaml --from acme.klasses.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.klassDiff(c.Context(), f) },
	}
	f.register(c)
	c.Flags().StringVar(&f.mapping, "mapping", "", "mapping file whose attributes are looked for")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	return c
}

func (f *klassFlags) register(c *cobra.Command) {
	f.orgFlags.register(c)
	c.Flags().StringVar(&f.from, "from", "", "file of attributes, as muster klass pull writes it, or of customer "+
		"properties of Sinch Engage")
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of the built-in org")
}

// comparison is one Klass wanted, beside what there is of it.
type comparison struct {
	Klass       string             `json:"klass"`
	Wanted      string             `json:"wanted"`  // the file or the mapping
	Against     string             `json:"against"` // the org or the file
	Same        int                `json:"same"`    // attributes that are as wanted
	Makes       string             `json:"-"`       // what makes the attributes that lack
	Differences []klass.Difference `json:"differences"`
}

func (a *app) klassDiff(ctx context.Context, f *klassFlags) error {
	list, err := a.compare(ctx, f)
	if err != nil {
		return err
	}
	asks := false
	for _, one := range list {
		for _, d := range one.Differences {
			asks = asks || d.Asks()
		}
	}
	if asks {
		a.code = exit.Rejects
	}
	if f.json {
		return a.answer(map[string]any{"klasses": list, "notes": append([]string{}, f.notes...)})
	}
	for _, one := range list {
		a.showComparison(one)
	}
	a.showNotes(f.notes)
	if asks && f.from != "" && f.to != "" {
		command := "muster klass apply --from " + printable.Word(f.from) + " --to " + printable.Word(f.to)
		if f.keyFile != "" {
			command += " --key-file " + printable.Word(f.keyFile)
		}
		fmt.Fprintf(a.out, "\n%s\n    makes what is marked +, after showing it\n", command)
	}
	return nil
}

// compare reads all that is named and holds it against each other.
func (a *app) compare(ctx context.Context, f *klassFlags) (list []comparison, err error) {
	to, _ := a.Lookup("KUSTOMER_URL")
	hasOrg := f.to != "" || to != ""
	if f.from == "" && f.mapping == "" || !hasOrg && (f.from == "" || f.mapping == "") {
		return nil, &hinted{usage("there is nothing to compare"),
			"--from FILE or --mapping FILE names what is wanted, --to ORG what there is"}
	}
	var wanted []*klass.Klass
	var filled *klass.Klass
	if f.from != "" {
		if wanted, f.notes, err = bind.LoadKlasses(f.from); err != nil {
			return nil, err
		}
	}
	if f.mapping != "" {
		if filled, err = attributes.MappingAttributes(f.mapping); err != nil {
			return nil, err
		}
	}
	if filled != nil && f.from != "" {
		list = append(list, filling(f.mapping, f.from, "add it there", filled, named(wanted, filled.Name)))
	}
	if !hasOrg {
		return list, nil
	}
	v, org, end, err := a.view(ctx, &f.orgFlags, f.state)
	if err != nil {
		return nil, err
	}
	defer end()
	for _, want := range wanted {
		have, err := bind.ReadKlass(ctx, v, want.Name)
		if err != nil {
			return nil, err
		}
		differences := klass.Compare(want, have)
		list = append(list, comparison{Klass: want.Name, Wanted: f.from, Against: org,
			Same: len(want.Attributes) - differing(differences), Differences: differences})
	}
	if filled != nil {
		have, err := bind.ReadKlass(ctx, v, filled.Name)
		if err != nil {
			return nil, err
		}
		list = append(list, filling(f.mapping, org, "import --create-attributes makes it", filled, have))
	}
	return list, nil
}

// filling compares what a mapping fills with what there is.
func filling(mapping, against, makes string, filled, have *klass.Klass) comparison {
	differences := attributes.Lacks(filled, have)
	return comparison{filled.Name, mapping, against, len(filled.Attributes) - differing(differences), makes, differences}
}

func named(klasses []*klass.Klass, name string) *klass.Klass {
	for _, k := range klasses {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// differing counts the wanted attributes that have a difference.
func differing(list []klass.Difference) int {
	names := map[string]bool{}
	for _, d := range list {
		if d.Kind != klass.Extra {
			names[d.Name] = true
		}
	}
	return len(names)
}

// showNotes says what of Engage's definitions has no counterpart, and what becomes of it.
func (a *app) showNotes(notes []string) {
	for _, note := range notes {
		fmt.Fprintf(a.out, "  = %s\n", folded(note, 4, a.Width))
	}
}

func (a *app) showComparison(c comparison) {
	fmt.Fprintf(a.out, "%s: %s against %s, %d the same\n", c.Klass, c.Wanted, c.Against, c.Same)
	var extra []string
	for _, d := range c.Differences {
		if d.Kind == klass.Extra {
			extra = append(extra, d.Name)
			continue
		}
		mark, says := explain(c.Klass, d)
		if mark == "+" && c.Makes != "" {
			mark, says = "!", says+"; "+c.Makes
		}
		fmt.Fprintf(a.out, "  %s %-24s %s\n", mark, d.Name, folded(says, 29, a.Width))
	}
	if len(extra) > 0 {
		fmt.Fprintf(a.out, "    only in %s: %s\n", c.Against, folded(strings.Join(extra, ", "), 14+len(c.Against), a.Width))
	}
}

// explain words a difference. The mark is + for what apply makes, ! for what a person must do, ~ for what does no harm.
func explain(name string, d klass.Difference) (mark, says string) {
	settings := "Settings › Platform › Klasses › " + strings.ToUpper(name[:1]) + name[1:]
	switch d.Kind {
	case klass.Lacking:
		return explainLacking(d, settings)
	case klass.Choices:
		says = "choices that are missing: " + strings.Join(d.Choices, ", ")
		if d.CanApply() {
			return "+", says
		}
		return "!", says + "; add them in " + settings
	case klass.Inactive:
		return "!", "is not active: activate it in " + settings
	case klass.Spelling:
		return "!", "is called " + d.Has + " there: write it so"
	case klass.Listed:
		return "!", "is a list in one and a single value in the other; that cannot be changed, so take another name"
	case klass.Open:
		return "~", "takes any text; choices are wanted: " + strings.Join(d.Choices, ", ")
	case klass.Display:
		return "~", fmt.Sprintf("is shown as %q, wanted %q", d.Has, d.Display)
	default: // Retired
		return "~", "is active, and not wanted so"
	}
}

func explainLacking(d klass.Difference, settings string) (mark, says string) {
	says = d.Type
	if d.Display != "" {
		says += fmt.Sprintf(", %q", d.Display)
	}
	if len(d.Choices) > 0 {
		says += ", one of " + strings.Join(d.Choices, ", ")
	}
	if d.Want.Array {
		says += ", a list"
	}
	switch {
	case klass.IsAppName(d.Name):
		return "!", says + "; its app makes it: install the app"
	case !d.CanApply():
		return "!", says + "; make it in " + settings
	case d.Has != "":
		return "+", says + fmt.Sprintf("; %s has that name for people already: is it the same?", d.Has)
	}
	return "+", says
}
