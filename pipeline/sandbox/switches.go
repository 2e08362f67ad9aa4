package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Switches are the open questions of the public documentation. The zero value is the more plausible answer to each;
// a client must get along with both.
type Switches struct {
	// U1: a schema violation in a bulk item fails that item; default: the whole request with 400
	SchemaErrorsPerItem bool
	// U2: "" data[] with attributes; "flat" data[] without attributes; "bare" an array
	BatchesShape    string
	BatchesPageSize int // U2: batches per page of /batches, with links.next; 0: all on one page
	BatchSize       int // U2: items per batch of a job; 0: 50
	BodyLimit       int // U3: bytes of a request body before 413; 0: 100,000; below 0: none
	DuplicateStatus int // U4: HTTP status of a single write refused for a duplicate identity; 0: 409
	// U5: a bulk request with the bytes of one accepted in the last minute gives that job again
	ResentIsSameJob bool
	// U6: x-ratelimit-reset: "" epoch seconds; "ms" epoch milliseconds; "delta" seconds; "absent"
	ResetFormat string
	ResetAlways bool // U6: x-ratelimit-reset on every answer; default: only on 429
	RetryAfter  bool // U6: Retry-After in seconds on 429
	// U7: updates of one customer, company or conversation by one key in 60 s; 0: 600; below 0: no limit
	ObjectUpdatesPerMinute int
	CompanyKept            bool // U8: an update without company leaves it; default: un-links it
	ArraysUnited           bool // U9: a list in an update is united with the stored one; default: replaces it
	CustomReplaced         bool // U9: custom in an update replaces the stored one; default: merges by attribute
	ImportedAtIsSilent     bool // U10: importedAt keeps workflows from firing (see Server.Workflows)
	CreatedAtIgnored       bool // U11: createdAt and importedAt are ignored without the role org.admin
	// U12: identities differ when their bytes differ; default: emails by folded case, phones by digits
	IdentitiesExact  bool
	SharedUnique     bool          // U13: values of the shared lists must be unique across the org too
	JobRetention     time.Duration // U14: jobs are 404 this long after they were finished; 0: kept
	FailedState      bool          // U15: a job none of whose items succeeded ends as "failed"; default: "complete"
	EnumerationsOpen bool          // U16: values outside an attribute's enumeration are taken
	PutReplaces      bool          // U17: PUT without ?replace= replaces; default: merges
	MirrorChecked    bool          // U18: an externalId of 256 characters is refused because its mirror may have 255
	KnownTags        []string      // U19: the only tag names taken; nil: unknown names are made
	TagNamesOnRead   bool          // U19: tags read back as names; default: as ids of 24 hex digits
	// U41: a name that is not among KnownTags is dropped silently; default: refused, or made without KnownTags
	UnknownTagsDropped bool
	TagIDsAreNames     bool // U41: an id in tags is the name of a tag; default: the tag of that id
	BulkUpdateFull     bool // U20: bulk PUT honours whatsapps and instagramIds; default: drops them silently
	BulkUpdateClosed   bool // U20: bulk PUT refuses unknown fields; default: drops them silently
	DeleteReserves     bool // U21: identities of a deleted customer stay taken; default: they are free again

	// U22: an inbound message opens a conversation that is done: "" yes; "ifNotImported" unless it is imported; "no"
	InboundReopens               string
	CompanyExternalIDShared      bool // U23: several companies may have one externalId; default: refused with 409
	ConversationExternalIDUnique bool // U23: a second conversation with an externalId is refused; default: taken
	// U23: no two messages, notes or KObjects of a Klass have one externalId; default: they may
	ExternalIDUnique bool
	// U25: createdBy of a message or note: "" a user's id; "any" id; "ignored" where there is no such user
	MessageAuthors string
	// U28: a message is looked up at: "" externalId=VALUE; "lower" externalid=VALUE; "none"
	MessageLookup string
	// U30: importedAt exempts notes from the limit on creation; default: it does not
	NoteImportExempt bool
	AttachmentBytes  int // U31: how large an attachment may be; 0: no limit
	// U31: the extensions that the knowledge base refuses are taken for attachments; default: refused
	AttachmentExtensionsOpen bool
	// U31: an attachment that was not uploaded, in a message or note: "" refused; "accept"
	AttachmentRefs string
	// U31: an attachment may stand in several messages and notes; default: in one
	AttachmentReuse bool
	CountersLag     time.Duration // U35: how long a conversation's counters are behind; 0: not at all
	// U36: messages and notes stay when their conversation is deleted; default: they go with it
	ConversationDeleteLeaves bool
	KObjectClientRef         bool // U44: bulk requests of KObjects take _clientRef; default: refuse it
	KlassPages               bool // U46: lists of KObjects have pages; default: none, all at once
	ConversationNeeded       bool // U49: a message without conversation is refused; default: it begins one
	// U50: a message of another customer than its conversation's: "" refused; "conversation" it is the conversation's;
	// "accept"
	CustomerMismatch string
	// U24: id in a new conversation: "" ignored; "reject" 400; "honour" it is the id
	ClientIDs                string
	ConversationDatesIgnored bool          // U26: createdAt of a conversation is ignored without the role org.admin
	CountsLag                time.Duration // U35: how long a customer's conversationCounts are behind; 0: not at all
	CompanyDeleteReserves    bool          // U36: what a deleted company has stays taken; default: it is free again
	// U36: a deleted company is taken from its customers; default: they keep its id
	CompanyDeleteUnlinks bool
	// U37: ?filter= of companies: "" the beginning of the name; "exact"; "substring"
	CompanyFilter      string
	CompanyFilterCased bool // U37: it tells capitals apart
	// U38: what no two companies may share beside externalId: "" nothing; "domains", "emails", "phones"
	CompanyUnique string
	// U40: a customer without a required attribute is refused; default: the API does not mind
	RequiredAttributes bool
	DoneAtCreation     bool   // U43: a conversation made done was done when it was begun; default: now
	ListPages          int    // U46: pages of a list of customers or companies; 0: no limit
	ConversationPatch  string // U48: PATCH of a conversation takes: "" both types; "json-patch"; "json"
	MostAttributes     int    // U51: attributes that a Klass may have; 0: no limit
	// U52: satisfactionLevel of a conversation is kept; default: dropped silently
	SatisfactionHonoured bool

	MissingRoleIs401 bool   // the older answer to a missing role; default: 403
	MissingIDPerItem bool   // a bulk PUT item without id fails alone; default: the whole request with 400
	SubmitStatus     string // the status a job is answered with on submission: "" queued; "running"; "complete"
	// error bodies: "" status, code, title, source.parameter; "portal" code, message; "jsonapi" status as text,
	// source.pointer; "nested" meta.subErrors
	ErrorShape        string
	ErrorsEchoValues  bool          // error titles quote the refused value, as some validators do
	NoPayloadEcho     bool          // job documents come without the submitted payload
	SearchLag         time.Duration // how long the search index is behind writes; 0: one minute; below 0: not at all
	SearchesPerMinute int           // searches in 60 s; 0: 100; below 0: no limit
}

// check returns all switches that stand in a position they do not have.
func (w Switches) check() error {
	var wrong []error
	for _, one := range []struct {
		name, position string
		positions      []string
	}{
		{"BatchesShape", w.BatchesShape, []string{"", "flat", "bare"}},
		{"ResetFormat", w.ResetFormat, []string{"", "ms", "delta", "absent"}},
		{"SubmitStatus", w.SubmitStatus, []string{"", "queued", "running", "complete"}},
		{"ErrorShape", w.ErrorShape, []string{"", "portal", "jsonapi", "nested"}},
		{"ClientIDs", w.ClientIDs, []string{"", "reject", "honour"}},
		{"CompanyFilter", w.CompanyFilter, []string{"", "exact", "substring"}},
		{"CompanyUnique", w.CompanyUnique, []string{"", "domains", "emails", "phones"}},
		{"InboundReopens", w.InboundReopens, []string{"", "ifNotImported", "no"}},
		{"MessageAuthors", w.MessageAuthors, []string{"", "any", "ignored"}},
		{"MessageLookup", w.MessageLookup, []string{"", "lower", "none"}},
		{"AttachmentRefs", w.AttachmentRefs, []string{"", "accept"}},
		{"CustomerMismatch", w.CustomerMismatch, []string{"", "conversation", "accept"}},
		{"ConversationPatch", w.ConversationPatch, []string{"", "json-patch", "json"}},
	} {
		if !slices.Contains(one.positions, one.position) {
			wrong = append(wrong, fmt.Errorf("switch %s: no position %q, only %q", one.name, one.position, one.positions))
		}
	}
	if w.DuplicateStatus != 0 && (w.DuplicateStatus < 400 || w.DuplicateStatus > 499) {
		wrong = append(wrong, fmt.Errorf("switch DuplicateStatus: %d is not from 400 to 499", w.DuplicateStatus))
	}
	for name, n := range map[string]int{"BatchSize": w.BatchSize, "BatchesPageSize": w.BatchesPageSize,
		"ListPages": w.ListPages, "MostAttributes": w.MostAttributes} {
		if n < 0 {
			wrong = append(wrong, fmt.Errorf("switch %s: below 0", name))
		}
	}
	return errors.Join(wrong...)
}
