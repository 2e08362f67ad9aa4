package report

import (
	"fmt"
	"io"

	"muster/pipeline/printable"
)

// VerificationText writes what was read back for people, as Text does. It names fields, counts and lines, never a
// value.
func VerificationText(w io.Writer, v *Verification, width int, color bool) error {
	p := newPage(width, color)
	title := "muster verify"
	if v.Org != nil {
		title += " " + p.style.arrow + " " + p.org(v.Org)
	}
	p.line(p.style.bold(p.cut(title, p.width)))
	p.line("run " + p.clean(v.Run))
	p.line()
	p.item("read", number(v.Read)+" of the "+number(v.Landed)+" customers that the run says it landed, in "+
		number(v.Requests)+" "+printable.Noun(v.Requests, "request"))
	if v.Stopped != "" {
		p.wrap("", p.style.bad("Stopped early")+": ", p.clean(v.Stopped))
	}
	if v.Columns != nil {
		p.item("columns", p.clean(v.Columns.words()))
	}
	p.line()
	p.columns(v.Columns, place{})
	digits := len(number(v.Read))
	count := func(name string, n int64, paint func(string) string, means string) {
		figure := fmt.Sprintf("  %-9s  %*s", name, digits, number(n))
		if n == 0 {
			paint = p.style.dim
		}
		p.line(paint(figure) + "  " + p.style.dim(p.cut(means, p.width-len(figure)-2)))
	}
	count("same", v.Same, p.style.good, "every field is as it was sent")
	count("different", v.Different, p.style.bad, "at least one field is not")
	count("missing", v.Missing, p.style.bad, "the customer is not there")
	p.line()
	p.wrap("  ", "  ", v.Words())
	p.differences(v.Differences)
	p.verdicts(v)
	p.files(&Summary{Files: v.Files})
	p.next(&Summary{Next: v.Next})
	_, err := io.WriteString(w, p.text.String())
	return err
}

// Words says in one line what the reading proves.
func (v *Verification) Words() string {
	bad := v.Different + v.Missing
	switch {
	case v.Read == 0:
		return "Nothing was read back, and nothing is proven."
	case v.Read == v.Landed && bad == 0:
		return "Every customer was read back and is as it was sent."
	case v.Read == v.Landed:
		return fmt.Sprintf("Every customer was read back: %s of %s %s not as sent.", number(bad), number(v.Landed),
			areIs(bad))
	case v.Stopped != "":
		return "The rest was not read: nothing is said of it."
	case v.AtMost == 0:
		return "A random sample."
	default:
		return fmt.Sprintf("A random sample: with 95 %% confidence at most %s of the %s (%s) are not as sent.",
			number(v.AtMost), number(v.Landed), fine(float64(v.AtMost)/float64(v.Landed)))
	}
}

func areIs(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// fieldsShown is how many fields the terminal lists of each kind.
const fieldsShown = 12

// verdicts lists the fields: the faults with their lines, and below what is only for information.
func (p *page) verdicts(v *Verification) {
	var t table
	var faulty []*FieldVerdict
	for i := range v.Fields {
		f := &v.Fields[i]
		if f.Different+f.Missing > 0 && len(faulty) < fieldsShown {
			name := p.clean(f.Field)
			if name == "" {
				name = "(whole customer)"
			}
			faulty = append(faulty, f)
			t.add(p.cut(name, p.width/3), number(f.Different)+" different", number(f.Missing)+" missing")
		}
	}
	if len(faulty) > 0 {
		p.line()
		p.line(p.style.bold("Fields that are not as sent"))
	}
	for i, head := range p.align(&t, "lrr") {
		f := faulty[i]
		list := ""
		for k, s := range f.Samples {
			if k > 0 {
				list += ", "
			}
			list += fmt.Sprint("line ", s.Line)
		}
		if rest := f.Different + f.Missing - int64(len(f.Samples)); rest > 0 {
			list += fmt.Sprintf(" and %s more", number(rest))
		}
		p.wrap("      ", "  "+head+"  ", list)
	}
	p.aside(v.Fields, "not sent by this run, there all the same", func(f *FieldVerdict) int64 { return f.Extra })
	p.aside(v.Fields, "cannot be compared (masked, or ids of tags)", func(f *FieldVerdict) int64 { return f.Veiled })
}

// aside is one line of fields that are no fault.
func (p *page) aside(fields []FieldVerdict, says string, count func(*FieldVerdict) int64) {
	list, more := "", 0
	for i := range fields {
		n := count(&fields[i])
		switch {
		case n == 0:
		case more > 0 || len(list) > 400:
			more++
		case list != "":
			list += ", " + p.clean(fields[i].Field) + " " + number(n)
		default:
			list = p.clean(fields[i].Field) + " " + number(n)
		}
	}
	if list == "" {
		return
	}
	if more > 0 {
		list += fmt.Sprintf(" and %d more fields", more)
	}
	p.line()
	p.wrap("  ", "  "+says+": ", list)
}
