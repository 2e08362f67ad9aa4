package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// presenter gives stored customers the form in which the API shows them.
type presenter struct {
	seed      orgSeed
	org       string
	fields    fields // of a customer, to know which texts are times
	tagsNamed bool
	counts    func(customer string) (map[string]int, error) // of conversations, by status
	tagID     func(name string) string

	tagIDsAreNames bool
}

func newPresenter(st *store, w Switches) *presenter {
	return &presenter{seed: st.seed, org: st.orgID(), fields: customerFields(), tagsNamed: w.TagNamesOnRead,
		tagID: st.tagID, tagIDsAreNames: w.TagIDsAreNames}
}

// listsShown are the lists that a customer is shown with even when they are empty.
func listsShown() []string {
	return []string{
		"externalIds", "sharedExternalIds", "emails", "sharedEmails", "phones", "sharedPhones", "whatsapps", "facebookIds",
		"instagramIds", "socials", "sharedSocials", "urls", "locations", "activeUsers", "watchers", "recentItems", "tags",
	}
}

// attributes is data.attributes of a customer.
func (p *presenter) attributes(one *record) (json.RawMessage, error) {
	var a map[string]json.RawMessage
	if err := json.Unmarshal(one.document, &a); err != nil {
		return nil, err
	}
	for _, name := range slices.Collect(maps.Keys(a)) {
		a[name] = p.member(name, a[name])
	}
	for _, name := range listsShown() {
		if a[name] == nil {
			a[name] = json.RawMessage("[]")
		}
	}
	delete(a, "company") // shown as a relationship
	color, icon := p.look(one.row)
	p.derive(a, title(color)+" "+title(icon))
	set := func(name string, x any) { a[name], _ = json.Marshal(x) } // none of these can fail
	set("createdAt", stamp(time.UnixMilli(one.created)))
	set("updatedAt", stamp(time.UnixMilli(one.updated)))
	set("modifiedAt", stamp(time.UnixMilli(one.updated)))
	set("lastActivityAt", stamp(time.UnixMilli(one.updated))) // whatever was written
	set("recentLocation", map[string]string{"updatedAt": stamp(time.UnixMilli(one.updated))})
	counts, err := p.counts(p.seed.id(customerKind, one.row))
	if err != nil {
		return nil, err
	}
	set("conversationCounts", counts)
	set("lastConversation", map[string]any{"tags": []string{}})
	set("displayColor", color)
	set("displayIcon", icon)
	set("progressiveStatus", nil)
	set("verified", isVerified(a))
	set("rev", one.rev)
	if one.deleted {
		set("deleted", true)
	}
	return json.Marshal(a)
}

// member is a stored member as it reads back.
func (p *presenter) member(name string, raw json.RawMessage) json.RawMessage {
	switch {
	case name == "custom":
		var custom map[string]json.RawMessage
		if json.Unmarshal(raw, &custom) != nil {
			return raw
		}
		for name, one := range custom {
			if strings.HasSuffix(name, "At") {
				custom[name] = restamp(one)
			}
		}
		raw, _ = json.Marshal(custom)
	case name == "tags" && !p.tagsNamed:
		raw = p.tagIDs(raw)
	case p.fields[name] == nil:
	case p.fields[name].format == "date-time":
		return restamp(raw)
	case p.fields[name].shape == list && name != "tags":
		return itemsShown(name, raw, p.fields[name].item.fields["verified"] != nil)
	}
	return raw
}

// restamp is a date-time in the form in which the API writes it.
func restamp(raw json.RawMessage) json.RawMessage {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return raw
	}
	t, ok := moment([]byte(s))
	if !ok {
		return raw
	}
	return json.RawMessage(`"` + stamp(t) + `"`)
}

// itemsShown are the items of a contact list, each with an id, which is null in what the documentation shows. Numbers
// of WhatsApp read back with a prefix, and ids and e-mail addresses with a word of the org's own on whether they are
// verified.
func itemsShown(name string, raw json.RawMessage, verifiable bool) json.RawMessage {
	var items []map[string]json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return raw
	}
	for _, item := range items {
		item["id"] = json.RawMessage("null")
		if verifiable && item["verified"] == nil {
			item["verified"] = json.RawMessage("false")
		}
		switch name {
		case "whatsapps":
			var number string
			_ = json.Unmarshal(item["phone"], &number) // a stored item was checked
			item["phone"], _ = json.Marshal("whatsapp:" + number)
		case "externalIds", "sharedExternalIds", "emails", "sharedEmails":
			item["externalVerified"] = json.RawMessage("false")
		}
	}
	shown, _ := json.Marshal(items)
	return shown
}

// tagIDs are the ids of tags; what is an id already stays.
func (p *presenter) tagIDs(raw json.RawMessage) json.RawMessage {
	var names []string
	if json.Unmarshal(raw, &names) != nil {
		return raw
	}
	for i, name := range names {
		if p.tagIDsAreNames || !isObjectID([]byte(name)) {
			names[i] = p.tagID(name)
		}
	}
	ids, _ := json.Marshal(names)
	return ids
}

// look is the colour and the icon a customer is shown with. A customer keeps them.
func (p *presenter) look(row int64) (color, icon string) {
	colors := []string{"silver", "blue", "green", "orange", "purple", "red", "teal", "yellow"}
	icons := []string{"scissors", "station", "anchor", "balloon", "camera", "compass", "feather", "kite", "lantern",
		"umbrella", "violin"}
	return colors[row%int64(len(colors))], icons[row%int64(len(icons))]
}

// isVerified says whether something by which a customer is known is verified: an external id always is.
func isVerified(a map[string]json.RawMessage) bool {
	for _, list := range []string{"externalIds", "emails", "phones", "whatsapps"} {
		var items []struct{ Verified bool }
		if json.Unmarshal(a[list], &items) == nil && slices.ContainsFunc(items,
			func(one struct{ Verified bool }) bool { return one.Verified }) {
			return true
		}
	}
	return false
}

// derive adds the names that follow from name: without one the first e-mail address, else what the customer looks like.
func (p *presenter) derive(a map[string]json.RawMessage, look string) {
	var name string
	if json.Unmarshal(a["name"], &name) == nil && name != "" {
		first, last, _ := strings.Cut(name, " ")
		a["firstName"], _ = json.Marshal(first)
		if last != "" {
			a["lastName"], _ = json.Marshal(last)
		}
		a["displayName"] = a["name"]
		return
	}
	var emails []struct{ Email json.RawMessage }
	if json.Unmarshal(a["emails"], &emails) == nil && len(emails) > 0 {
		a["displayName"] = emails[0].Email
		return
	}
	a["displayName"], _ = json.Marshal(look)
}

// resource is a member of data in the API's envelope.
type resource struct {
	Type          string            `json:"type"`
	ID            string            `json:"id"`
	Attributes    any               `json:"attributes"`
	Relationships map[string]any    `json:"relationships,omitempty"`
	Links         map[string]string `json:"links,omitempty"`
}

// customer is the resource of a customer.
func (p *presenter) customer(one *record) (*resource, error) {
	attributes, err := p.attributes(one)
	if err != nil {
		return nil, err
	}
	id := p.seed.id(customerKind, one.row)
	relationships := map[string]any{
		"org":        relation("org", p.org, "/v1/orgs/"+p.org),
		"messages":   map[string]any{"links": map[string]string{"self": "/v1/customers/" + id + "/messages"}},
		"createdBy":  relation("user", one.author, "/v1/users/"+one.author),
		"modifiedBy": relation("user", one.author, "/v1/users/"+one.author),
	}
	var linked struct {
		Company string `json:"company"`
	}
	if json.Unmarshal(one.document, &linked) == nil && linked.Company != "" {
		relationships["company"] = relation("company", linked.Company, "/v1/companies/"+linked.Company)
	}
	return &resource{"customer", id, attributes, relationships, map[string]string{"self": "/v1/customers/" + id}}, nil
}
