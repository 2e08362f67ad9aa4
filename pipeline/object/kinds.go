package object

// What several kinds have in common.
const (
	mostTags  = 20
	mostItems = 10
	longName  = 256
	longText  = 10_240
)

func externalID() Field {
	return Field{Name: "externalId", Type: ID, Must: true, Min: 1, Max: 255,
		Meaning: "its id in your own system, by which it is found again"}
}

func tags() Field {
	return Field{Name: "tags", Type: Words, Items: mostTags, Min: 1, Max: 64,
		Meaning: "tags by name; cells are split at commas"}
}

func attachments() Field {
	return Field{Name: Attachments, Type: Words, When: OnMade, Items: mostTags,
		Meaning: "files beside the input or in a zip archive, and addresses of the web; cells are split at semicolons"}
}

func custom() Field {
	return Field{Name: "custom", Type: Custom, Meaning: "attributes of your own org"}
}

func lang(name string) Field {
	return Field{Name: name, Type: Line, Null: true, Max: 100, Meaning: "language, en_us"}
}

// dated are the two moments that a new record brings with it.
func dated(when When) []Field {
	return []Field{
		{Name: "createdAt", Type: Moment, When: when, Meaning: "when it was begun"},
		{Name: "importedAt", Type: Moment, When: when, Meaning: "when it was imported; the moment the run began, unless " +
			"it is said"},
	}
}

func ofCustomer(rest ...Reference) []Reference {
	return append([]Reference{
		{Name: "customer.externalId", Field: "customer", Kind: "customer", By: "externalId", Max: 255},
		{Name: "customer.email", Field: "customer", Kind: "customer", By: "email", Max: 256},
		{Name: "customer.phone", Field: "customer", Kind: "customer", By: "phone", Max: 64},
	}, rest...)
}

func author() Reference {
	return Reference{Name: "author.email", Field: "createdBy", Kind: "user", By: "email", Max: 256}
}

func company() *Kind {
	return &Kind{Name: "company", Many: "companies", Rank: 1, Path: "/v1/companies", Bulk: "/v1/companies/bulk",
		Klass: "company", By: ByQuery, ClientRef: true, Delete: ByUpdate,
		Roles: Roles{"org.permission.company.create", "org.permission.company.read", "org.permission.company.update",
			"org.permission.company.update"},
		Fields: append([]Field{
			{Name: "name", Type: Text, Must: true, Min: 3, Max: 255, Meaning: "the company's name"},
			externalID(),
			{Name: "domains", Type: List, Items: mostItems, Meaning: "its domains: acme.example"},
			{Name: "emails", Type: List, Items: mostItems, Meaning: "e-mail addresses"},
			{Name: "phones", Type: List, Items: mostItems, Meaning: "phone numbers"},
			{Name: "whatsapps", Type: List, Items: mostItems, When: OnMade, Meaning: "WhatsApp numbers"},
			{Name: "socials", Type: List, Items: mostItems, Meaning: "accounts in social networks"},
			{Name: "urls", Type: List, Items: mostItems, Meaning: "web pages"},
			{Name: "locations", Type: List, Items: mostItems, Meaning: "addresses"},
			{Name: "employeeCount", Type: Number, Meaning: "how many people work there"},
			{Name: "avatarUrl", Type: URL, Null: true, Meaning: "the address of a picture"},
			tags(), lang("defaultLang"), custom(),
		}, dated(OnMade)...)}
}

func kobject(klass string) *Kind {
	path := "/v1/klasses/" + klass
	return &Kind{Name: KObject + klass, Many: "records of " + klass, Rank: 3, Path: path, Bulk: path + "/bulk",
		Klass: KObject + klass, By: BySegment, Delete: ByDelete, PerMinute: 120, Exempt: true,
		Roles: Roles{"org.permission.kobject.create", "org.permission.kobject.read", "org.permission.kobject.update",
			"org.permission.kobject.delete"},
		References: ofCustomer(
			Reference{Name: "company.externalId", Field: "company", Kind: "company", By: "externalId", Max: 255}),
		Fields: append([]Field{
			{Name: "title", Type: Text, Must: true, Min: 1, Max: longName, Meaning: "its title"},
			externalID(),
			{Name: "customer", Type: ID, When: OnMade, Meaning: "Kustomer's id of its customer"},
			{Name: "company", Type: ID, When: OnMade, Meaning: "Kustomer's id of its company"},
			{Name: "description", Type: Text, Max: longText, Meaning: "a description"},
			{Name: "images", Type: Words, Items: mostTags, Meaning: "addresses of pictures"},
			{Name: "icon", Type: Line, Max: 64, Meaning: "the name of an icon"},
			{Name: "data", Type: Free, Meaning: "further data: a JSON object"},
			tags(), custom(),
		}, dated(Always)...)}
}

func conversation() *Kind {
	return &Kind{Name: "conversation", Many: "conversations", Rank: 4, Path: "/v1/conversations",
		Bulk: "/v1/conversations/bulk", Klass: "conversation",
		By: BySegment, ClientRef: true, Delete: ByDelete, PerMinute: 120, Exempt: true,
		Roles: Roles{"org.permission.conversation.create", "org.permission.conversation.read",
			"org.permission.conversation.update", "org.permission.conversation.delete"},
		References: ofCustomer(
			Reference{Name: "assignee.email", Field: "assignedUsers", Kind: "user", By: "email", Max: 256, Many: true},
			Reference{Name: "team.name", Field: "assignedTeams", Kind: "team", By: "name", Max: 256, Many: true}),
		Fields: append([]Field{
			{Name: "customer", Type: ID, When: OnMade, Must: true, Meaning: "Kustomer's id of its customer"},
			externalID(),
			{Name: "name", Type: Text, Null: true, Max: longName, Meaning: "its subject"},
			{Name: "status", Type: OneOf, Choices: []string{"open", "done"},
				Meaning: "open or done; one that is done is closed behind its messages"},
			{Name: "priority", Type: Whole, Low: 1, High: 5, Meaning: "1 to 5, of which 5 is the highest"},
			{Name: "direction", Type: OneOf, Choices: []string{"in", "out"},
				Meaning: "who began it: in the customer, out an agent"},
			{Name: "replyChannel", Type: Line, Null: true, Max: 256, Meaning: "the channel of replies"},
			tags(), lang("defaultLang"), custom(),
			{Name: "endedAt", Type: Moment, When: OnLater, Meaning: "when it ended"},
			{Name: "endedReason", Type: Line, When: OnLater, Max: 128, Meaning: "why it ended"},
		}, dated(OnMade)...)}
}

func message() *Kind {
	return &Kind{Name: "message", Many: "messages", Rank: 5, Path: "/v1/messages", Bulk: "/v1/messages/bulk",
		Klass:     "message",
		ClientRef: true, Delete: Never, PerMinute: 120, Exempt: true, Searched: "message_external_id",
		Roles: Roles{"org.permission.message.create", "org.permission.message.read", "org.permission.message.update", ""},
		References: []Reference{
			{Name: "conversation.externalId", Field: "conversation", Kind: "conversation", By: "externalId", Max: 255},
			author()},
		Fields: []Field{
			{Name: "conversation", Type: ID, Must: true, When: OnMade, Meaning: "Kustomer's id of its conversation"},
			externalID(),
			{Name: "channel", Type: OneOf, Must: true, When: OnMade,
				Choices: []string{"email", "sms", "chat", "facebook", "twitter-dm", "twitter-tweet", "voice", "instagram",
					"whatsapp"},
				Meaning: "how it was sent: email, sms, chat …"},
			{Name: "app", Type: Line, When: OnMade, Min: 1, Meaning: "which integration it is of; muster, unless it is said"},
			{Name: "direction", Type: OneOf, Must: true, When: OnMade, Choices: []string{"in", "out"},
				Meaning: "in: from the customer, out: from an agent"},
			{Name: "preview", Type: Text, Max: longText, Meaning: "the text of the message"},
			{Name: "subject", Type: Text, Max: longName, Meaning: "its subject"},
			{Name: "status", Type: OneOf, Choices: []string{"sent", "received", "error"}, Meaning: "what became of it"},
			attachments(),
			{Name: "sentAt", Type: Moment, Meaning: "when it was sent"},
			{Name: "meta", Type: Members, Of: []string{"from", "to", "cc", "bcc", "inReplyTo"},
				Meaning: "addresses of an e-mail"},
			{Name: "auto", Type: Bool, Meaning: "it was sent by a machine, and reports on agents leave it out"},
			lang("lang"), custom(),
			{Name: "createdAt", Type: Moment, Admin: true, Meaning: "when it was made; sentAt, unless it is said"},
			{Name: "importedAt", Type: Moment, When: OnMade,
				Meaning: "when it was imported; the moment the run began, unless it is said"},
		}}
}

func note() *Kind {
	return &Kind{Name: "note", Many: "notes", Rank: 6, Path: "/v1/notes", Bulk: "/v1/notes/bulk",
		ClientRef: true, Delete: ByDelete, PerMinute: 120, Searched: "note_external_id",
		Roles: Roles{"org.permission.note.create", "org.permission.note.read", "org.permission.note.update",
			"org.permission.note.delete"},
		References: []Reference{
			{Name: "conversation.externalId", Field: "conversation", Kind: "conversation", By: "externalId", Max: 255},
			author()},
		Fields: []Field{
			{Name: "conversation", Type: ID, Must: true, Meaning: "Kustomer's id of its conversation"},
			externalID(),
			{Name: "body", Type: Text, Must: true, Min: 1, Max: longText, Meaning: "the text of the note"},
			attachments(),
			{Name: "lang", Type: Line, Max: 100, Meaning: "language, en_us"},
			{Name: "createdAt", Type: Moment, Admin: true, Meaning: "when it was made"},
			{Name: "importedAt", Type: Moment, When: OnMade,
				Meaning: "when it was imported; the moment the run began, unless it is said"},
		}}
}
