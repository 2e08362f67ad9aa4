package sandbox

import (
	"net/url"
	"strings"
	"time"
	"unicode"
)

// formats are the named forms of text. The exact expressions behind email-relaxed, phone-number, whatsapp-number and
// url are Kustomer's own and not published; phones follow the expression that the search endpoint documents,
// ^\+?[1-9]\d{1,14}$.
func formats() map[string]func([]byte) bool {
	return map[string]func([]byte) bool{
		"date-time":       isMoment,
		"email-relaxed":   isEmail,
		"phone-number":    isPhone,
		"whatsapp-number": isPhone,
		"uri":             isURI,
		"url":             isURL,
		"object-id":       isObjectID,
		"domain-name":     isDomain,
	}
}

func patterns() map[string]func([]byte) bool {
	return map[string]func([]byte) bool{"tag": isTag}
}

func isMoment(b []byte) bool {
	_, ok := moment(b)
	return ok
}

// moment reads an ISO 8601 date-time with a zone.
func moment(b []byte) (time.Time, bool) {
	// The package time also takes hours of one digit and fractions behind a comma.
	if len(b) < len("2006-01-02T15:04:05Z") || b[10] != 'T' || b[13] != ':' || b[19] == ',' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	return t, err == nil
}

// stamp is how the org writes a time: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func isEmail(b []byte) bool {
	s := string(b)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) &&
		!strings.ContainsAny(s[at+1:], "@,;<>()\"")
}

func isPhone(b []byte) bool {
	if len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) < 2 || len(b) > 15 || b[0] == '0' {
		return false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func isDomain(b []byte) bool {
	s := string(b)
	return strings.Contains(strings.Trim(s, "."), ".") && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

func isURI(b []byte) bool {
	s := string(b)
	if strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f ||
			strings.ContainsRune("<>\"{}|\\^`", r)
	}) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && len(s) > len(u.Scheme)+1
}

func isURL(b []byte) bool {
	if !isURI(b) {
		return false
	}
	u, _ := url.Parse(string(b))
	return (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "ftp") && u.Hostname() != ""
}

func isObjectID(b []byte) bool {
	for _, c := range b {
		if !isHex(c) {
			return false
		}
	}
	return len(b) == 24
}

// isTag is the documented expression of a tag: letters from À to ÿ among the Latin ones, and space but not in front.
func isTag(b []byte) bool {
	for i, r := range string(b) {
		letter := '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || 'À' <= r && r <= 'ÿ' ||
			strings.ContainsRune("_/<>-.", r)
		if !letter && (r != ' ' || i == 0) {
			return false
		}
	}
	return len(b) > 0
}
