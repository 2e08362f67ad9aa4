package sandbox

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Switch is a field of Switches by the name that people give it.
type Switch struct {
	Name    string
	Unknown string // the open questions it answers, such as "U8", with spaces between; "" none of those
	Meaning string // what is so when it is set, in one line
	field   string
}

// NamedSwitches are all fields of Switches, in their order.
func NamedSwitches() []Switch {
	return []Switch{
		{"schema-errors-per-item", "U1", "a schema violation in a bulk item fails that item only", "SchemaErrorsPerItem"},
		{"batches-shape", "U2", "results of a job: flat or bare", "BatchesShape"},
		{"batches-page-size", "U2", "batches on a page of results", "BatchesPageSize"},
		{"batch-size", "U2", "items of a batch of a job (50)", "BatchSize"},
		{"body-limit", "U3", "bytes a request's body may have (100000)", "BodyLimit"},
		{"duplicate-status", "U4", "status of a write refused for a taken identity (409)", "DuplicateStatus"},
		{"resent-is-same-job", "U5", "the same bulk request again gives the same job", "ResentIsSameJob"},
		{"reset-format", "U6", "x-ratelimit-reset: ms, delta or absent", "ResetFormat"},
		{"reset-always", "U6", "x-ratelimit-reset on every answer", "ResetAlways"},
		{"retry-after", "U6", "Retry-After on 429", "RetryAfter"},
		{"object-updates-per-minute", "U7", "updates of one customer, company or conversation in a minute (600)",
			"ObjectUpdatesPerMinute"},
		{"company-kept", "U8", "an update without company leaves it", "CompanyKept"},
		{"arrays-united", "U9", "a list in an update is united with the stored one", "ArraysUnited"},
		{"custom-replaced", "U9", "custom in an update replaces the stored one", "CustomReplaced"},
		{"imported-at-is-silent", "U10 U27", "importedAt keeps workflows from firing", "ImportedAtIsSilent"},
		{"created-at-ignored", "U11", "createdAt and importedAt are ignored without org.admin", "CreatedAtIgnored"},
		{"identities-exact", "U12", "identities differ when their bytes differ", "IdentitiesExact"},
		{"shared-unique", "U13", "values of shared lists must be unique, too", "SharedUnique"},
		{"job-retention", "U14", "how long a finished job is known, such as 10m", "JobRetention"},
		{"failed-state", "U15", "a job none of whose items succeeded ends as failed", "FailedState"},
		{"enumerations-open", "U16", "values outside an attribute's choices are taken", "EnumerationsOpen"},
		{"put-replaces", "U17", "PUT without ?replace= replaces", "PutReplaces"},
		{"mirror-checked", "U18", "an externalId of 256 characters is refused", "MirrorChecked"},
		{"known-tags", "U19 U41", "the only tags taken, with + between them", "KnownTags"},
		{"tag-names-on-read", "U19", "tags read back as names", "TagNamesOnRead"},
		{"unknown-tags-dropped", "U41", "tags that are not among the known are dropped", "UnknownTagsDropped"},
		{"tag-ids-are-names", "U41", "an id among tags is the name of a tag", "TagIDsAreNames"},
		{"bulk-update-full", "U20", "bulk PUT honours whatsapps and instagramIds", "BulkUpdateFull"},
		{"bulk-update-closed", "U20", "bulk PUT refuses unknown fields", "BulkUpdateClosed"},
		{"delete-reserves", "U21", "identities of a deleted customer stay taken", "DeleteReserves"},
		{"inbound-reopens", "U22", "an inbound message opens a conversation that is done: ifNotImported or no",
			"InboundReopens"},
		{"company-external-id-shared", "U23", "several companies may have one externalId", "CompanyExternalIDShared"},
		{"conversation-external-id-unique", "U23", "a second conversation with an externalId is refused",
			"ConversationExternalIDUnique"},
		{"external-id-unique", "U23", "no two messages, notes or KObjects have one externalId", "ExternalIDUnique"},
		{"message-authors", "U25", "createdBy of messages and notes: any or ignored", "MessageAuthors"},
		{"message-lookup", "U28", "how a message is looked up: lower (externalid=) or none", "MessageLookup"},
		{"note-import-exempt", "U30", "importedAt exempts notes from the limit on creation", "NoteImportExempt"},
		{"attachment-bytes", "U31", "how large an attachment may be", "AttachmentBytes"},
		{"attachment-extensions-open", "U31", "every extension is taken for attachments", "AttachmentExtensionsOpen"},
		{"attachment-refs", "U31", "an attachment that was not uploaded: accept", "AttachmentRefs"},
		{"attachment-reuse", "U31", "an attachment may stand in several messages and notes", "AttachmentReuse"},
		{"counters-lag", "U35", "how long a conversation's counters are behind, such as 30s", "CountersLag"},
		{"conversation-delete-leaves", "U36", "messages and notes stay when their conversation is deleted",
			"ConversationDeleteLeaves"},
		{"kobject-client-ref", "U44", "bulk requests of KObjects take _clientRef", "KObjectClientRef"},
		{"klass-pages", "U46", "lists of KObjects have pages", "KlassPages"},
		{"conversation-needed", "U49", "a message without conversation is refused", "ConversationNeeded"},
		{"customer-mismatch", "U50", "a message of another customer than its conversation's: conversation or accept",
			"CustomerMismatch"},
		{"client-ids", "U24", "id in a new conversation: reject or honour", "ClientIDs"},
		{"conversation-dates-ignored", "U26", "createdAt of a conversation is ignored without org.admin",
			"ConversationDatesIgnored"},
		{"counts-lag", "U35", "how long conversationCounts are behind, such as 30s", "CountsLag"},
		{"company-delete-reserves", "U36", "what a deleted company has stays taken", "CompanyDeleteReserves"},
		{"company-delete-unlinks", "U36", "a deleted company is taken from its customers", "CompanyDeleteUnlinks"},
		{"company-filter", "U37", "?filter= of companies looks for: exact or substring", "CompanyFilter"},
		{"company-filter-cased", "U37", "?filter= of companies tells capitals apart", "CompanyFilterCased"},
		{"company-unique", "U38", "what no two companies may share: domains, emails or phones", "CompanyUnique"},
		{"required-attributes", "U40", "a customer without a required attribute is refused", "RequiredAttributes"},
		{"done-at-creation", "U43", "a conversation made done was done when it was begun", "DoneAtCreation"},
		{"list-pages", "U46", "pages of a list of customers or companies", "ListPages"},
		{"conversation-patch", "U48", "PATCH of a conversation takes only: json-patch or json", "ConversationPatch"},
		{"most-attributes", "U51", "attributes that a Klass may have", "MostAttributes"},
		{"satisfaction-honoured", "U52", "satisfactionLevel of a conversation is kept", "SatisfactionHonoured"},
		{"missing-role-is-401", "", "a missing role is answered 401", "MissingRoleIs401"},
		{"missing-id-per-item", "", "a bulk PUT item without id fails alone", "MissingIDPerItem"},
		{"submit-status", "", "status of a job on submission: running or complete", "SubmitStatus"},
		{"error-shape", "", "error bodies: portal, jsonapi or nested", "ErrorShape"},
		{"errors-echo-values", "", "error titles quote the refused value", "ErrorsEchoValues"},
		{"no-payload-echo", "", "job documents come without the payload", "NoPayloadEcho"},
		{"search-lag", "", "how long the search is behind writes (1m)", "SearchLag"},
		{"searches-per-minute", "", "searches in a minute (100)", "SearchesPerMinute"},
	}
}

// Gap is an open question about things that the sandbox does not hold.
type Gap struct{ Unknown, About string }

// Unheld are the open questions that no switch answers, because the sandbox does not hold what they are about.
func Unheld() []Gap {
	return []Gap{
		{"U29", "notes of no conversation"}, {"U32", "texts of messages that are too long"}, {"U33", "HTML in messages"},
		{"U34", "the order of messages"},
		{"U39", "KObjects that move to another customer"}, {"U42", "users that are deactivated"},
		{"U45", "what a bulk request of companies costs"}, {"U47", "merges"},
	}
}

// Set puts the switch of a name into a position. "" is the position of a switch that is only on or off: on.
// Errors: no such switch, no such position.
func (w *Switches) Set(name, position string) error {
	for _, one := range NamedSwitches() {
		if one.Name == name {
			if err := set(reflect.ValueOf(w).Elem().FieldByName(one.field), position); err != nil {
				return fmt.Errorf("switch %s: %w", name, err)
			}
			return w.check()
		}
	}
	return fmt.Errorf("no switch is called %q", name)
}

func set(field reflect.Value, position string) error {
	switch field.Interface().(type) {
	case bool:
		if position == "" {
			position = "true"
		}
		on, err := strconv.ParseBool(position)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", position)
		}
		field.SetBool(on)
	case int:
		n, err := strconv.Atoi(position)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", position)
		}
		field.SetInt(int64(n))
	case time.Duration:
		d, err := time.ParseDuration(position)
		if err != nil {
			return fmt.Errorf("%q is not a time such as 30s", position)
		}
		field.SetInt(int64(d))
	case []string:
		field.Set(reflect.ValueOf(strings.Split(position, "+")))
	default:
		field.SetString(position)
	}
	return nil
}
