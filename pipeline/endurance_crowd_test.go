package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"

	"muster/pipeline/bind"
)

// person is one row of an endurance run's file, and what it is meant to meet in the org.
type person struct {
	id, email, name string
	whatsapp        string
	score           int
	vip             bool
	invalid         bool
	twinOf          *person
	meets           meeting
	firm            *firm // nil: the row names no company
	loud            bool  // and in capitals
}

// meeting is what the org has of a person before.
type meeting uint8

const (
	nobody    meeting = iota
	same              // a customer with its id and all its values
	different         // a customer with its id and other values
	byEmail           // a customer with its address and no id
	otherID           // a customer with its address and another id
	twoOfThem         // one customer with its id and another with its address
)

// findable says whether the row has a key that a customer can be looked up by.
func (p *person) findable() bool { return p.id != "" || p.email != "" }

// gather makes rows of all kinds.
func gather(rng *rand.Rand, prefix string, n int) []*person {
	var crowd []*person
	for i := range n {
		p := &person{id: fmt.Sprintf("%s-%d", prefix, i), email: fmt.Sprintf("%s.%d@example.com", prefix, i),
			name: fmt.Sprintf("Ana %s %d Longname", prefix, i), score: rng.IntN(100), vip: rng.IntN(2) == 0}
		switch k := rng.IntN(30); k {
		case 0:
			p.id = ""
		case 1:
			p.email = ""
		case 2:
			p.id, p.email = "", "" // known by nothing
		case 3:
			p.whatsapp = fmt.Sprintf("+3161%07d", i)
		case 4:
			p.invalid = true
		case 5:
			if i > 0 {
				p.twinOf = crowd[rng.IntN(i)]
				if p.twinOf.twinOf != nil || p.twinOf.id == "" || p.twinOf.invalid {
					p.twinOf = nil
				} else {
					p.id = p.twinOf.id
				}
			}
		case 6, 7, 8, 9, 10:
			p.meets = meeting(k - 5)
		case 11:
			p.meets, p.whatsapp = different, fmt.Sprintf("+3161%07d", i)
		}
		crowd = append(crowd, p)
	}
	return crowd
}

// change alters some rows as a feed does from one night to the next.
func change(rng *rand.Rand, crowd []*person) {
	for _, p := range crowd {
		if rng.IntN(3) == 0 && p.findable() {
			p.score += 100
			p.name += " II"
		}
		if p.meets == same || p.meets == byEmail {
			p.meets = different
		}
	}
}

const crowdMapping = `version: 1
kind: customer
keys: [externalId, email]
columns:
  id: externalId
  name: name
  email: emails
  whatsapp: whatsapps
  score: custom.avgSatScoreNum
  vip: custom.vipBool
`

func (e *endurance) writeCrowd(path string) error {
	var b strings.Builder
	mapping, header := crowdMapping, "id,name,email,whatsapp,score,vip"
	switch {
	case e.firmsByID():
		mapping, header = mapping+firmColumns, header+",firm,firm id"
	case len(e.firms) > 0:
		mapping, header = mapping+"  firm: company.name\n", header+",firm"
	}
	b.WriteString(header + "\n")
	for _, p := range e.crowd {
		vip := fmt.Sprint(p.vip)
		if p.invalid {
			vip = "perhaps"
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%d,%s", p.id, p.name, p.email, p.whatsapp, p.score, vip)
		externalID, name := p.called()
		if len(e.firms) > 0 {
			b.WriteString("," + name)
		}
		if e.firmsByID() {
			b.WriteString("," + externalID)
		}
		b.WriteByte('\n')
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(bind.MappingBeside(path), []byte(mapping), 0o600)
}

// settle puts into the org whom the rows are to meet there.
func (e *endurance) settle() error {
	company, err := e.post("/v1/companies", map[string]any{"name": "Acme"})
	if err != nil {
		return err
	}
	for i, p := range e.crowd {
		kept := map[string]any{"email": fmt.Sprintf("kept.%d.%d@example.com", e.seed, i)}
		email := map[string]any{"email": p.email}
		bodies := []map[string]any{}
		switch p.meets {
		case same:
			bodies = append(bodies, map[string]any{"externalId": p.id, "name": p.name, "emails": []any{email},
				"custom": map[string]any{"avgSatScoreNum": p.score, "vipBool": p.vip}})
		case different:
			bodies = append(bodies, map[string]any{"externalId": p.id, "name": "Old", "emails": []any{kept}, "company": company})
		case byEmail:
			bodies = append(bodies, map[string]any{"name": "Old", "emails": []any{email, kept}, "company": company})
		case otherID:
			bodies = append(bodies, map[string]any{"externalId": "other-" + p.id, "name": "Old", "emails": []any{email}})
		case twoOfThem:
			bodies = append(bodies, map[string]any{"externalId": p.id, "name": "Old", "emails": []any{kept}},
				map[string]any{"name": "Old", "emails": []any{email}})
		}
		for _, body := range bodies {
			if _, err := e.post("/v1/customers", body); err != nil {
				return err
			}
		}
	}
	return nil
}

// post creates something in the org and returns its id.
func (e *endurance) post(path string, body map[string]any) (string, error) {
	return e.send("POST", path, body)
}

// send asks the org for something as whoever settles it, and returns the id of what it answers with.
func (e *endurance) send(method, path string, body map[string]any) (string, error) {
	text, _ := json.Marshal(body)
	q, err := http.NewRequest(method, e.server.URL()+path, bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	q.Header.Set("Authorization", "Bearer settles")
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	answer, _ := io.ReadAll(r.Body)
	var made struct{ Data struct{ ID string } }
	if err := json.Unmarshal(answer, &made); err != nil || r.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %d %s", method, path, r.StatusCode, answer)
	}
	return made.Data.ID, nil
}
