package pipeline

// Codes is the registry: every kind of problem there is, in the order of the way. A code is stable;
// its row here prints the README's table and `muster explain CODE`.
func Codes() []Code {
	return []Code{
		{"file.missing", "the file is not there", "a misspelt name, or another working directory", "check the name; ls shows what is there"},
		{"file.directory", "a directory is named where a file is needed", "the name of the folder was given instead of the file in it", "name the files, for instance with DIR/*.csv"},
		{"file.permission", "the file may not be read", "it belongs to somebody else", "see who may read it (ls -l) and ask for it, or run muster as its owner"},
		{"file.unreadable", "the file cannot be opened", "a device or a network drive failed, or a link leads back to itself", "copy the file to a local disk and try again"},
		{"file.empty", "the file holds nothing, not even a header", "the export failed or has not finished", "export it again and look at its size"},
		{"file.binary", "the file is not text", "a spreadsheet, an archive or a picture under another name", "save it as CSV (UTF-8) or export it as NDJSON"},
		{"file.encoding", "the file's characters are in an encoding that is not known or not sure", "saved by a program that does not write UTF-8", "say which it is with --encoding NAME, or save it as CSV UTF-8"},
		{"file.format", "the file is in no form that is read", "another kind of file under this name", "export it as CSV, NDJSON or a JSON array of objects, or name the form with --format"},
		{"file.header", "the header cannot be read", "a quote in the header that is never closed, or too many columns", "mend the first line of the file"},
		{"file.sheet", "the workbook or archive has no sheet or file of this name", "a misspelt name in --sheet", "use one of the names that are listed, or leave --sheet out to read all"},
		{"file.broken_off", "the file ends in the middle", "a transfer or an export was cut short", "fetch or export the file again; what was read of it has its outcomes"},

		{"row.syntax", "a quote stands where none may, so the row's cells cannot be told apart", "a quote in the text was not doubled when the file was written", `double each quote inside a quoted cell ("")`},
		{"row.width", "the row has more or fewer cells than the header has columns", "a separator inside a cell that is not quoted, or a row cut short", "quote the cell that holds the separator, or add the cells that are missing"},
		{"row.header", "repeats the header", "files with the same columns were put one behind the other, each with its header", "delete the line; no other row is touched by it"},
		{"row.too_long", "the row is longer than 1 MiB, or than --max-row allows", "a quote that is never closed, or a whole document in one cell", "mend the row, or allow more with --max-row"},
		{"row.encoding", "the row holds bytes that are no UTF-8", "text from another program was pasted into the file", "save the file as UTF-8 again"},
		{"row.json", "the line, or the entry of the list, is not one JSON object", "a line broken in two, or a comma or brace too many", "mend it; jq -c . FILE shows where it breaks"},
		{"row.vcard", "the card cannot be taken apart", "its END:VCARD is missing, a line was broken in two, or its text is not in the encoding it names", "export it again, as vCard 3.0 or 4.0 where there is a choice"},
		{"row.unmapped", "the record has a field that no rule knows", "a field that the records before it did not have", "add the field to the mapping's columns, or pass --unmapped ignore"},

		{"cell.error", "the cell holds a spreadsheet's error, such as #N/A or #REF!, or a formula that was never worked out", "a formula found nothing, or lost what it pointed to", "mend the formula or clear the cell, then save the workbook in a spreadsheet program"},

		{"cell.number", "not a number", "text or a unit beside the number, or another decimal mark", "leave only the number; where the decimal mark is a comma, say decimal: \",\" in the mapping"},
		{"cell.scientific", "a number that a spreadsheet rounded to scientific notation", "the column was shown as 1.23E+12 when it was saved, and digits are lost", "take the column from the original system again, formatted as text"},
		{"cell.date", "not a date in the column's layout", "another order of day and month, or text", "write dates as YYYY-MM-DD, or give the column its layout in the mapping"},
		{"cell.date_order", "the column's dates stand in two orders, so a date as 01/02/2024 means either of two days", "two exports put together, or a spreadsheet that took some of the dates for another country's", "take the column from the original system again; or say which order holds with layout: in the mapping, and the dates of the other are refused"},
		{"cell.derived", "what the mapping works out of the row cannot be worked out", "a cell that the mapping's expression does not expect, such as text where it takes a number", "mend the cell, or let the expression say what such cells stand for, as num(Orders, 0) does"},
		{"cell.join", "the file that is joined in has no row of this key", "the second file is older than the first, or an id that was deleted", "export both files again; or write missing: ignore at the join, and the row goes without"},
		{"cell.bool", "neither yes nor no", "a word muster does not take for yes or no", "use true or false (yes, no, 1 and 0 do too)"},
		{"cell.phone", "not a phone number", "a number without its country code, or not a number at all", "write it with + and the country code, or give the column a region in the mapping"},
		{"cell.url", "not a web address", "the scheme is missing", "write it with https://"},
		{"cell.word", "not one word", "a space or punctuation where letters and digits belong", "leave letters and digits, without a space"},
		{"cell.choice", "none of the choices that the property's definition names", "another spelling, or a choice of another property", "use the choices that its message in problems.csv names, or add the choice to the definition"},
		{"cell.time", "not a time of day", "seconds, or AM and PM, beside hours and minutes", "write hours and minutes: 09:30"},
		{"cell.location", "not a place on a map", "an address where coordinates or a link to Google Maps belong", "write latitude,longitude in degrees, or paste the place's link"},
		{"cell.json", "a JSON value of a kind this attribute cannot take", "a list or an object where one value belongs, or the other way round", "give the attribute the kind of value it takes"},
		{"cell.too_many", "more values in the cell than the list may hold", "a whole history in one cell", "keep the ones that matter"},
		{"cell.control", "holds a character that cannot be seen and may not stand there", "copied out of another program", "delete the character"},

		{"schema.type", "a value of another kind than the attribute takes", "text where a number belongs, or the like", "give the kind of value that its message in problems.csv names"},
		{"schema.enum", "none of the values the attribute takes", "another spelling, or a value of the old system", "use one of the values that its message in problems.csv names"},
		{"schema.format", "not in the form the attribute takes", "an e-mail address without its @, or a phone number or moment that cannot be one", "write it in the form that its message in problems.csv names"},
		{"schema.length", "longer or shorter than the attribute may be", "a whole text where a word belongs", "shorten it"},
		{"schema.pattern", "holds characters that may not stand there", "punctuation that Kustomer does not take in this place", "leave the characters out"},
		{"schema.range", "a number outside what the attribute takes", "another scale", "use a number in the range that its message in problems.csv names"},
		{"schema.items", "more entries than the list may hold", "ten are allowed, twenty for tags", "keep the ones that matter"},
		{"schema.unique", "the same entry twice in one list", "two columns with the same value", "leave one out"},
		{"schema.required", "a part that must be there is missing", "a column that belongs to it is blank", "fill in the part that its message in problems.csv names"},
		{"schema.field", "an attribute Kustomer does not have", "a misspelt name in the mapping or the file", "use the name that its message in problems.csv gives, or put the value into a custom attribute"},
		{"schema.properties", "more attributes than a record may have", "a hundred custom attributes are allowed in one record", "leave out columns that nobody needs"},
		{"schema.rule", "the record is against a rule of the schema", "a schema of one's own asks for something special", "see its message in problems.csv"},

		{"klass.unknown", "the org has no such custom attribute", "it was never made, or its name is spelt in another way", "make it in Settings › Platform › Klasses › Customer, or map the column to one that is there"},
		{"klass.inactive", "the custom attribute is not active", "it was switched off or deleted in the org", "activate it in Settings › Platform › Klasses › Customer"},
		{"klass.enum", "none of the choices the org defined", "another spelling, or a choice that is not made yet", "use one of the choices that its message in problems.csv names, or add it in Settings › Platform › Klasses › Customer"},
		{"klass.suffix", "a custom attribute's name that does not end in a type", "names end in Str, Txt, Num, At, Bool, Url or Id", "use the attribute's system name, not its display name"},

		{"identity.conflict_in_file", "shares one identity with another row and is not the same customer", "two people with one address or number in the old system", "leave the shared address or number in one of the rows, or map it to a shared list (sharedEmails, sharedPhones)"},
		{"identity.conflict", "its identities belong to different customers of the org", "the org holds this person twice, or an address moved from one to another", "merge the customers in Kustomer, or leave the identity that is wrong out of the row"},
		{"identity.company", "the company that the row names cannot be told", "several companies of the org have the name, or none has where none may be made", "name the company by its external id (company.externalId) or its id in Kustomer (company)"},
		{"identity.merge", "together with what the customer has, a list would grow too long", "ten entries are allowed in a list, twenty tags", "take entries off the customer in Kustomer, or off the row"},

		{"kustomer.refused", "the org refused the record", "a rule of the org that muster does not know", "mend the value that its message in problems.csv names; a record refused without a reason is best tried by hand in Kustomer"},
		{"kustomer.company", "the org refused to make the customer's company", "a rule of the org's on names or ids of companies", "make the company in Kustomer by hand, or mend its name or external id; then run the same command again"},
		{"kustomer.exists", "the customer is there already", "--verb create was asked for", "use --verb upsert to change customers that are there"},
		{"kustomer.not_found", "no such customer is in the org", "--verb update was asked for", "use --verb upsert to create customers that are not there"},
		{"kustomer.duplicate", "another customer holds one of its identities", "an identity that cannot be looked up: a WhatsApp number or a social account", "find that customer in Kustomer and take the identity off one of the two"},
		{"kustomer.too_large", "the record is larger than a request may be", "100 kB are allowed", "shorten its longest values"},
		{"kustomer.unauthorized", "the key was refused", "it expired or was withdrawn while the run was under way", "make a new key and run the same command again; nothing is sent twice"},
		{"kustomer.throttled", "the org's request budget was used up", "other programs or agents used it", "run the same command again later, or with a smaller --share"},
		{"kustomer.no_evidence", "a request for it was begun and what became of it could not be learned", "the connection or the process ended before the answer came", "run the same command again: it asks the org first and sends nothing twice"},

		{"run.internal", "muster itself failed on this row", "a mistake in muster", "tell us the code and the line; the other rows went on"},
	}
}
