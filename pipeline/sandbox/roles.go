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
	roleTagRead            = "org.permission.tag.read"
	roleSearchCreate       = "org.permission.search.create"
	roleAdmin              = "org.admin"
)

// Roles are all roles the org asks for, by their current names: what a key needs to do everything.
func Roles() []string {
	return []string{
		roleCustomerCreate, roleCustomerRead, roleCustomerUpdate, roleCustomerDelete, roleBulkRead,
		roleMetadataRead, roleMetadataUpdate, roleCompanyCreate, roleCompanyRead, roleCompanyUpdate, roleSearchCreate,
		roleConversationCreate, roleConversationRead, roleConversationUpdate, roleTagRead,
	}
}

// IsRole reports whether a key with a role may do something here: one of Roles, an older one that grants the same, or org.admin, whose
// dates are honoured.
func IsRole(role string) bool {
	return role == roleAdmin || slices.ContainsFunc(Roles(), func(one string) bool { return slices.Contains(granting(one), role) })
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
		roleSearchCreate: {
			"org.permission.search.update", "org.permission.search_global.create", "org.permission.search_preview.create",
			"org.user.search.read", "org.admin.search.read",
		},
	}
	return append([]string{role}, older[role]...)
}
