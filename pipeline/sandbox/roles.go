package sandbox

// Roles are all roles the org knows by their current names: what a key needs to do everything.
func Roles() []string {
	return []string{
		"org.permission.customer.create", "org.permission.customer.read",
		"org.permission.customer.update", "org.permission.customer.delete",
		"org.permission.bulk.read",
		"org.permission.metadata.read", "org.permission.metadata.update",
		"org.permission.company.create", "org.permission.company.read",
		"org.permission.search.create",
	}
}
