package sandbox

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// reshape changes the list of an answer: what is under data, or the whole body.
func reshape(a *Answer, change func([]any) []any) *Answer {
	if a.Cut || a.Status != http.StatusOK {
		return a
	}
	var body any
	if json.Unmarshal(a.Body, &body) != nil {
		return a
	}
	switch b := body.(type) {
	case []any:
		body = change(b)
	case map[string]any:
		if list, ok := b["data"].([]any); ok {
			b["data"] = change(list)
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return a
	}
	return &Answer{Status: a.Status, Header: a.Header, Body: text}
}

// inside is where a batch keeps what is known of it: its attributes, or itself.
func inside(batch any) map[string]any {
	m, _ := batch.(map[string]any)
	if attributes, ok := m["attributes"].(map[string]any); ok {
		return attributes
	}
	return m
}

// shaping is a fault that changes the results of each batch.
func shaping(change func(results []any, by *rand.Rand) []any) func(*faults, *Request, *Answer, *rand.Rand) *Answer {
	return func(_ *faults, _ *Request, a *Answer, by *rand.Rand) *Answer {
		return reshape(a, func(batches []any) []any {
			for _, b := range batches {
				in := inside(b)
				if results, ok := in["results"].([]any); ok {
					in["results"] = change(results, by)
				}
			}
			return batches
		})
	}
}

// some is one in three, by chance.
func some(by *rand.Rand) bool { return by.IntN(3) == 0 }

func leaveOut(results []any, by *rand.Rand) []any {
	kept := []any{}
	for _, r := range results {
		if !some(by) {
			kept = append(kept, r)
		}
	}
	return kept
}

func double(results []any, by *rand.Rand) []any {
	for _, r := range results {
		if some(by) {
			results = append(results, r)
		}
	}
	return results
}

func strangers(results []any, by *rand.Rand) []any {
	for i := range 3 {
		results = append(results, map[string]any{
			"_clientRef": fmt.Sprintf("stranger-%d", i), "status": "created", "objectId": fmt.Sprintf("%024x", by.Uint64()),
		})
	}
	return results
}

func contradict(results []any, by *rand.Rand) []any {
	for _, r := range results {
		one, ok := r.(map[string]any)
		if !ok || !some(by) {
			continue
		}
		other := map[string]any{"_clientRef": one["_clientRef"], "status": "error", "error": duplicateText}
		if one["status"] == "error" {
			other = map[string]any{"_clientRef": one["_clientRef"], "status": "created",
				"objectId": fmt.Sprintf("%024x", by.Uint64())}
		}
		results = append(results, other)
	}
	return results
}

func shout(results []any, by *rand.Rand) []any {
	for _, r := range results {
		if one, ok := r.(map[string]any); ok && some(by) {
			word, _ := one["status"].(string)
			one["status"] = strings.ToUpper(word)
		}
	}
	return results
}

func shuffle(results []any, by *rand.Rand) []any {
	by.Shuffle(len(results), func(i, j int) { results[i], results[j] = results[j], results[i] })
	return results
}

// spread cuts each batch with several results in two.
func spread(_ *faults, _ *Request, a *Answer, _ *rand.Rand) *Answer {
	return reshape(a, func(batches []any) []any {
		var more []any
		for _, b := range batches {
			in := inside(b)
			results, ok := in["results"].([]any)
			if !ok || len(results) < 2 {
				continue
			}
			half := len(results) / 2
			in["results"] = results[:half]
			more = append(more, map[string]any{"status": in["status"], "successCount": 0, "failureCount": 0,
				"objectIds": []any{}, "errors": []any{}, "results": results[half:]})
		}
		return append(batches, more...)
	})
}

// noteJob remembers a job that was just accepted: for how long it will not be known, and what was taken out of it.
func (m *faults) noteJob(r *Request, a *Answer) {
	if isResults(r) {
		m.addRefused(r, a)
		return
	}
	if !isBulk(r) || a.Status != http.StatusCreated {
		return
	}
	var document struct{ Data struct{ ID string } }
	if json.Unmarshal(a.Body, &document) != nil {
		return
	}
	_, missing := m.draw("job-missing", "")
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if missing {
		m.jobs[document.Data.ID] = time.Now().Add(m.Moment)
	}
	if r.refused != nil {
		m.refused[document.Data.ID] = r.refused
	}
}

// newJob is the 404 of a job that is not known yet.
func (m *faults) newJob(r *Request) *Answer {
	id, ok := strings.CutPrefix(r.Path, "/v1/bulk/")
	if !ok {
		return nil
	}
	id, _, _ = strings.Cut(id, "/")
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if time.Now().Before(m.jobs[id]) {
		return m.s.refuse(notFound("id"))
	}
	return nil
}

// addRefused adds the results of items that were taken out of a job, once it is complete.
func (m *faults) addRefused(r *Request, a *Answer) {
	id, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/v1/bulk/"), "/")
	m.mutex.Lock()
	refs := m.refused[id]
	m.mutex.Unlock()
	if len(refs) == 0 {
		return
	}
	changed := reshape(a, func(batches []any) []any {
		in := map[string]any{}
		if len(batches) > 0 {
			in = inside(batches[0])
		}
		if in["status"] != "complete" {
			return batches
		}
		results, _ := in["results"].([]any)
		for _, ref := range refs {
			results = append(results, map[string]any{"_clientRef": ref, "status": "error", "error": "Invalid value: name"})
		}
		in["results"] = results
		return batches
	})
	*a = *changed
}
