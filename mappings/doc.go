// Package mappings says what a column is called and what type it has: it reads mapping files, fits
// them to the columns of a file, and turns rows of text into typed records of Kustomer customers.
//
// Parse gives a Mapping, Bind fits it to the columns of one file and gives a Plan, and Plan.Map turns
// rows into Records. All decisions are made in Bind; Map only follows them.
//
// A mapping file says for each column where it goes; Targets lists the places:
//
//	version: 1
//	kind: customer
//	keys: [externalId, email, phone]   # by which a customer is found, in this order; id is Kustomer's own
//	region: NL                         # where phones without + are
//	dates: {layout: DD.MM.YYYY, zone: Europe/Amsterdam} # a layout nobody says is what the whole column shows
//	decimal: ","                       # says also which grouping marks there may be; none unless it is said
//	unmapped: error                    # columns no rule knows: error, ignore, or custom attributes
//	missing: error                     # entries whose column the file lacks: error or ignore
//	bad-cells: refuse                  # or drop: a record goes without the cells that cannot be used, but for those that say who it is
//	blank: ignore                      # or clear: blank cells clear what can be cleared
//	clear: "#N/A"                      # a text, or several, that clears what can be cleared
//	write: {name: if-empty}            # what an update does: overwrite, if-empty, never; of lists append, replace too; one word is for all
//	columns:
//	  Customer ID: externalId
//	  First name: {to: name, join: " "}
//	  Last name: {to: name, join: " "}
//	  E-mail: {to: emails, type: work, split: ";"}
//	  Checked: emails[work].verified
//	  Mobile: [phones, {to: whatsapps, region: DE}]
//	  City: locations[home].city
//	  Country: locations[home].country
//	  Twitter: socials.twitter
//	  Joined: {to: signedUpAt, layout: epoch_ms}
//	  Language: {to: locale, prefer: first}
//	  Avg Sat Score: {to: custom, as: Num}
//	  VIP: custom.vipBool
//	  Nickname: {to: username, blank: clear, write: if-empty}
//	  Old notes: ignore                # left out, and this line says that it is meant
//	  Fax 2: undecided                 # left out, and every report says so until a target or ignore stands here
//	  column 17: ignore                # one without a name, by its place
//	derived:                           # worked out of the row: a template, or an expression
//	  custom.handleStr: {template: "{First name}.{Last name}", values: {Ann.Lee: ann}}
//	  custom.tierStr: {expr: 'num(cell("Avg Sat Score"), 0) > 4 ? "happy" : "sad"'}
//	constants:
//	  custom.sourceStr: old CRM
//	  tags: [imported]
//	  locale: nl_NL                    # fills the blanks of Language, which prefers what comes first
//
// What hangs on rules rather than on the file alone:
//
//   - A column is found by its exact name, else by one that differs only in capitals, spaces, hyphens
//     and underscores. One without an entry is what its own name says: a target, an attribute's system
//     name, or the display name of one of the org's attributes.
//   - Items of a list follow each other as their entries do in the mapping, never as the columns do in
//     the file. Entries for whole items (emails) make one each; entries for members
//     (locations[home].city) with one label make one together. An item is sent when a cell other than
//     verified fills it.
//   - Items with the same address, number or account are one: what the first does not say, the later
//     adds. The capitals of e-mail addresses make no difference.
//   - Space around a cell is no part of it, and a cell of nothing else is blank.
//   - Numbers keep their digits; no value passes through a float. Dates without a time are midnight UTC
//     of that date in every zone. Times that a zone's clocks skipped are problems; of those that they
//     showed twice, which one is meant is left to time.Date. Fractions of a second are cut to milliseconds.
//   - derived: makes values of several columns, each with the options that a column has. In a template
//     {First name} stands for a cell; blank ones take the space beside them along. In an expression (of
//     expr-lang.org, without loops, variables and the clock) every cell is a text; num and yes read it, and
//     cell("First name") names a column whose name is no word. What cannot be worked out is a problem.
//   - examples: are rows and the records that must come of them, which Try makes.
//   - fold: true makes one record of rows that follow each other and are one customer; the caller folds.
//   - joins: takes columns of second files to the rows, by a key (see Join); the caller reads the files.
//   - A JSON array or object in a cell, or in the text of one, fills a list; null clears what can be cleared. Where
//     blank: clear meets write: overwrite, a blank cell empties a list.
//
// What makes one mapping fit many files of a kind, as the built-in presets need it:
//
//   - {n} and {*} in a column's name stand for a number and for any text: "E-mail {n} - Value" goes to
//     emails[{n}], "{*} (metadata)" to custom: the org's attribute of that name, else a new one.
//   - values: says what texts of a column stand for, null being a blank cell, and otherwise: what all
//     others are; trim: takes characters off both ends; prefix: puts a text before those without it;
//     pick: names the member that stands for an object in a JSON array.
//   - apostrophes: strip takes off the apostrophe by which '+31… and '0041 were kept from spreadsheets;
//     defused says that muster itself wrote the file, and put one before each cell that would be run as a formula.
//   - skip: {role: [admin, agent]} leaves out the rows whose cell is one of these; skip: role != "end-user"
//     those for which an expression is true.
//   - doubles: first reads only the first of columns with one name; attributes: ignore leaves out
//     columns whose attribute the org lacks; nulls: ignore takes a JSON null for a blank cell. What is
//     left out so, and by unmapped: ignore, is in Plan.Uses, to be said.
//   - match: says by which names such a file is recognised (see Match).
//
// The JSON of a cell is walked over by hand (scan.go): encoding/json takes 13 times as long, and 81 allocations for two
// e-mails.
package mappings
