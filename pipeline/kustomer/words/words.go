// Package words says which words of an org's answer may be passed on. An answer may repeat what was sent, so its texts
// are passed on word by word: only words that are known beforehand, names of attributes, and names the request itself
// used as keys. Everything else becomes Gap.
package words

import (
	"strings"
	"unicode"
)

const (
	longestText = 160 // characters of an answer's text that are looked at
	longestName = 64
	// Gap stands for words that are not passed on.
	Gap = "…"
)

// Known reports whether a word of an answer may be shown. Names are the request's own keys; nil for none.
func Known(word string, names map[string]bool) bool {
	return names[word] || isWord(strings.ToLower(word)) || isAttribute(word)
}

// Say is the text with every word that is not known replaced, and its punctuation dropped.
func Say(text string, names map[string]bool) string {
	var out []string
	for _, field := range strings.Fields(firstRunes(text, longestText)) {
		word := strings.TrimFunc(field, func(r rune) bool { return unicode.IsPunct(r) && r != '_' || unicode.IsSymbol(r) })
		switch {
		case word == "":
		case Known(word, names) || Placed(word, names):
			out = append(out, word)
		case len(out) == 0 || out[len(out)-1] != Gap:
			out = append(out, Gap)
		}
	}
	return strings.Join(out, " ")
}

// Placed reports whether a text is a path to a place whose every step may be shown: "/3/emails/0/email",
// "custom.fooStr", "emails[0].email", "/properties/custom/additionalProperties".
func Placed(text string, names map[string]bool) bool {
	named := false
	for _, step := range strings.FieldsFunc(text, IsStep) {
		if IsIndex(step) {
			continue
		}
		if len(step) > longestName || !Known(step, names) {
			return false
		}
		named = true
	}
	return named && !strings.ContainsFunc(text, func(r rune) bool {
		return !IsStep(r) && r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// IsStep says whether a character parts the steps of a path.
func IsStep(r rune) bool { return strings.ContainsRune("/.[]#$", r) }

// IsIndex says whether a step is a place in a list.
func IsIndex(s string) bool {
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// IsCode reports whether a text is an error code made of words known beforehand: "badparam", "not_found",
// "invalid-email".
func IsCode(text string) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '_' || r == '-' })
	for _, part := range parts {
		if !Known(part, nil) {
			return false
		}
	}
	return len(parts) > 0 && len(text) <= longestName
}

// KeysOf collects the object keys of a JSON text: strings that a colon follows.
func KeysOf(body []byte) map[string]bool {
	names := make(map[string]bool)
	start := -1
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '\\':
			i++
		case body[i] != '"':
		case start < 0:
			start = i + 1
		default:
			if n := i - start; n > 0 && n <= longestName && followedByColon(body[i+1:]) {
				names[string(body[start:i])] = true
			}
			start = -1
		}
	}
	return names
}

func followedByColon(b []byte) bool {
	for _, c := range b {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			return c == ':'
		}
	}
	return false
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// isAttribute reports whether a word is the name of a customer's attribute: a documented one
// (https://developer.kustomer.com/api/core-resources/create-customer), or a custom one by its suffix.
func isAttribute(word string) bool {
	switch word {
	case "name", "company", "externalId", "username", "signedUpAt", "lastActivityAt", "lastCustomerActivityAt",
		"lastSeenAt",
		"birthdayAt", "createdAt", "importedAt", "avatarUrl", "externalIds", "sharedExternalIds", "emails", "sharedEmails",
		"email", "phones", "sharedPhones", "phone", "whatsapps", "facebookIds", "instagramIds", "socials", "sharedSocials",
		"urls", "url", "locations", "locale", "timeZone", "defaultLang", "gender", "tags", "sentiment", "custom", "rev", "id",
		"ids", "_clientRef", "verified", "type", "pageId", "userId", "threadId", "instagramId", "userid", "address",
		"address2",
		"address3", "latitude", "longitude", "countryCode", "countryName", "regionCode", "regionName", "cityName", "zipCode",
		"areaCode", "polarity", "confidence":
		return true
	}
	if len(word) > longestName || word == "" || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	for _, r := range word {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	for _, suffix := range []string{"Str", "Txt", "Num", "Bool", "At", "Url", "Id", "Tree"} {
		if strings.HasSuffix(word, suffix) {
			return true
		}
	}
	return false
}

// isWord is the closed list: the words error texts are made of, and the limits they quote.
func isWord(word string) bool {
	switch word {
	case "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "not", "no", "is",
		"are",
		"be", "been", "was", "has", "have", "had", "must", "should", "can", "cannot", "could", "may", "does", "did", "this",
		"that", "it", "its", "than", "but", "only", "one", "more", "less", "least", "most", "all", "any", "same", "other",
		"another", "already", "again", "too", "many", "few", "long", "short", "large", "small", "greater",
		"accepted", "access", "active", "additional", "additionalproperties", "allof", "allowed", "anyof", "api", "array",
		"associated", "attribute", "attributes", "auth", "authentication", "authorization", "authorized", "available", "bad",
		"badparam", "batch", "being", "body", "boolean", "bulk", "character", "characters", "clash", "client", "code",
		"concurrent", "conflict", "contain", "contains", "content", "create", "created", "credentials", "customer",
		"customers", "data", "date", "date-time", "deactivated", "defined", "delete", "deleted", "denied", "detected",
		"duplicate", "duplicated", "empty", "entity", "enum", "err", "error", "errors", "exceed", "exceeded", "exceeds",
		"exist",
		"existing", "exists", "expected", "expired", "failed", "failure", "field", "fields", "forbidden", "format", "found",
		"gateway", "greaterthan", "handled", "http", "identifier", "inactive", "insufficient", "integer", "internal",
		"invalid", "item", "items", "json", "key", "klass", "length", "limit", "lock", "malformed", "match", "matches",
		"maximum", "maxitems", "maxlength", "maxproperties", "message", "metadata", "method", "minimum", "minitems",
		"minlength", "missing", "multipleof", "notfound", "null", "number", "object", "oneof", "optimistic", "org",
		"organization", "param", "parameter", "parameters", "parse", "pattern", "payload", "payment", "permission",
		"permissions", "please", "pod", "prod", "prod1", "prod2", "prod3", "prod4", "properties", "property", "provided",
		"quota", "rate", "ratelimit", "read-only", "record", "references", "region", "rejected", "request", "requested",
		"requests", "required", "resource", "results", "retry", "revision", "role", "roles", "schema", "server", "service",
		"stale", "status", "string", "supported", "syntax", "taken", "temporarily", "timed", "timeout", "token", "tokens",
		"try", "type", "unauthorized", "unavailable", "unexpected", "unique", "uniqueitems", "uniqueness", "unknown",
		"unprocessable", "unsupported", "update", "updated", "upstream", "use", "used", "user", "valid", "validation",
		"value", "values", "version", "violation", "write", "wrong",
		"1", "2", "10", "20", "64", "100", "128", "255", "256", "1024":
		return true
	}
	return false
}
