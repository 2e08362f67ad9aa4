package sandbox

// conversationFields are the members of a conversation that an update takes
// (https://developer.kustomer.com/api/core-resources/update-conversation). custom is missing: it is the org's own.
func conversationFields(w Switches) fields {
	return fields{
		"customer":          formatted("object-id"), // alone: see checkMove
		"name":              words(256).orNull(),
		"externalId":        words(256).orNull(),
		"status":            choice("open", "snoozed", "done"),
		"priority":          {shape: integer, low: 1, high: 5},
		"direction":         choice("in", "out"),
		"replyChannel":      words(256).orNull(),
		"tags":              tagList(),
		"suggestedTags":     {shape: list, max: 20, unique: true},
		"assignedUsers":     idList(),
		"assignedTeams":     idList(),
		"queue":             queueRule(),
		"subStatus":         formatted("object-id"),
		"snooze":            snoozeRule(),
		"ended":             {shape: flag},
		"endedAt":           formatted("date-time"),
		"endedReason":       words(128),
		"endedBy":           formatted("object-id"),
		"endedByType":       choice("user", "customer"),
		"locked":            {shape: flag},
		"deleted":           {shape: flag, null: true},
		"sentiment":         sentimentRule(),
		"satisfaction":      {shape: number, null: true, low: -1, high: 1},
		"satisfactionLevel": satisfactionRule(w),
		"defaultLang":       words(100).orNull(),
		"rev":               {shape: number, dropped: true},
	}
}

// newConversationFields are the members of a conversation that is to be made
// (https://developer.kustomer.com/api/core-resources/create-conversation).
func newConversationFields(w Switches) fields {
	f, f0 := fields{}, conversationFields(w)
	for _, name := range []string{"customer", "priority", "direction", "replyChannel", "tags", "assignedUsers",
		"assignedTeams", "queue", "defaultLang"} {
		f[name] = f0[name]
	}
	f["customer"] = formatted("object-id").must()
	f["name"], f["externalId"], f["status"] = words(256), words(256), choice("open", "done")
	f["createdAt"] = &rule{shape: text, format: "date-time", dropped: true}
	f["importedAt"] = formatted("date-time")
	if w.ClientIDs != "reject" {
		f["id"] = &rule{shape: text, format: "object-id", dropped: true}
	}
	return f
}

func idList() *rule {
	return &rule{shape: list, max: 10, unique: true, item: formatted("object-id")}
}

func queueRule() *rule {
	return &rule{shape: group, fields: fields{"id": words(0).orNull(), "external": choice("amazon-connect").orNull()}}
}

func snoozeRule() *rule {
	return &rule{shape: group, fields: fields{"status": choice("scheduled", "canceled", "elapsed").must(),
		"time": formatted("date-time")}}
}

func satisfactionRule(w Switches) *rule {
	return &rule{shape: group, dropped: !w.SatisfactionHonoured, fields: fields{
		"createdAt":    formatted("date-time").must(),
		"updatedAt":    formatted("date-time"),
		"status":       choice("scheduled", "offered", "rated", "commented", "canceled", "unresponded").must(),
		"score":        {shape: number, enum: []string{"0", "1"}},
		"rating":       {shape: integer, low: 0, high: 10},
		"firstAnswer":  words(1024),
		"channel":      words(0),
		"form":         formatted("object-id"),
		"formResponse": formatted("object-id"),
		"scheduledFor": formatted("date-time"),
		"sentAt":       formatted("date-time"),
		"sentBy":       formatted("object-id"),
		"sentByTeams":  {shape: list, item: formatted("object-id")},
	}}
}
