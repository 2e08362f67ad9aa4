package check

import (
	"muster/pipeline/block"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// attachments makes a problem of a file that cannot be sent with the record. No address of the web is asked.
func (c *Checker) attachments(w *block.Block) {
	files := w.Table.Attachments()
	if files == nil {
		return
	}
	for i := range c.record.Values {
		v := &c.record.Values[i]
		if w.Table.Plan.Slots[v.Slot].Path != object.Attachments+"[]" || v.Kind != '"' {
			continue
		}
		if wrong := files.Look(string(v.Text)); wrong != nil {
			w.Problems = append(w.Problems, outcome.Problem{Code: "cell.attachment", Column: w.Table.OwnColumn(v.Column),
				Detail: wrong.Says})
		}
	}
}
