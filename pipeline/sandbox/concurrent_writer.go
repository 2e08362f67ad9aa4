package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
)

// ConcurrentWriter is the id of the user who does what the faults rival-takes and rival-edits do.
const ConcurrentWriter = "726976616c00000000000000"

// asConcurrentWriter acts on the org as another writer. Whatever the org says to it is that writer's own affair.
func (m *faults) asConcurrentWriter(ctx context.Context, handle func(*call) (*Answer, error), id string,
	body map[string]any) {
	text, err := json.Marshal(body)
	if err != nil {
		return
	}
	request := &Request{Context: ctx, Body: text, Header: http.Header{}}
	_, _ = handle(&call{Request: request, ctx: ctx, key: &credential{user: ConcurrentWriter}, id: id,
		header: http.Header{}})
}

// entries are the records of a write; change may alter them, and what it returns is written instead.
func (r *Request) entries(change func([]map[string]any) []map[string]any) {
	var list []map[string]any
	if exactly(r.Body, &list) == nil {
		if text, err := json.Marshal(change(list)); err == nil {
			r.Body = text
		}
		return
	}
	var one map[string]any
	if exactly(r.Body, &one) != nil || one == nil {
		return
	}
	if changed := change([]map[string]any{one}); len(changed) == 1 {
		if text, err := json.Marshal(changed[0]); err == nil {
			r.Body = text
		}
	}
}

// exactly decodes a body so that its numbers are written back as they came.
func exactly(body []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(to)
}

// rivalTakes makes a customer with the e-mail address of one of the records.
func otherTakes(m *faults, r *Request, by *rand.Rand) *Answer {
	r.entries(func(list []map[string]any) []map[string]any {
		if len(list) == 0 {
			return list
		}
		one := list[by.IntN(len(list))]
		if emails, ok := one["emails"].([]any); ok && len(emails) > 0 {
			body := map[string]any{"name": "Rival", "emails": emails[:1]}
			if some(by) {
				body["externalId"] = fmt.Sprintf("rival-%d", by.Uint32())
			}
			m.asConcurrentWriter(r.Context, m.s.createCustomer, "", body)
		}
		return list
	})
	return nil
}

// rivalEdits changes a customer that was just read: its language, and sometimes its name; of a conversation its name.
func otherEdits(m *faults, r *Request, a *Answer, by *rand.Rand) *Answer {
	var read struct{ Data struct{ ID string } }
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &read) != nil {
		return a
	}
	if kindOf(r) == readConversation {
		renamed := func(c *call) (*Answer, error) { return m.s.updateConversation(c, false) }
		m.asConcurrentWriter(r.Context, renamed, read.Data.ID,
			map[string]any{"name": fmt.Sprintf("Edited %d", by.IntN(1000))})
		return a
	}
	body := map[string]any{"defaultLang": fmt.Sprintf("l%d", by.IntN(1000))}
	if some(by) {
		body["name"] = fmt.Sprintf("Edited %d", by.IntN(1000))
	}
	m.asConcurrentWriter(r.Context, m.s.patchCustomer, read.Data.ID, body)
	return a
}

func truncate(_ *faults, r *Request, _ *rand.Rand) *Answer {
	r.entries(func(list []map[string]any) []map[string]any {
		for _, one := range list {
			if name, ok := one["name"].(string); ok {
				letters := []rune(name)
				one["name"] = strings.TrimSpace(string(letters[:(len(letters)+1)/2]))
			}
		}
		return list
	})
	return nil
}

func dropCustom(_ *faults, r *Request, _ *rand.Rand) *Answer {
	r.entries(func(list []map[string]any) []map[string]any {
		for _, one := range list {
			delete(one, "custom")
		}
		return list
	})
	return nil
}

// Unwelcome reports whether the fault refuse-item refuses records with an externalId or, for those without one, a name;
// conversations go by their ids. It always refuses the same ones.
func (s *Server) Unwelcome(identity string) bool {
	m, ok := s.config.Faults.(*faults)
	return ok && m.unwelcome(identity)
}

func (m *faults) unwelcome(identity string) bool {
	if identity == "" {
		return false
	}
	return rand.New(rand.NewPCG(m.Seed, hashOf(refuseItem+identity))).Float64() < m.Rates[refuseItem]
}

// identityOf is what decides whether a record is unwelcome. An update may leave out by what its customer is known: then
// it is the stored one's.
func (m *faults) identityOf(r *Request, record map[string]any) string {
	if id, ok := record["externalId"].(string); ok {
		return id
	}
	name, _ := record["name"].(string)
	id, _ := record["id"].(string)
	if id == "" {
		id = path.Base(r.Path)
	}
	if strings.HasPrefix(r.Path, "/v1/conversations/") {
		return id
	}
	one, err := m.s.find(context.Background(), id)
	if err != nil || one == nil {
		return name
	}
	v, err := parse(one.document)
	if err != nil {
		return name
	}
	if stored := v.get("externalId"); stored.exists() && !stored.isNull() {
		return stored.string()
	}
	return cmp.Or(name, v.get("name").string())
}

// refuseItem is the fault whose chance is a record's and not a request's, so that halving a request finds the same
// ones.
const refuseItem = "refuse-item"

// refuseItems refuses a request because of its unwelcome records, or takes them out of it, as the switches say.
func refuseItems(m *faults, r *Request, _ *rand.Rand) *Answer {
	var refs []string
	first, all := -1, false
	single := !isBulk(r)
	r.entries(func(list []map[string]any) []map[string]any {
		kept := make([]map[string]any, 0, len(list))
		for i, one := range list {
			if !m.unwelcome(m.identityOf(r, one)) {
				kept = append(kept, one)
				continue
			}
			if first < 0 {
				first = i
			}
			ref, _ := one["_clientRef"].(string)
			refs = append(refs, ref)
		}
		if all = len(kept) == 0; single || all || !m.s.switches.SchemaErrorsPerItem {
			return list
		}
		return kept
	})
	if first < 0 {
		return nil
	}
	m.mutex.Lock()
	m.happened["refuse-item"]++
	n := m.happened["refuse-item"]
	m.mutex.Unlock()
	if !single && !all && m.s.switches.SchemaErrorsPerItem {
		r.refused = refs
		return nil
	}
	place := "/name"
	if !single && n%3 == 0 { // an org may say which item it means
		place = fmt.Sprintf("/%d/name", first)
	}
	return m.s.refuse(badParameter("name", "Invalid value", place))
}
