package sandbox

import (
	"fmt"
	"net/http"
)

// Automation is a workflow or an outbound webhook that the org shows. None of them does anything here.
type Automation struct {
	Name   string
	Events []string // a workflow has one
	Off    bool
}

// listWorkflows is GET /v1/workflows.
func (s *Server) listWorkflows(c *call) (*Answer, error) {
	all := s.config.Workflows
	if all == nil { // an org is made with it
		all = []Automation{{Name: "kustomer-assign-user-on-message-send", Events: []string{"kustomer.message.create"}}}
	}
	return s.listAutomations(c, "workflow", all, func(one *Automation) (string, any) {
		trigger := map[string]string{}
		if len(one.Events) > 0 {
			trigger["eventName"] = one.Events[0]
		}
		return "trigger", trigger
	})
}

// listWebhooks is GET /v1/outbound-webhooks.
func (s *Server) listWebhooks(c *call) (*Answer, error) {
	return s.listAutomations(c, "outbound_webhook", s.config.Webhooks, func(one *Automation) (string, any) {
		return "events", one.Events
	})
}

func (s *Server) listAutomations(c *call, kind string, all []Automation,
	member func(*Automation) (string, any)) (*Answer, error) {
	data := []*resource{}
	for i := range all {
		if all[i].Off && c.query.Get("enabled") == "true" {
			continue
		}
		name, value := member(&all[i])
		data = append(data, &resource{kind, fmt.Sprintf("%024x", i+1), map[string]any{"name": all[i].Name,
			"enabled": !all[i].Off, name: value}, nil, nil})
	}
	return answer(http.StatusOK, map[string]any{"data": data, "meta": map[string]int{"total": len(data)}})
}
