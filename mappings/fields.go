package mappings

import "strings"

// shape is how a field of the payload is built.
type shape uint8

const (
	scalar shape = iota // one value
	list                // items with members
	words               // a list of plain texts
	object              // one object with members, no list
	custom              // the org's own attributes
)

// A field is one key of the create-customer payload. Limits are documented at
// https://developer.kustomer.com/api/core-resources/create-customer; the schema holds records to them, here they are
// words.
type field struct {
	name    string
	called  string // what a mapping calls it, where that is not its name: a place that the pipeline fills another from
	shape   shape
	value   valueType // of a scalar or of each word
	null    bool      // null clears it
	items   int       // most items of a list
	types   []string  // allowed types of an item
	members []member
	names   []alias
	same    []ListKey // members that tell two items apart; none: all of them
	key     identity  // what a scalar or the first of same says of the customer, across the whole org
	limit   string
	meaning string
}

// A member is one key of an item or object.
type member struct {
	name  string
	value valueType
	null  bool
	main  bool // the value that stands for the item: emails takes it from one cell
	flag  bool // says something about the item, never makes one
	limit string
}

// An alias is another name for a member, or for a choice between two.
type alias struct {
	name   string
	member string
	value  valueType // how cells are read, where the alias reads them in its own way
}

// identity is a kind of value that Kustomer holds unique across an org
// (https://developer.kustomer.com/api/core-resources/get-customer-by-phone-number).
type identity uint8

const (
	noIdentity identity = iota
	externalIdentity
	emailIdentity
	phoneIdentity
	whatsappIdentity
	socialIdentity
	conversationIdentity
	ownIdentity // Kustomer's own id of the customer
)

var identityNames = [...]string{"", "externalId", "email", "phone", "whatsapp", "social", "conversation", "id"}

const (
	mostItems = 10 // items of every list but tags
	mostTags  = 20
)

var (
	verified   = member{name: "verified", value: asBool, flag: true}
	emailTypes = []string{"home", "work", "other"}
	phoneTypes = []string{"mobile", "home", "work", "fax", "other"}
	networks   = []string{"twitter", "facebook", "instagram", "linkedin", "pinterest"}

	externalIDMembers = []member{{name: "externalId", value: asID, main: true, limit: "1 to 255 characters"}, verified}
	emailMembers      = []member{{name: "email", value: asEmail, main: true, limit: "an e-mail address"},
		{name: "type", value: asText}, verified}
	phoneMembers = []member{{name: "phone", value: asPhone, main: true, limit: "a phone number"},
		{name: "type", value: asText}, verified}
	socialMembers = []member{
		{name: "type", value: asText},
		{name: "username", value: asHandle, main: true, limit: "1 to 256 characters"},
		{name: "userid", value: asID, limit: "at most 256 characters"},
		{name: "url", value: asURL, limit: "an address"},
		verified,
	}
	locationMembers = []member{
		{name: "type", value: asText, null: true},
		{name: "name", value: asText, null: true},
		{name: "address", value: asText, null: true, limit: "at most 256 characters"},
		{name: "address2", value: asText, null: true, limit: "at most 256 characters"},
		{name: "address3", value: asText, null: true, limit: "at most 256 characters"},
		{name: "latitude", value: asNumber, null: true},
		{name: "longitude", value: asNumber, null: true},
		{name: "countryCode", value: asCountry, null: true, limit: "2 letters, or a name that gives them"},
		{name: "countryName", value: asText, null: true, limit: "at most 64 characters"},
		{name: "regionCode", value: asCode, null: true, limit: "at most 2 characters"},
		{name: "regionName", value: asText, null: true, limit: "at most 128 characters"},
		{name: "cityName", value: asText, null: true, limit: "at most 128 characters"},
		{name: "zipCode", value: asLine, null: true, limit: "at most 30 characters"},
		{name: "areaCode", value: asLine, null: true, limit: "at most 30 characters"},
	}
	locationNames = []alias{
		{name: "street", member: "address"},
		{name: "city", member: "cityName"},
		{name: "zip", member: "zipCode"},
		{name: "country", member: "countryCode", value: asCodeOrName},
		{name: "region", member: "regionCode", value: asCodeOrName},
	}
)

// fields is the payload, in its order. One row is all that a new field needs.
var fields = fieldSet{
	{name: "name", value: asText, null: true, limit: "at most 256 characters", meaning: "the customer's full name"},
	{name: "company", value: asLine, null: true, meaning: "Kustomer's id of the customer's company"},
	{name: "companyExternalId", called: "company.externalId", value: asID, limit: "1 to 256 characters",
		meaning: "the customer's company by your own id; made if the org has none"},
	{name: "companyName", called: "company.name", value: asText, limit: "3 to 256 characters",
		meaning: "the customer's company by its name; made if the org has none"},
	{name: "externalId", value: asID, null: true, key: externalIdentity, limit: "1 to 256 characters",
		meaning: "the customer's id in your own system"},
	{name: "customerId", value: asID, key: ownIdentity, limit: "24 hexadecimal digits",
		meaning: "Kustomer's own id of the customer: the row is written to that one, and makes none"},
	{name: "username", value: asLine, null: true, limit: "at most 256 characters", meaning: "the customer's user name"},
	{name: "signedUpAt", value: asDate, null: true, meaning: "when the customer signed up"},
	{name: "lastActivityAt", value: asDate, null: true, meaning: "when anything last happened with the customer"},
	{name: "lastCustomerActivityAt", value: asDate, null: true, meaning: "when the customer last did something"},
	{name: "lastSeenAt", value: asDate, null: true, meaning: "when the customer was last seen"},
	{name: "avatarUrl", value: asURL, null: true, meaning: "the address of a picture"},
	{name: "externalIds", shape: list, items: mostItems, members: externalIDMembers,
		same: []ListKey{{"externalId", AsWritten}}, key: externalIdentity, meaning: "ids in other systems"},
	{name: "sharedExternalIds", shape: list, items: mostItems, members: externalIDMembers,
		same: []ListKey{{"externalId", AsWritten}}, meaning: "ids that several customers have in common"},
	{name: "emails", shape: list, items: mostItems, types: emailTypes, members: emailMembers,
		same: []ListKey{{"email", Folded}}, key: emailIdentity, meaning: "e-mail addresses, each of one customer only"},
	{name: "sharedEmails", shape: list, items: mostItems, types: emailTypes, members: emailMembers,
		same: []ListKey{{"email", Folded}}, meaning: "e-mail addresses that several customers share"},
	{name: "phones", shape: list, items: mostItems, types: phoneTypes, members: phoneMembers,
		same: []ListKey{{"phone", Digits}}, key: phoneIdentity, meaning: "phone numbers, each of one customer only"},
	{name: "sharedPhones", shape: list, items: mostItems, types: phoneTypes, members: phoneMembers,
		same: []ListKey{{"phone", Digits}}, meaning: "phone numbers that several customers share"},
	{name: "whatsapps", shape: list, items: mostItems, types: []string{"mobile"}, members: phoneMembers,
		same: []ListKey{{"phone", Digits}}, key: whatsappIdentity, meaning: "WhatsApp numbers"},
	{name: "facebookIds", shape: list, items: mostItems, same: []ListKey{{"pageId", AsWritten}, {"userId", AsWritten}},
		meaning: "the customer on your Facebook pages", members: []member{
			{name: "pageId", value: asID, limit: "at most 255 characters"},
			{name: "userId", value: asID, main: true, limit: "at most 255 characters"},
			{name: "name", value: asText, limit: "at most 255 characters"}}},
	{name: "instagramIds", shape: list, items: mostItems,
		same:    []ListKey{{"pageId", AsWritten}, {"threadId", AsWritten}, {"username", Account}},
		meaning: "the customer on your Instagram pages", members: []member{
			{name: "pageId", value: asID, limit: "at most 255 characters"},
			{name: "threadId", value: asID, limit: "at most 255 characters"},
			{name: "username", value: asHandle, main: true, limit: "at most 255 characters"},
			{name: "instagramId", value: asID, limit: "at most 255 characters"}}},
	{name: "socials", shape: list, items: mostItems, types: networks, members: socialMembers,
		same: []ListKey{{"username", Account}, {"type", Folded}}, key: socialIdentity,
		meaning: "accounts in social networks, each of one customer only"},
	{name: "sharedSocials", shape: list, items: mostItems, types: networks, members: socialMembers,
		same: []ListKey{{"username", Account}, {"type", Folded}}, meaning: "accounts that several customers share"},
	{name: "urls", shape: list, items: mostItems, types: []string{"website", "blog", "other"},
		same: []ListKey{{"url", Address}}, meaning: "web pages", members: []member{
			{name: "url", value: asURL, main: true, limit: "an address"}, {name: "type", value: asText}}},
	{name: "locations", shape: list, items: mostItems, types: []string{"home", "work", "other"}, members: locationMembers,
		names: locationNames, meaning: "addresses"},
	{name: "locale", value: asLocale, null: true, limit: "at most 16 characters", meaning: "language and country, en_US"},
	{name: "timeZone", value: asZone, null: true, limit: "at most 64 characters", meaning: "time zone, Europe/Amsterdam"},
	{name: "tags", shape: words, value: asText, items: mostTags, limit: "1 to 64 characters each",
		meaning: "tags by name; cells are split at commas"},
	{name: "sentiment", shape: object, meaning: "how the customer feels", members: []member{
		{name: "polarity", value: asNumber, limit: "-1, 0 or 1"}, {name: "confidence", value: asNumber, limit: "-1 to 1"}}},
	{name: "birthdayAt", value: asDate, null: true, meaning: "date of birth"},
	{name: "gender", value: asGender, null: true, limit: "m or f", meaning: "gender; male and female are understood"},
	{name: "createdAt", value: asDate, meaning: "when the customer was created"},
	{name: "importedAt", value: asDate, meaning: "when the customer was imported"},
	{name: "rev", value: asNumber, meaning: "the revision that an update expects"},
	{name: "defaultLang", value: asLanguage, null: true, limit: "at most 100 characters", meaning: "language, en_us"},
	{name: "id", called: conversationID, value: asID, key: conversationIdentity, limit: "24 hexadecimal digits",
		meaning: "the conversation's id; in mappings of kind: conversation only, which fill it and attributes"},
	{name: "custom", shape: custom, meaning: "attributes of your own org"},
}

// conversationID is what a mapping calls the id of the conversation that a row is about.
const conversationID = "conversationId"

// takes reports whether records of the mapping's kind have a target: the id of a conversation is of those alone.
func (m *Mapping) takes(t target) bool {
	return t.field == nil || t.field.shape == custom || t.field.called != conversationID || m.Kind == Conversations
}

// readOnly are attributes that Kustomer answers with and does not take.
var readOnly = []string{
	"id", "displayName", "displayColor", "displayIcon", "firstName", "lastName", "activeUsers", "watchers",
	"recentLocation", "updatedAt", "modifiedAt",
	"lastMessageIn", "lastMessageOut", "lastMessageAt", "lastMessageUnrespondedTo", "lastConversation",
	"conversationCounts", "progressiveStatus", "verified",
	"presence", "deleted", "sharedWhatsapps",
}

// label is what a mapping calls the field.
func (f *field) label() string {
	if f.called != "" {
		return f.called
	}
	return f.name
}

// fieldSet is what records of one kind have, in the order of the payload.
type fieldSet []field

func (s fieldSet) named(name string) *field {
	for i := range s {
		if s[i].label() == name {
			return &s[i]
		}
	}
	return nil
}

// memberNamed is the index of a member, -1 when there is none of this name.
func (f *field) memberNamed(name string) int {
	for i := range f.members {
		if f.members[i].name == name {
			return i
		}
	}
	return -1
}

// main is the index of the member that stands for an item, -1 when the field has none.
func (f *field) mainMember() int {
	for i := range f.members {
		if f.members[i].main {
			return i
		}
	}
	return -1
}

func (f *field) typeList() string { return strings.Join(f.types, ", ") }
