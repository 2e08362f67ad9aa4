package kustomer

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// The roles that show what a write may set off.
const (
	RoleWorkflowRead = "org.permission.workflow.read"
	RoleWebhookRead  = "org.permission.outbound_webhook.read"
)

// Automation is something of the org that is on and that events set off.
type Automation struct {
	Name   string
	Events []string // kustomer.conversation.create
}

// Workflows are those that are on (https://developer.kustomer.com/api/workflows/get-workflows).
func (v *Viewer) Workflows(ctx context.Context) ([]Automation, error) {
	return v.automations(ctx, "/v1/workflows", url.Values{"enabled": {"true"}}, func(r *Record) (events []string) {
		var trigger struct{ EventName string }
		if json.Unmarshal(r.Attributes["trigger"], &trigger) == nil && trigger.EventName != "" {
			events = []string{trigger.EventName}
		}
		return events
	})
}

// Webhooks are the outbound ones that are on (https://developer.kustomer.com/api/apps-platform/list-outbound-webhooks).
func (v *Viewer) Webhooks(ctx context.Context) ([]Automation, error) {
	return v.automations(ctx, "/v1/outbound-webhooks", nil, func(r *Record) (events []string) {
		_ = json.Unmarshal(r.Attributes["events"], &events) // none: nothing sets it off
		return events
	})
}

func (v *Viewer) automations(ctx context.Context, path string, query url.Values,
	eventsOf func(*Record) []string) (all []Automation, err error) {
	_, err = v.EachRecord(ctx, path, query, func(page []*Record, _ int) bool {
		for _, r := range page {
			if r.Text("enabled") != "false" && !r.Deleted() {
				all = append(all, Automation{Name: r.Text("name"), Events: eventsOf(r)})
			}
		}
		return len(all) < MaxListed
	})
	return all, err
}

// SetOffBy says whether events of a kind of records set it off; the kinds are as events name them: conversation.
func (a *Automation) SetOffBy(kinds []string) bool {
	return slices.ContainsFunc(a.Events, func(event string) bool {
		return slices.ContainsFunc(strings.Split(event, "."), func(part string) bool { return slices.Contains(kinds, part) })
	})
}
