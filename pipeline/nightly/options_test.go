package nightly_test

import (
	"context"
	"strings"
	"testing"
)

// A job reads its file as import does with the same options, and another option is another way to read it.
func TestAJobHasTheOptionsOfImport(t *testing.T) {
	h := newHouse(t, strings.Replace(nightProject, "    mapping:",
		"    quote: none\n    skip-lines: 1\n    redact: full\n    mapping:", 1))
	h.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	c.grow(20)
	c.people[3].name = `Ana "the 3rd`
	h.write("feed-01.csv", "made by the CRM\n"+c.csv(header))
	out, err := h.night().Run(context.Background(), nil)
	if err != nil || out.ExitCode != 0 {
		t.Fatalf("%+v, %v", out.Jobs[0], err)
	}
	h.same(c, "the first night")
	if out, err = h.night().Run(context.Background(), nil); err != nil || out.Jobs[0].State != "same" {
		t.Fatalf("%+v, %v", out.Jobs[0], err)
	}
	text := strings.NewReplacer("ORG", h.front.URL, "HOOK", h.hook.URL).Replace(nightProject)
	h.write("muster.yaml", strings.Replace(text, "    mapping:",
		"    quote: none\n    skip-lines: 1\n    on-conflict: skip\n    mapping:", 1))
	if out, err = h.night().Run(context.Background(), nil); err != nil || out.Jobs[0].State == "same" {
		t.Fatalf("another on-conflict is the same night: %+v, %v", out.Jobs[0], err)
	}
}
