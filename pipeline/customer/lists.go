package customer

import (
	"maps"
	"slices"
	"strings"
)

// listFields are the lists of a customer: the field that tells one item from another, and the
// fields that may be written back. What a read adds to items (an id) is refused by a write.
var listFields = map[string]struct {
	key      string
	writable string
}{
	"emails":            {"email", "email type verified"},
	"sharedEmails":      {"email", "email type verified"},
	"phones":            {"phone", "phone type verified"},
	"sharedPhones":      {"phone", "phone type verified"},
	"whatsapps":         {"phone", "phone type verified"},
	"externalIds":       {"externalId", "externalId verified"},
	"sharedExternalIds": {"externalId", "externalId verified"},
	"facebookIds":       {"userId", "pageId userId name"},
	"instagramIds":      {"instagramId", "pageId threadId username instagramId"},
	"socials":           {"username", "type username userid url verified"},
	"sharedSocials":     {"username", "type username userid url verified"},
	"urls":              {"url", "url type"},
	"locations": {"type", "type name address address2 address3 latitude longitude countryCode countryName " +
		"regionCode regionName cityName zipCode areaCode"},
}

// maxListItems is Kustomer's limit for the items of a list (its OpenAPI document, Core Resources 1.0).
const maxListItems = 10

// maxTags is Kustomer's limit for tags (its OpenAPI document, Core Resources 1.0).
const maxTags = 20

// writableFields are a customer's attributes that may be written back (Kustomer's OpenAPI document, Core
// Resources 1.0); those that only a new customer is given are not among them.
func writableFields() []string {
	fields := strings.Fields("name company externalId username signedUpAt lastActivityAt lastCustomerActivityAt lastSeenAt " +
		"birthdayAt avatarUrl locale timeZone defaultLang gender tags sentiment custom importedAt")
	return slices.AppendSeq(fields, maps.Keys(listFields))
}

func writable(item object, fields string) object {
	kept := object{}
	for _, name := range strings.Fields(fields) {
		if value, ok := item[name]; ok && !IsNull(value) {
			kept[name] = value
		}
	}
	return kept
}

// sameItem compares items by what tells them apart; socials also by their network.
func sameItem(field, key string, a, b object) bool {
	if (field == "socials" || field == "sharedSocials") && !Same(a["type"], b["type"]) {
		return false
	}
	return a[key] != nil && Same(a[key], b[key])
}

// sameEntry says whether two entries of a list are the same one: the field that tells them apart is
// the same; of places, which have none that is always there, everything that was sent.
func sameEntry(field, key string, sent, have object) bool {
	if field == "locations" {
		for name, value := range sent {
			if !matches(name, value, have[name]) {
				return false
			}
		}
		return true
	}
	if (field == "socials" || field == "sharedSocials") && !Same(sent["type"], have["type"]) {
		return false
	}
	return matches(key, sent[key], have[key])
}
