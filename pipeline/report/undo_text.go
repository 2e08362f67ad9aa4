package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// UndoText writes what an undo came to, or would come to, for people, as Text writes a summary.
func UndoText(w io.Writer, u *Undo, width int, color bool) error {
	p := newPage(width, color)
	title := "muster undo"
	if u.Org != nil {
		title += " " + p.style.arrow + " " + p.org(u.Org)
	}
	p.line(p.style.bold(p.cut(title, p.width)))
	p.line("takes back run " + p.clean(u.Undoes))
	if u.Run != "" {
		p.line("run " + p.clean(u.Run))
	}
	p.line()
	p.item("requests", number(u.Requests))
	if u.Stopped != "" {
		p.wrap("", p.style.bad("Stopped early")+": ", p.clean(u.Stopped))
	}
	p.line()
	p.lists(u)
	p.reasons(u)
	p.companies(u)
	if u.Needs != "" {
		p.line()
		p.wrap("  ", "  ", p.style.bad("The key lacks")+" "+p.clean(u.Needs))
	}
	p.files(&Summary{Files: u.Files})
	p.next(&Summary{Next: u.Next})
	_, err := io.WriteString(w, p.text.String())
	return err
}

// lists are the balance of an undo.
func (p *page) lists(u *Undo) {
	digits := len(number(u.Customers))
	count := func(name string, n int64, paint func(string) string, means string) {
		figure := fmt.Sprintf("  %-9s  %*s", name, digits, number(n))
		if n == 0 {
			paint = p.style.dim
		}
		p.line(paint(figure) + "  " + p.style.dim(p.cut(means, p.width-len(figure)-2)))
	}
	now := func(would, did string) string {
		if u.Planned {
			return would
		}
		return did
	}
	count("deleted", u.Deleted, p.style.good, now("made by the run: would be deleted", "made by the run: they are gone"))
	count("restored", u.Restored, p.style.good, now("changed by the run: would be as before",
		"changed by the run: they are as before"))
	count("kept", u.Kept, p.style.warn, now("would be left as they are", "left as they are"))
	count("failed", u.Failed, p.style.bad, now("could not be taken back", "the org refused"))
	if u.Unknown > 0 || !u.Planned {
		count("unknown", u.Unknown, p.style.bad, "sent, but no answer came; run again to find out")
	}
	if u.Left > 0 {
		count("left", u.Left, p.style.warn, "it ended before their turn came")
	}
	p.line("  " + strings.Repeat(p.style.rule, 9) + "  " + strings.Repeat(p.style.rule, digits))
	sum := fmt.Sprintf("  customers  %*s  ", digits, number(u.Customers))
	if u.Balanced {
		p.line(sum + p.style.good("balances"))
		return
	}
	p.line(sum + p.style.bad("DOES NOT BALANCE"))
	p.wrap("  ", "  ", "The ledger has another number of customers that the run made or changed. Take no figure of "+
		"this as proof; report this.")
}

// reasons lists why customers are where they are, each with the first lines.
func (p *page) reasons(u *Undo) {
	if len(u.Reasons) == 0 {
		return
	}
	var inputs []Input
	for _, r := range u.Reasons {
		for _, s := range r.Samples {
			inputs = append(inputs, Input{File: s.File})
		}
	}
	at := placing(inputs)
	at.sheets = false
	p.line()
	for i := range u.Reasons {
		r := &u.Reasons[i]
		text := number(r.Count) + "  " + p.clean(r.Reason)
		if r.List == ListKept || r.List == ListFailed || r.List == ListUnknown {
			if lines := p.where(&Column{Count: r.Count, Samples: r.Samples}, at); lines != "" && r.Samples[0].Line > 0 {
				text += ": " + lines
			}
		}
		p.wrap("    ", fmt.Sprintf("  %-9s", r.List), text)
	}
}

// companies says what became of the companies that the run made.
func (p *page) companies(u *Undo) {
	c := u.Companies
	if c == nil {
		return
	}
	p.line()
	made := number(c.Made) + " " + map[bool]string{true: "company", false: "companies"}[c.Made == 1] + " made by the run: "
	if u.Planned {
		p.wrap("  ", "  ", made+"those go that nobody edited and no customer is of")
		return
	}
	text := made + number(c.Deleted) + " deleted, " + number(c.Kept) + " kept"
	for i, reason := range slices.Sorted(maps.Keys(c.Reasons)) {
		text += map[bool]string{true: ": ", false: ", "}[i == 0] + number(c.Reasons[reason]) + " " + reason
	}
	p.wrap("  ", "  ", text)
}

// undone says in one line that a run was taken back, or which run it took back; "" neither.
func (p *page) undone(r *Past) string {
	switch {
	case r.Undoes != "":
		return "took back run " + p.clean(r.Undoes)
	case r.UndoneBy != "":
		return "taken back by run " + p.clean(r.UndoneBy)
	default:
		return ""
	}
}

// UndoneText writes the line that says by which run a run was taken back, nothing where it was not.
func UndoneText(w io.Writer, r *Past, width int, color bool) error {
	p := newPage(width, color)
	if r.UndoneBy != "" {
		p.wrap("  ", "", p.style.warn("Taken back")+" by run "+p.clean(r.UndoneBy)+
			": the figures below are those of the import.")
		p.line()
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}
