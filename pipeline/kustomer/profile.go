package kustomer

import (
	"encoding/json"
	"time"
)

// Profile is a customer with every attribute and relationship that the documentation names, typed
// (https://developer.kustomer.com/api/core-resources/create-customer). The zero value of a field is one the org did not
// answer with.
type Profile struct {
	ID   string `json:"id"`
	Type string `json:"type,omitempty"` // "customer"

	Name         string `json:"name,omitempty"`
	DisplayName  string `json:"displayName,omitempty"`
	FirstName    string `json:"firstName,omitempty"`
	LastName     string `json:"lastName,omitempty"`
	DisplayColor string `json:"displayColor,omitempty"`
	DisplayIcon  string `json:"displayIcon,omitempty"`
	Username     string `json:"username,omitempty"`
	AvatarURL    string `json:"avatarUrl,omitempty"`
	Gender       string `json:"gender,omitempty"`
	Company      string `json:"company,omitempty"` // id of the company it is linked to
	CompanyName  string `json:"companyName,omitempty"`

	ExternalID        string        `json:"externalId,omitempty"`
	ExternalIDs       []ExternalID  `json:"externalIds,omitempty"`
	SharedExternalIDs []ExternalID  `json:"sharedExternalIds,omitempty"`
	Emails            []Email       `json:"emails,omitempty"`
	SharedEmails      []Email       `json:"sharedEmails,omitempty"`
	Phones            []Phone       `json:"phones,omitempty"`
	SharedPhones      []Phone       `json:"sharedPhones,omitempty"`
	Whatsapps         []Phone       `json:"whatsapps,omitempty"` // their numbers without the prefix that a read has
	SharedWhatsapps   []Phone       `json:"sharedWhatsapps,omitempty"`
	FacebookIDs       []FacebookID  `json:"facebookIds,omitempty"`
	InstagramIDs      []InstagramID `json:"instagramIds,omitempty"`
	Socials           []Social      `json:"socials,omitempty"`
	SharedSocials     []Social      `json:"sharedSocials,omitempty"`
	URLs              []URL         `json:"urls,omitempty"`
	Locations         []Location    `json:"locations,omitempty"`
	Tags              []string      `json:"tags,omitempty"` // names, or ids of 24 hex digits
	Sentiment         Sentiment     `json:"sentiment,omitzero"`
	Locale            string        `json:"locale,omitempty"`
	TimeZone          string        `json:"timeZone,omitempty"`
	DefaultLang       string        `json:"defaultLang,omitempty"`

	BirthdayAt             time.Time `json:"birthdayAt,omitzero"`
	SignedUpAt             time.Time `json:"signedUpAt,omitzero"`
	LastSeenAt             time.Time `json:"lastSeenAt,omitzero"`
	LastActivityAt         time.Time `json:"lastActivityAt,omitzero"`
	LastCustomerActivityAt time.Time `json:"lastCustomerActivityAt,omitzero"`
	LastMessageAt          time.Time `json:"lastMessageAt,omitzero"`
	CreatedAt              time.Time `json:"createdAt,omitzero"`
	UpdatedAt              time.Time `json:"updatedAt,omitzero"`
	ModifiedAt             time.Time `json:"modifiedAt,omitzero"`
	ImportedAt             time.Time `json:"importedAt,omitzero"`

	Custom map[string]json.RawMessage `json:"custom,omitempty"`

	ActiveUsers        []string         `json:"activeUsers,omitempty"`
	Watchers           []string         `json:"watchers,omitempty"`
	RecentLocation     RecentLocation   `json:"recentLocation,omitzero"`
	LastConversation   LastConversation `json:"lastConversation,omitzero"`
	ConversationCounts *Counts          `json:"conversationCounts,omitempty"`
	ProgressiveStatus  string           `json:"progressiveStatus,omitempty"`
	Presence           string           `json:"presence,omitempty"`
	Verified           bool             `json:"verified"`
	Deleted            bool             `json:"deleted,omitempty"`
	Rev                int64            `json:"rev,omitempty"`

	Relationships map[string]Relation `json:"relationships,omitempty"` // org, messages, createdBy, modifiedBy, company, …
	Self          string              `json:"self,omitempty"`          // links.self

	// Other are the attributes that no field has, and those of another form than documented, as they came.
	Other map[string]json.RawMessage `json:"other,omitempty"`
}

// ExternalID is an id of the customer in another system.
type ExternalID struct {
	ExternalID string `json:"externalId" main:"true"`
	Verified   bool   `json:"verified"`
	ID         string `json:"id,omitempty"`
}

// Email is an e-mail address of a customer.
type Email struct {
	Email    string `json:"email" main:"true"`
	Type     string `json:"type,omitempty"`
	Verified bool   `json:"verified"`
	ID       string `json:"id,omitempty"`
}

// Phone is a phone number of a customer.
type Phone struct {
	Phone    string `json:"phone" main:"true"`
	Type     string `json:"type,omitempty"`
	Verified bool   `json:"verified"`
	ID       string `json:"id,omitempty"`
}

// FacebookID is the customer on a Facebook page.
type FacebookID struct {
	PageID string `json:"pageId"`
	UserID string `json:"userId" main:"true"`
	Name   string `json:"name,omitempty"`
	ID     string `json:"id,omitempty"`
}

// InstagramID is the customer on an Instagram page.
type InstagramID struct {
	PageID      string `json:"pageId"`
	ThreadID    string `json:"threadId"`
	Username    string `json:"username" main:"true"`
	InstagramID string `json:"instagramId,omitempty"`
	ID          string `json:"id,omitempty"`
}

// Social is an account in a social network.
type Social struct {
	Type     string `json:"type"`
	Username string `json:"username" main:"true"`
	UserID   string `json:"userid,omitempty"`
	URL      string `json:"url,omitempty"`
	Verified bool   `json:"verified"`
	ID       string `json:"id,omitempty"`
}

// URL is a web page of a customer.
type URL struct {
	URL  string `json:"url" main:"true"`
	Type string `json:"type,omitempty"`
	ID   string `json:"id,omitempty"`
}

// Location is an address of a customer.
type Location struct {
	Type        string   `json:"type,omitempty"`
	Name        string   `json:"name,omitempty"`
	Address     string   `json:"address,omitempty" main:"true"`
	Address2    string   `json:"address2,omitempty"`
	Address3    string   `json:"address3,omitempty"`
	Latitude    *float64 `json:"latitude,omitempty"`
	Longitude   *float64 `json:"longitude,omitempty"`
	CountryCode string   `json:"countryCode,omitempty"`
	CountryName string   `json:"countryName,omitempty"`
	RegionCode  string   `json:"regionCode,omitempty"`
	RegionName  string   `json:"regionName,omitempty"`
	CityName    string   `json:"cityName,omitempty"`
	ZipCode     string   `json:"zipCode,omitempty"`
	AreaCode    string   `json:"areaCode,omitempty"`
	ID          string   `json:"id,omitempty"`
}

// Sentiment is how the customer feels: polarity -1, 0 or 1, confidence from -1 to 1.
type Sentiment struct {
	Polarity   *float64 `json:"polarity,omitempty"`
	Confidence *float64 `json:"confidence,omitempty"`
}

// RecentLocation is where the customer was of late.
type RecentLocation struct {
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
}

// LastConversation is what a customer's answer says of the last conversation.
type LastConversation struct {
	Tags []string `json:"tags,omitempty"`
}

// Counts are numbers of conversations by their state.
type Counts struct {
	All     int64 `json:"all"`
	Open    int64 `json:"open"`
	Snoozed int64 `json:"snoozed"`
	Done    int64 `json:"done"`
}

// Relation is where a relationship leads.
type Relation struct {
	Type string `json:"type,omitempty"`
	ID   string `json:"id,omitempty"`
	Self string `json:"self,omitempty"` // its link
}
