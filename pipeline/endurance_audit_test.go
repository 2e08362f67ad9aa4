package pipeline_test

import (
	"cmp"
	"strings"

	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// audit holds a report against the org's database: every row has one outcome, every outcome is true, and nothing is in
// the org that no row accounts for.
func (e *endurance) audit(s *report.Summary) bool {
	wrongs := 0
	wrong := func(format string, args ...any) {
		if wrongs++; wrongs <= 5 {
			e.fail(format, args...)
		}
	}
	rows := outcomes(e.t, s)
	if wanted := len(e.crowd) + len(e.talks); !s.Balanced || len(rows) != wanted || int64(len(rows)) != s.Rows {
		wrong("%d outcomes for %d rows, balanced %v", len(rows), wanted, s.Balanced)
		return false
	}
	rows, talks := rows[:len(e.crowd)], rows[len(e.crowd):]
	e.auditTalks(talks, wrong)
	e.auditFirms(wrong)
	now := e.dump()
	owner := map[string]int64{} // customer id: the line that accounts for it
	for i, row := range rows {
		e.statuses[row.Status]++
		if int(row.Line) != i+2 {
			wrong("outcome %d is of line %d", i, row.Line)
			return false
		}
		if says := e.untrue(e.crowd[i], row, now); says != "" {
			wrong("line %d is %s (%s %s), and %s: %+v", row.Line, row.Status, row.Code, row.Detail, says, *e.crowd[i])
		}
		if row.CustomerID != "" {
			if other, taken := owner[row.CustomerID]; taken && row.Status != "duplicate" && row.Status != "rejected" {
				wrong("lines %d and %d are said to be one customer", other, row.Line)
			}
			owner[row.CustomerID] = row.Line
		}
	}
	e.strays(now, rows, owner, wrong)
	return wrongs == 0
}

// strays looks for customers that this run made and no row accounts for, and for customers that are there twice.
func (e *endurance) strays(now map[string]sandbox.Customer, rows []report.OutcomeRow, owner map[string]int64,
	wrong func(string, ...any)) {
	unknown := map[string]bool{}
	for i, row := range rows {
		if row.Status == "unknown" {
			unknown[e.crowd[i].name] = true
		}
	}
	seen := map[string]string{}
	for id, c := range now {
		has := attributesOf(c)
		if _, there := e.before[id]; !there && c.Author != sandbox.ConcurrentWriter && owner[id] == 0 &&
			!e.excused(has, unknown) {
			wrong("the org has a new customer %s %q %q that no row accounts for", id, has.ExternalID, has.Name)
		}
		keys := []string{}
		if has.ExternalID != "" {
			keys = append(keys, "id "+has.ExternalID)
		}
		for _, m := range has.Emails {
			keys = append(keys, "email "+strings.ToLower(m.Email))
		}
		if len(keys) == 0 {
			keys = append(keys, "name "+has.Name)
		}
		for _, k := range keys {
			if other := seen[k]; other != "" && other != id &&
				!(strings.HasPrefix(k, "name") && e.rates["field-truncated"] > 0) && !strings.HasPrefix(k, "name Edited") {
				wrong("customers %s and %s have the same %s", other, id, k)
			}
			seen[k] = id
		}
	}
}

// excused says whether a customer is one whose row is unknown because nothing identifies it.
func (e *endurance) excused(has held, unknown map[string]bool) bool {
	if has.ExternalID != "" || len(has.Emails) > 0 {
		return false
	}
	for name := range unknown {
		if e.sameName(has.Name, name) {
			return true
		}
	}
	return false
}

// untrue says what of an outcome does not hold; "" all does.
func (e *endurance) untrue(p *person, row report.OutcomeRow, now map[string]sandbox.Customer) string {
	c, there := now[row.CustomerID]
	_, wasThere := e.before[row.CustomerID]
	switch row.Status {
	case "created", "updated", "unchanged":
		switch {
		case p.invalid || p.twinOf != nil:
			return "it is not to be sent"
		case !there:
			return "the org has no such customer"
		case row.Status == "created" && (wasThere || c.Author == sandbox.ConcurrentWriter):
			return "somebody else created that customer"
		}
		return e.lacks(p, c)
	case "rejected":
		if says := e.unjust(p, row, now); says != "" {
			return says
		}
		return e.present(p, now)
	case "skipped":
		if e.policy != "skip" || !e.clashes(p) {
			return "it is in no conflict that is skipped"
		}
		return e.present(p, now)
	case "invalid":
		if row.Code == "identity.company" {
			if says := e.unjustFirm(p, row); says != "" {
				return says
			}
		} else if !p.invalid {
			return "it is valid"
		}
		return e.present(p, now)
	case "duplicate":
		if p.twinOf == nil {
			return "it is nobody's twin"
		}
	case "unknown":
		if p.findable() {
			return "the org could have been asked"
		}
	default:
		return "the run has ended"
	}
	return ""
}

// unjust says why a row should not have been rejected.
func (e *endurance) unjust(p *person, row report.OutcomeRow, now map[string]sandbox.Customer) string {
	who := p.id
	if who == "" {
		who = p.name
	}
	switch row.Code {
	case "kustomer.refused":
		// A row that is written to another customer is judged by who that is.
		other := strings.HasPrefix(e.policy, "prefer") && e.clashes(p) &&
			(e.rates["rival-takes"] > 0 || e.server.Unwelcome("other-"+p.id) || e.server.Unwelcome(p.name))
		if !e.server.Unwelcome(who) && !other && !e.rivalIsUnwelcome(p, now) {
			return "the org had no reason to refuse it"
		}
	case "identity.conflict", "kustomer.duplicate":
		if !e.clashes(p) {
			return "nobody else has its identities"
		}
		if e.policy == "skip" {
			return "such a row is to be skipped"
		}
		if strings.HasPrefix(e.policy, "prefer") && e.rates["rival-takes"] == 0 && p.whatsapp == "" {
			return "one of the customers is to be preferred"
		}
		if !strings.Contains(row.Detail, "→") && row.Code == "identity.conflict" {
			return "the customers are not named"
		}
	case "kustomer.company":
		return e.unjustFirm(p, row)
	default:
		return "that is no reason to reject it"
	}
	return ""
}

// rivalIsUnwelcome says whether a row without an external id met a customer that a rival made with its address, and
// that the org refuses to have changed.
func (e *endurance) rivalIsUnwelcome(p *person, now map[string]sandbox.Customer) bool {
	for _, c := range now {
		has := attributesOf(c)
		if p.id != "" || c.Author != sandbox.ConcurrentWriter || !e.server.Unwelcome(cmp.Or(has.ExternalID, has.Name)) {
			continue
		}
		for _, m := range has.Emails {
			if strings.EqualFold(m.Email, p.email) {
				return true
			}
		}
	}
	return false
}

// clashes says whether different customers may have the identities of a row.
func (e *endurance) clashes(p *person) bool {
	return p.meets == twoOfThem || p.meets == otherID || e.rates["rival-takes"] > 0
}

// identities says which of the row's identities the customer lacks. Of those of a row that was written to one of
// several customers one is enough: the others are not to be taken from whom they belong to.
func (e *endurance) identities(p *person, has held) string {
	id, email := p.id == "" || has.ExternalID == p.id, p.email == ""
	for _, m := range has.Emails {
		email = email || strings.EqualFold(m.Email, p.email)
	}
	preferred := strings.HasPrefix(e.policy, "prefer") && e.clashes(p) && p.findable()
	switch {
	case preferred && (id && p.id != "" || email && p.email != ""):
		return ""
	case preferred:
		return "the customer has none of its identities"
	case !id:
		return "the customer has another external id"
	case !email:
		return "the customer lacks its e-mail address"
	}
	return ""
}

// present says whether this run made a customer of a row that is said not to have landed.
func (e *endurance) present(p *person, now map[string]sandbox.Customer) string {
	for id, c := range now {
		if _, before := e.before[id]; before || c.Author == sandbox.ConcurrentWriter {
			continue
		}
		if has := attributesOf(c); p.id != "" && has.ExternalID == p.id {
			return "the run created it"
		}
	}
	return ""
}

// lacks says which of the row's values the customer does not have. What a fault took or changed behind our back is no
// fault of ours.
func (e *endurance) lacks(p *person, c sandbox.Customer) string {
	has := attributesOf(c)
	if says := e.identities(p, has); says != "" {
		return says
	}
	if !e.sameName(has.Name, p.name) {
		return "the customer has another name: " + has.Name
	}
	found := p.whatsapp == ""
	for _, m := range has.Whatsapps {
		found = found || strings.TrimPrefix(m.Phone, "whatsapp:") == p.whatsapp // as the org reads it back
	}
	if !found {
		return "the customer lacks its WhatsApp number"
	}
	if e.rates["field-dropped"] == 0 && (has.Custom["avgSatScoreNum"] != float64(p.score) ||
		has.Custom["vipBool"] != p.vip) {
		return "the customer has other custom attributes"
	}
	if says := e.unlinked(p, c); says != "" {
		return says
	}
	return e.keeps(c)
}

// keeps says what a customer who was there before has lost.
func (e *endurance) keeps(c sandbox.Customer) string {
	was, ok := e.before[c.ID]
	if !ok {
		return ""
	}
	now := attributesOf(c)
	for _, old := range attributesOf(was).Emails {
		kept := false
		for _, m := range now.Emails {
			kept = kept || strings.EqualFold(m.Email, old.Email)
		}
		if !kept {
			return "the customer has lost an e-mail address"
		}
	}
	if strings.Contains(string(was.Document), `"company"`) && !strings.Contains(string(c.Document), `"company"`) &&
		e.rates["rival-edits"] == 0 {
		return "the customer has lost its company"
	}
	return ""
}

// sameName compares names as far as a fault leaves them.
func (e *endurance) sameName(has, want string) bool {
	switch {
	case has == want:
		return true
	case e.rates["rival-edits"] > 0 && strings.HasPrefix(has, "Edited "):
		return true
	}
	return e.rates["field-truncated"] > 0 && has != "" && strings.HasPrefix(want, has)
}
