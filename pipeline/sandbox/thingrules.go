package sandbox

import "maps"

// messageFields are the members of a message (https://developer.kustomer.com/api/core-resources/create-message). custom
// is missing: it is the org's own.
func messageFields() fields {
	return fields{
		"externalId": words(256), "app": words(0),
		"channel": choice("email", "sms", "chat", "facebook", "twitter-dm", "twitter-tweet", "voice", "instagram",
			"whatsapp"),
		"direction":   choice("in", "out"),
		"preview":     words(10240),
		"subject":     words(256),
		"status":      choice("sent", "received", "error"),
		"error":       {shape: group, open: true},
		"errorAt":     formatted("date-time"),
		"sentAt":      formatted("date-time"),
		"createdAt":   &rule{shape: text, format: "date-time", dropped: true},
		"modifiedAt":  &rule{shape: text, format: "date-time", dropped: true},
		"createdBy":   &rule{shape: text, format: "object-id", dropped: true},
		"modifiedBy":  &rule{shape: text, format: "object-id", dropped: true},
		"meta":        {shape: group, max: 100, open: true},
		"attachments": {shape: list},
		"reference": {shape: group, fields: fields{"message": formatted("object-id").must(),
			"type": choice("reply", "replyAll", "forward").must()}},
		"auto": {shape: flag}, "source": choice("bulk", "satisfaction"), "size": {shape: number},
		"related": {shape: anything}, "shortcuts": {shape: list}, "kbArticles": {shape: list},
		"location": {shape: group, open: true}, "lang": words(100).orNull(), "queue": queueRule(),
		"sentiment": sentimentRule(),
	}
}

// noteFields are the members of a note (https://developer.kustomer.com/api/core-resources/create-note).
func noteFields() fields {
	return fields{
		"externalId":   words(256),
		"body":         words(10240).atLeast(1),
		"userMentions": {shape: list, max: 20},
		"attachments":  {shape: list},
		"lang":         words(100),
		"createdAt":    &rule{shape: text, format: "date-time", dropped: true},
		"modifiedAt":   &rule{shape: text, format: "date-time", dropped: true},
		"createdBy":    &rule{shape: text, format: "object-id", dropped: true},
		"modifiedBy":   &rule{shape: text, format: "object-id", dropped: true},
	}
}

// kobjectFields are the members of a KObject (https://developer.kustomer.com/api/core-resources/create-kobject).
func kobjectFields() fields {
	return fields{
		"title":       words(256).atLeast(1),
		"externalId":  words(256).atLeast(1),
		"description": words(10240),
		"images":      {shape: list, max: 20, item: formatted("uri")},
		"icon":        words(64),
		"data":        {shape: group, open: true},
		"tags":        tagList(),
		"createdAt":   &rule{shape: text, format: "date-time", dropped: true},
		"importedAt":  formatted("date-time"),
	}
}

// familyOf makes the bodies of a family: what only a new one takes, what it must have, what only a later one takes.
func familyOf(f, fresh fields, must []string, later fields, open bool, whole ...string) familyBodies {
	made := maps.Clone(f)
	maps.Copy(made, fresh)
	for _, name := range must {
		one := *made[name]
		made[name] = one.must()
	}
	changed := maps.Clone(f)
	maps.Copy(changed, later)
	item := maps.Clone(changed)
	for _, name := range whole {
		one := *changed[name]
		changed[name] = one.must()
	}
	return familyBodies{
		create: seal(&rule{shape: group, fields: made}), newItem: seal(&rule{shape: group, fields: made.and("_clientRef")}),
		update: seal(&rule{shape: group, fields: changed}),
		item:   seal(&rule{shape: group, fields: item.and("_clientRef", "id"), open: open}),
	}
}

// id is a member that holds the id of another thing and is kept beside the document.
func id() *rule { return &rule{shape: text, format: "object-id", dropped: true} }

// clientID is the id that a client would choose.
func (w Switches) clientID(f fields) fields {
	if w.ClientIDs != "reject" {
		f["id"] = id()
	}
	return f
}

func (w Switches) messageBodies(custom *rule) familyBodies {
	f := messageFields()
	f["custom"] = custom
	fixed := map[string]bool{"channel": true, "app": true, "direction": true}
	changed := fields{}
	for name, r := range f {
		if !fixed[name] {
			changed[name] = r
		}
	}
	fresh := w.clientID(fields{"channel": f["channel"], "app": f["app"], "direction": f["direction"], "conversation": id(),
		"customer": id(), "importedAt": formatted("date-time")})
	return familyOf(changed, fresh, []string{"channel", "app"},
		fields{"conversation": id(), "spam": {shape: flag}, "reactions": {shape: list, max: 100},
			"updatedAt": &rule{shape: text, format: "date-time", dropped: true},
			"rev":       {shape: number, dropped: true}, "deleted": {shape: flag}}, !w.BulkUpdateClosed)
}

func (w Switches) noteBodies() familyBodies {
	return familyOf(noteFields(), w.clientID(fields{"conversation": id(), "importedAt": formatted("date-time")}),
		[]string{"body"}, fields{"conversation": id(), "deleted": {shape: flag},
			"updatedAt": &rule{shape: text, format: "date-time", dropped: true}, "rev": {shape: number, dropped: true}},
		!w.BulkUpdateClosed, "conversation", "body")
}

func (w Switches) kobjectBodies(custom *rule) familyBodies {
	f := kobjectFields()
	f["custom"] = custom
	return familyOf(f, fields{"customer": id(), "company": id()}, []string{"title"},
		fields{"rev": {shape: number, dropped: true}}, !w.BulkUpdateClosed)
}
