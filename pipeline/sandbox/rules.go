package sandbox

import (
	"maps"
	"slices"
)

// shape is what kind of JSON value a rule asks for.
type shape byte

const (
	anything shape = iota
	text
	number
	integer
	flag
	list
	group
)

// unbounded is a rule's max that never binds.
const unbounded = 1 << 30

// rule is what the org asks of one place in a body. It is never changed once it is in use.
type rule struct {
	shape    shape
	null     bool     // null is taken as well
	required bool     // the member must be there
	min, max int      // characters of a text, items of a list, members of a group; max 0 is unbounded
	enum     []string // what may stand here: texts in quotes and unescaped, numbers in their shortest form
	low      float64  // of a number, when low < high
	high     float64
	format   string   // a name in formats
	pattern  string   // a name in patterns
	item     *rule    // of a list
	unique   bool     // no two items of a list are equal
	fields   fields   // of a group; each has a rule of its own
	needs    []string // of a group: the required fields in order, filled in by seal
	open     bool     // a group with members that have no rule, which are dropped
	dropped  bool     // the value is checked and not kept
}

// fields are the rules of a group's members by name.
type fields map[string]*rule

func words(most int) *rule { return &rule{shape: text, max: most} }

func choice(names ...string) *rule { return &rule{shape: text, enum: quoted(names)} }

// quoted are texts as a rule's enum has them. Of none it is empty and not nil: a choice of nothing.
func quoted(texts []string) []string {
	all := make([]string, len(texts))
	for i, one := range texts {
		all[i] = `"` + one + `"`
	}
	return all
}

func formatted(format string) *rule { return &rule{shape: text, format: format} }

func (r *rule) orNull() *rule           { r.null = true; return r }
func (r *rule) must() *rule             { r.required = true; return r }
func (r *rule) atLeast(least int) *rule { r.min = least; return r }

// several is a list of at most ten different groups: the form of every contact list of a customer.
func several(f fields) *rule {
	return &rule{shape: list, max: 10, unique: true, item: &rule{shape: group, fields: f}}
}

// customerFields are the members of a customer as POST, PUT and PATCH take them
// (https://developer.kustomer.com/api/core-resources/create-customer). custom is missing: it is the org's own.
func customerFields() fields {
	return fields{
		"name":                   words(256).orNull(),
		"company":                words(0).orNull(),
		"externalId":             words(256).atLeast(1).orNull(),
		"username":               words(256).orNull(),
		"signedUpAt":             formatted("date-time").orNull(),
		"lastActivityAt":         formatted("date-time").orNull(),
		"lastCustomerActivityAt": formatted("date-time").orNull(),
		"lastSeenAt":             formatted("date-time").orNull(),
		"birthdayAt":             formatted("date-time").orNull(),
		"createdAt":              {shape: text, format: "date-time", dropped: true},
		"importedAt":             formatted("date-time"),
		"avatarUrl":              formatted("uri").orNull(),
		"externalIds":            several(externalIDFields()),
		"sharedExternalIds":      several(externalIDFields()),
		"emails":                 several(emailFields()),
		"sharedEmails":           several(emailFields()),
		"phones":                 several(phoneFields()),
		"sharedPhones":           several(phoneFields()),
		"whatsapps":              several(whatsappFields()),
		"facebookIds": several(fields{
			"pageId": words(255).must(), "userId": words(255).must(), "name": words(255),
		}),
		"instagramIds": several(fields{
			"pageId": words(255).must(), "threadId": words(255).must(), "username": words(255).must(), "instagramId": words(255),
		}),
		"socials":       several(socialFields()),
		"sharedSocials": several(socialFields()),
		"urls":          several(urlFields()),
		"locations":     several(locationFields()),
		"locale":        words(16).orNull(),
		"timeZone":      words(64).orNull(),
		"defaultLang":   words(100).orNull(),
		"gender":        choice("m", "f").orNull(),
		"tags":          tagList(),
		"sentiment":     sentimentRule(),
		"rev":           {shape: number, dropped: true},
	}
}

func externalIDFields() fields {
	return fields{"externalId": words(255).atLeast(1).must(), "verified": {shape: flag}}
}

func emailFields() fields {
	return fields{
		"email": formatted("email-relaxed").must(), "type": choice("home", "work", "other"), "verified": {shape: flag},
	}
}

func phoneFields() fields {
	return fields{
		"phone":    formatted("phone-number").must(),
		"type":     choice("mobile", "home", "work", "fax", "other"),
		"verified": {shape: flag},
	}
}

func whatsappFields() fields {
	return fields{
		"phone": formatted("whatsapp-number").must(), "type": choice("mobile"), "verified": {shape: flag},
	}
}

func socialFields() fields {
	return fields{
		"type":     choice("twitter", "facebook", "instagram", "linkedin", "pinterest").must(),
		"username": words(256).atLeast(1).must(),
		"userid":   words(256),
		"url":      formatted("uri"),
		"verified": {shape: flag},
	}
}

func urlFields() fields {
	return fields{"url": formatted("url").must(), "type": choice("website", "blog", "other")}
}

func locationFields() fields {
	return fields{
		"type":        choice("home", "work", "other").orNull(),
		"name":        words(0).orNull(),
		"address":     words(256).orNull(),
		"address2":    words(256).orNull(),
		"address3":    words(256).orNull(),
		"latitude":    {shape: number, null: true},
		"longitude":   {shape: number, null: true},
		"countryCode": words(2).atLeast(2).orNull(),
		"countryName": words(64).orNull(),
		"regionCode":  words(2).orNull(),
		"regionName":  words(128).orNull(),
		"cityName":    words(128).orNull(),
		"zipCode":     words(30).orNull(),
		"areaCode":    words(30).orNull(),
	}
}

func tagList() *rule {
	return &rule{shape: list, max: 20, unique: true, item: &rule{shape: text, min: 1, max: 64, pattern: "tag"}}
}

func sentimentRule() *rule {
	return &rule{shape: group, fields: fields{
		"polarity":   {shape: integer, required: true, enum: []string{"-1", "0", "1"}},
		"confidence": {shape: number, required: true, low: -1, high: 1},
	}}
}

// bodies are the rules of each kind of body, for one state of the org's attributes.
type bodies struct {
	single     *rule // POST, PUT and PATCH of one customer
	bulkCreate *rule // an item of a bulk POST
	bulkUpdate *rule // an item of a bulk PUT
	bulkChange *rule // the body of a bulk PUT with ?ids=

	companyCreate, companyUpdate *rule

	conversationCreate *rule // POST of a conversation
	conversationUpdate *rule // PUT and PATCH of one
	conversationItem   *rule // an item of a bulk PUT of them
	conversationNew    *rule // an item of a bulk POST of them
	conversationChange *rule // the body of a bulk PUT with ?ids=

	companyNew, companyItem *rule // items of a bulk POST, and PUT, of companies

	message, note familyBodies
	kobjects      map[string]familyBodies // by the names of their Klasses, kobject.order
}

// customRules are the rules of custom by Klass.
type customRules struct {
	customer, company, conversation, message *rule
	kobjects                                 map[string]*rule
}

// newBodies joins the fixed fields with the rules of custom.
func newBodies(custom customRules, w Switches) *bodies {
	single := customerFields()
	single["custom"] = custom.customer
	if w.MirrorChecked {
		single["externalId"] = words(255).atLeast(1).orNull()
	}
	if w.KnownTags != nil && !w.UnknownTagsDropped {
		single["tags"].item.enum = quoted(w.KnownTags)
	}
	change := maps.Clone(single)
	if !w.BulkUpdateFull {
		delete(change, "whatsapps")
		delete(change, "instagramIds")
	}
	company, newCompany := companyFields(), newCompanyFields()
	company["custom"], newCompany["custom"] = custom.company, custom.company
	conversation, newConversation := conversationFields(w), newConversationFields(w)
	conversation["custom"], newConversation["custom"] = custom.conversation, custom.conversation
	item := maps.Clone(conversation)
	delete(item, "satisfactionLevel")
	open := !w.BulkUpdateClosed
	companyItem := maps.Clone(company)
	delete(companyItem, "whatsapps")
	delete(companyItem, "rev")
	kobjects := map[string]familyBodies{}
	for name, r := range custom.kobjects {
		kobjects[name] = w.kobjectBodies(r)
	}
	return &bodies{
		single:     seal(&rule{shape: group, fields: single}),
		bulkCreate: seal(&rule{shape: group, fields: single.and("_clientRef")}),
		bulkUpdate: seal(&rule{shape: group, fields: change.and("_clientRef", "id"), open: open}),
		bulkChange: seal(&rule{shape: group, fields: change, open: open}),

		companyCreate: seal(&rule{shape: group, fields: newCompany}),
		companyUpdate: seal(&rule{shape: group, fields: company}),

		conversationCreate: seal(&rule{shape: group, fields: newConversation}),
		conversationUpdate: seal(&rule{shape: group, fields: conversation}),
		conversationItem:   seal(&rule{shape: group, fields: item.and("_clientRef", "id")}),
		conversationNew:    seal(&rule{shape: group, fields: newConversation.and("_clientRef")}),
		conversationChange: seal(&rule{shape: group, fields: item}),

		companyNew:  seal(&rule{shape: group, fields: newCompany.and("_clientRef")}),
		companyItem: seal(&rule{shape: group, fields: companyItem.and("_clientRef", "id")}),

		message: w.messageBodies(custom.message), note: w.noteBodies(), kobjects: kobjects,
	}
}

// seal fills in what the checker wants to know at once of each group within r.
func seal(r *rule) *rule {
	if r.item != nil {
		seal(r.item)
	}
	r.needs = nil
	for name, field := range r.fields {
		seal(field)
		if field.required {
			r.needs = append(r.needs, name)
		}
	}
	slices.Sort(r.needs)
	return r
}

// and is a copy of f with more fields that are checked elsewhere and not kept.
func (f fields) and(names ...string) fields {
	more := maps.Clone(f)
	for _, name := range names {
		more[name] = &rule{dropped: true}
	}
	return more
}
