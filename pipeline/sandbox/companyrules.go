package sandbox

// companyFields are the members of a company that an update takes
// (https://developer.kustomer.com/api/core-resources/update-company). custom is missing: it is the org's own.
func companyFields() fields {
	return fields{
		"name":          words(256).atLeast(3),
		"externalId":    words(256).orNull(),
		"avatarUrl":     formatted("uri").orNull(),
		"emails":        several(emailFields()),
		"phones":        several(phoneFields()),
		"whatsapps":     several(whatsappFields()),
		"socials":       several(socialFields()),
		"urls":          several(urlFields()),
		"locations":     several(locationFields()),
		"domains":       several(fields{"domain": formatted("domain-name").must()}),
		"employeeCount": {shape: number},
		"tags":          tagList(),
		"defaultLang":   words(100).orNull(),
		"deleted":       {shape: flag, null: true},
		"rev":           {shape: number, dropped: true},
	}
}

// newCompanyFields are the members of a company that is to be made.
func newCompanyFields() fields {
	f := companyFields()
	f["name"] = words(256).atLeast(3).must()
	f["externalId"] = words(256)
	f["createdAt"] = &rule{shape: text, format: "date-time", dropped: true}
	f["importedAt"] = formatted("date-time")
	delete(f, "deleted")
	return f
}
