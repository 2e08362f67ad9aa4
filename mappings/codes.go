package mappings

// Codes lists every code that a Problem can have.
func Codes() []string {
	return []string{"cell.number", "cell.date", "cell.bool", "cell.phone", "cell.url", "cell.json",
		"cell.too_many", "cell.scientific", "cell.control"}
}

// A Target is one place that a mapping can name.
type Target struct {
	Path    string   // as written in a mapping: "name", "emails", "locations[home].cityName", "custom.<name>Num"
	Aliases []string // other spellings of it
	Type    string   // text, number, date, yes/no, phone, address …
	Limit   string   // what Kustomer allows there, "" nothing said
	Meaning string   // one line
}

// Targets lists every place that a mapping can name, in the order of the payload.
func Targets() []Target { return nil }
