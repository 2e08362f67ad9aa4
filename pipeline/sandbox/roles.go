package sandbox

import "slices"

// The roles by their current names. Legacy names that grant the same stand in granting.
const (
	roleCustomerCreate     = "org.permission.customer.create"
	roleCustomerRead       = "org.permission.customer.read"
	roleCustomerUpdate     = "org.permission.customer.update"
	roleCustomerDelete     = "org.permission.customer.delete"
	roleBulkRead           = "org.permission.bulk.read"
	roleMetadataRead       = "org.permission.metadata.read"
	roleMetadataUpdate     = "org.permission.metadata.update"
	roleCompanyCreate      = "org.permission.company.create"
	roleCompanyRead        = "org.permission.company.read"
	roleCompanyUpdate      = "org.permission.company.update"
	roleConversationCreate = "org.permission.conversation.create"
	roleConversationRead   = "org.permission.conversation.read"
	roleConversationUpdate = "org.permission.conversation.update"
	roleConversationDelete = "org.permission.conversation.delete"
	roleMessageCreate      = "org.permission.message.create"
	roleMessageRead        = "org.permission.message.read"
	roleMessageUpdate      = "org.permission.message.update"
	roleNoteCreate         = "org.permission.note.create"
	roleNoteRead           = "org.permission.note.read"
	roleNoteUpdate         = "org.permission.note.update"
	roleNoteDelete         = "org.permission.note.delete"
	roleAttachmentRead     = "org.permission.attachment.read"
	roleKObjectCreate      = "org.permission.kobject.create"
	roleKObjectRead        = "org.permission.kobject.read"
	roleKObjectUpdate      = "org.permission.kobject.update"
	roleKObjectDelete      = "org.permission.kobject.delete"
	roleKlassCreate        = "org.permission.klass.create"
	roleKlassRead          = "org.permission.klass.read"
	roleUserRead           = "org.permission.user.read"
	roleTeamRead           = "org.permission.team.read"
	roleTagRead            = "org.permission.tag.read"
	roleWorkflowRead       = "org.permission.workflow.read"
	roleWebhookRead        = "org.permission.outbound_webhook.read"
	roleSearchCreate       = "org.permission.search.create"
	roleAdmin              = "org.admin"
)

// Roles are all roles the org asks for, by their current names: what a key needs to do everything.
func Roles() []string {
	return []string{
		roleCustomerCreate, roleCustomerRead, roleCustomerUpdate, roleCustomerDelete, roleBulkRead,
		roleMetadataRead, roleMetadataUpdate, roleCompanyCreate, roleCompanyRead, roleCompanyUpdate, roleSearchCreate,
		roleConversationCreate, roleConversationRead, roleConversationUpdate, roleTagRead,
		roleConversationDelete, roleMessageCreate, roleMessageRead, roleMessageUpdate, roleNoteCreate, roleNoteRead,
		roleNoteUpdate, roleNoteDelete,
		roleAttachmentRead, roleKObjectCreate, roleKObjectRead, roleKObjectUpdate, roleKObjectDelete, roleKlassCreate,
		roleKlassRead,
		roleUserRead, roleTeamRead, roleWorkflowRead, roleWebhookRead,
	}
}

// IsRole reports whether a key with a role may do something here: one of Roles, an older one that grants the same, or
// org.admin, whose dates are honoured.
func IsRole(role string) bool {
	return role == roleAdmin || slices.ContainsFunc(Roles(),
		func(one string) bool { return slices.Contains(granting(one), role) })
}

// granting are the roles any one of which grants what role does: itself and its older names
// (https://developer.kustomer.com/docs/get-started/api-keys-and-roles).
func granting(role string) []string {
	older := map[string][]string{
		roleCustomerCreate:     {"org.user.customer.write"},
		roleCustomerRead:       {"org.user.customer.read"},
		roleCustomerUpdate:     {"org.user.customer.write"},
		roleCustomerDelete:     {"org.user.customer.delete"},
		roleBulkRead:           {"org.user.bulk.read"},
		roleMetadataRead:       {"org.user.metadata.read"},
		roleMetadataUpdate:     {"org.admin.metadata.write"},
		roleCompanyCreate:      {"org.user.company.write"},
		roleCompanyRead:        {"org.user.company.read"},
		roleCompanyUpdate:      {"org.user.company.write"},
		roleConversationCreate: {"org.user.conversation.write"},
		roleConversationRead:   {"org.user.conversation.read"},
		roleConversationUpdate: {"org.user.conversation.write"},
		roleConversationDelete: {"org.user.conversation.delete"},
		roleMessageCreate:      {"org.user.message.write"},
		roleMessageRead:        {"org.user.message.read"},
		roleMessageUpdate:      {"org.user.message.write"},
		roleNoteCreate:         {"org.user.note.write"},
		roleNoteRead:           {"org.user.note.read"},
		roleNoteUpdate:         {"org.user.note.write"},
		roleNoteDelete:         {"org.user.note.write"},
		roleAttachmentRead:     {"org.user.attachment.read"},
		roleKObjectCreate:      {"org.user.kobject.write"},
		roleKObjectRead:        {"org.user.kobject.read"},
		roleKObjectUpdate:      {"org.user.kobject.write"},
		roleKObjectDelete:      {"org.user.kobject.delete"},
		roleKlassCreate:        {"org.admin.klass.write"},
		roleKlassRead:          {"org.user.klass.read"},
		roleUserRead:           {"org.user.user.read"},
		roleTeamRead:           {"org.user.team.read"},
		roleWorkflowRead:       {"org.admin.workflow.read"},
		roleWebhookRead:        {"org.outbound_webhooks", "org.admin.outbound_webhooks"},
		roleSearchCreate: {
			"org.permission.search.update", "org.permission.search_global.create", "org.permission.search_preview.create",
			"org.user.search.read", "org.admin.search.read",
		},
	}
	return append([]string{role}, older[role]...)
}
