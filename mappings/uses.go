package mappings

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/spelling"
)

// A Use is what a plan makes of one column of the file.
type Use struct {
	Kind  UseKind
	Why   string // of a column that is left out or only sifts rows: in words, without values
	Lacks string // the attribute that would take the column, had the org it; "" it is left out for another reason
}

// UseKind is one kind of Use.
type UseKind uint8

// The uses of a column.
const (
	Sent    UseKind = iota // its values go into the record: as they are, or as a part of something
	Sifts                  // it decides which rows are left out, and goes nowhere
	Ignored                // the mapping, or the run, leaves it out by name
	LeftOut                // nothing takes it
)

// use says of every column of the file what became of it. Joined columns follow the file's own.
func (b *binder) use(x *extras, sieves []sieve) []Use {
	uses := make([]Use, b.width)
	for i := range uses {
		uses[i] = Use{Kind: LeftOut, Why: NotKnown}
	}
	for _, o := range b.omitted { // the last reason stands
		for _, column := range b.origins(x, o.column) {
			uses[column] = Use{Kind: LeftOut, Why: o.why, Lacks: o.lacks}
		}
	}
	sift := func(column int) {
		if column >= 0 {
			uses[column] = Use{Kind: Sifts, Why: "it decides which rows are left out"}
		}
	}
	for _, s := range sieves {
		sift(s.column)
	}
	if x != nil {
		for _, s := range x.skips {
			for _, column := range s.columns {
				sift(column)
			}
		}
	}
	for column, named := range b.ignored {
		if named {
			uses[column] = Use{Kind: Ignored}
		}
	}
	for _, one := range b.bindings {
		for _, column := range b.origins(x, one.column) {
			uses[column] = Use{Kind: Sent}
		}
	}
	for _, column := range slices.Concat(b.groups, b.options.Keys) {
		uses[column] = Use{Kind: Sent}
	}
	return uses
}

// origins are the file's columns behind a column: itself, or those that it is worked out of.
func (b *binder) origins(x *extras, column int) []int {
	switch {
	case column < 0:
		return nil
	case column < b.width:
		return []int{column}
	}
	return slices.DeleteFunc(slices.Clone(x.works[column-b.width].columns), func(c int) bool { return c < 0 })
}

// An omission is a column that is left out by policy, not by a rule for it.
type omission struct {
	column     int
	why, lacks string
}

// omit notes a column that is left out by policy.
func (b *binder) omit(column int, why, lacks string) {
	b.omitted = append(b.omitted, omission{column, why, lacks})
}

// lacks is true, and says so, where the mapping leaves out attributes that the org does not have.
func (b *binder) lacks(t target, column int) bool {
	if b.mapping.Attributes != Ignore || b.options.Attributes == nil || b.options.Create || t.field.shape != custom {
		return false
	}
	if a := b.attribute(t.name); a != nil && a.Active {
		return false
	}
	if column >= 0 {
		b.omit(column, "the org has no attribute "+t.name, t.name)
	}
	return true
}

// bindIgnored finds the columns that the run itself leaves out by name.
func (b *binder) bindIgnored() {
	b.ignored = make([]bool, b.width)
	for _, name := range b.options.Ignore {
		for _, column := range b.named(name) {
			b.ignored[column], b.taken[column] = true, true
		}
	}
}

// named are the file's columns of a name: of the exact one, else of one that differs only in capitals, spaces, hyphens
// and underscores, else the one at that place: "column 7".
func (b *binder) named(name string) (found []int) {
	for _, is := range []func(column int) bool{
		func(column int) bool { return b.columns[column] == name },
		func(column int) bool {
			return spelling.Fold(name) != "" && spelling.Fold(b.columns[column]) == spelling.Fold(name)
		},
	} {
		for column := range b.width {
			if is(column) {
				found = append(found, column)
			}
		}
		if found != nil {
			return found
		}
	}
	return b.placed(name)
}

// placed is the column at a place, as "column 7" names it; nil: there is none.
func (b *binder) placed(name string) []int {
	var at int
	if number, is := strings.CutPrefix(name, "column "); !is || !isPlace(number) || !readInt([]byte(number), &at) ||
		at < 1 || at > b.width-b.options.Joined {
		return nil
	}
	return []int{at - 1}
}

func isPlace(s string) bool { return s != "" && len(s) <= 6 && s[0] != '0' && onlyDigits([]byte(s)) }

// ColumnAt is what a column is called by its place: "column 7".
func ColumnAt(column int) string { return fmt.Sprintf("column %d", column+1) }

// Knows says whether a file with these columns has one of a name, as BindOptions.Ignore and columns: understand it.
func Knows(columns []string, name string) bool {
	b := &binder{columns: columns, width: len(columns)}
	return len(b.named(name)) > 0
}
