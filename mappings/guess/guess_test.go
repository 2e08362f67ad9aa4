package guess

import (
	"strings"
	"testing"
	"unicode/utf8"

	"muster/mappings"
)

// Names in several languages and forms, without any value to help. ? is what no name should be taken for.
func TestNamesOfColumns(t *testing.T) {
	for want, names := range map[string]string{
		"emails": "E-Mail|E-Mail-Adresse|Adresse e-mail|Correo electrónico|Indirizzo " +
			"email|E-mailadres|Adres e-mail|E-postadress|Sähköposti|email_address|EMAIL|customerEmail|Emial Address",
		"phones": "Telefon|Téléphone|Teléfono|Telefoonnummer|Numer " +
			"telefonu|phone_number|PhoneNumber|Tel.|Puhelinnumero",
		"phones[mobile]": "Handy|Mobilnummer|Téléphone portable|Móvil|Cellulare|Telemóvel|Mobiel|Cell " +
			"Phone|Matkapuhelin|MobilePhone",
		"locations.zipCode": "PLZ|Postleitzahl|Code postal|Código postal|CAP|Postcode|Kod " +
			"pocztowy|Postnummer|Zip/Postal Code",
		"locations.cityName":    "Ort|Stadt|Ville|Ciudad|Città|Cidade|Woonplaats|Miasto|Kaupunki|City",
		"locations.countryName": "Land|Pays|País|Paese|Kraj|Country/Region",
		"locations.address":     "Straße|Rue|Calle|Indirizzo|Straat|Ulica|Street Address|Address Line 1",
		"birthdayAt": "Geburtsdatum|Date de naissance|Fecha de nacimiento|Data di nascita|Geboortedatum|Data " +
			"urodzenia|Födelsedatum|Date of Birth|DOB",
		"externalId": "Kundennummer|Customer ID|Numéro client|Klantnummer|customer_id|External ID|CustomerNo",
		"@first":     "Vorname|Prénom|Nombre|Voornaam|Imię|Förnamn|Etunimi|first_name|GivenName",
		"@last":      "Nachname|Nom de famille|Apellidos|Cognome|Achternaam|Nazwisko|Efternamn|Sukunimi|lastName|Surname",
		"@company":   "Firma|Entreprise|Empresa|Azienda|Bedrijf|Nazwa firmy|Företag|Company Name",
		"": "Assistant's Phone|Email Opt Out|Phone Verified|Shoe Size|Email Type|Total Spent|Company " +
			"Main Phone|Address Count|First Order|Last Order|Product Name|City Tax",
	} {
		for name := range strings.SplitSeq(names, "|") {
			if got := readHeader(name); got.concept != want && !(want == "" && got.sure < Limit) {
				t.Errorf("%q reads as %q (%.2f), want %q", name, got.concept, got.sure, want)
			}
		}
	}
}

// One column of dates, numbers, yes or no: the layout, mark or spelling that all values have in common.
func TestValuesOfColumns(t *testing.T) {
	for _, c := range []struct{ name, values, want string }{
		{"Birthday", "31.01.1990|01.02.1991", "{to: birthdayAt, layout: DD.MM.YYYY}"},
		{"Birthday", "1.2.1990|31.12.1991", "{to: birthdayAt, layout: D.M.YYYY}"},
		{"Birthday", "01/31/1990|02/01/1991", `{to: birthdayAt, layout: MM/DD/YYYY}`},
		{"Birthday", "01/02/1990|02/01/1991", "{to: birthdayAt, layout: CHOOSE}"},
		{"Birthday", "1990-01-31|1991-02-01", "birthdayAt"},
		{"Birthday", strings.Repeat("31.01.1990|", 60) + "unknown", "{to: birthdayAt, layout: DD.MM.YYYY}"},
		{"Birthday", strings.Repeat("01/02/1990|", 60) + "13/02/1990", "{to: birthdayAt, layout: DD/MM/YYYY}"},
		{"Birthday", "31.01.1990|unknown", "custom.birthdayStr"},
		{"Active", strings.Repeat("yes|no|", 30) + "perhaps", "custom.activeBool"},
		{"Created", "1706709900|1706709901", "{to: createdAt, layout: epoch}"},
		{"Renewal", "31.01.2024 14:05|01.02.2024 09:00", "{to: custom.renewalAt, layout: \"DD.MM.YYYY HH:mm\"}"},
		{"Balance", "12,50|1.234,00", `{to: custom.balanceNum, decimal: ","}`},
		{"Balance", "12.50|1234", "custom.balanceNum"},
		{"Balance", "1,234|5,678", "{to: custom.balanceNum, decimal: CHOOSE}"},
		{"Active", "yes|no", "custom.activeBool"},
		{"Aktiv", "ja|nein", "{to: custom.aktivBool, values: "},
		{"Zone code", "0041|0042", "custom.zoneCodeStr"},
		{"Profile link", "https://example.com/a|https://example.com/b", "custom.profileLinkUrl"},
		{"Story", strings.Repeat("long ", 30) + "|x", "custom.storyTxt"},
		{"Avg Sat Score", "4.5|3", "custom.avgSatScoreNum"},
		{"Contact via", "ann@example.com|bob@example.com", "emails"},
		{"E-mails", "ann@example.com;bob@example.com|cid@example.com", "{to: emails, split: \";\"}"},
		{"Phone", "yes|no", "custom.phoneBool"},
		{"Email Opt Out", "yes|no", "custom.emailOptOutBool"},
		{"Password", "x|y", "undecided"},
		{"unsubscribed", "true|false", "custom.unsubscribedBool"},
		{"Newsletter", "subscribed|unsubscribed", "custom.newsletterStr"},
	} {
		var rows [][]string
		for v := range strings.SplitSeq(c.values, "|") {
			rows = append(rows, []string{v})
		}
		g := Infer([]string{c.name}, rows, Options{})
		text := string(g.YAML())
		if !strings.Contains(text, "\n  "+mappings.Quote(c.name)+": "+c.want) {
			t.Errorf("%s: want %s in\n%s", c.name, c.want, text)
		}
		m, err := mappings.Parse("guess.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if plan, err := m.Bind([]string{c.name}, mappings.BindOptions{Best: true}); err != nil ||
			len(plan.OpenMarks) != strings.Count(text, "decimal: CHOOSE") {
			t.Errorf("%v\n%s", err, text)
		}
		if _, err := m.Bind([]string{c.name}, mappings.BindOptions{}); (err != nil) != strings.Contains(text,
			"decimal: CHOOSE") {
			t.Errorf("%v\n%s", err, text)
		}
		for v := range strings.SplitSeq(c.values, "|") {
			if len(v) > 5 && strings.Contains(text, v) {
				t.Errorf("%s: the value %q stands in the guess", c.name, v)
			}
		}
	}
}

// A column that is called as attributes are goes to the attribute of its name.
func TestSystemNamesStay(t *testing.T) {
	for _, column := range []string{"custom.shoeSizeNum", "customShoeSizeNum", "shoeSizeNum"} {
		g := Infer([]string{column}, [][]string{{"42"}, {"43"}}, Options{})
		if got := g.Columns[0].Target; got != "custom.shoeSizeNum" {
			t.Errorf("a guess sends %s to %s", column, got)
		}
	}
}

// Whatever the names and values are, a guess can be written, read again, and fitted to the file.
func FuzzInfer(f *testing.F) {
	f.Add("E-mail|Name|# x|: {", "a@x.org|Ann|'|\n")
	f.Add("a|a|A|", "1,234|01/02/2003|yes|")
	f.Fuzz(func(t *testing.T, names, cells string) {
		columns := strings.Split(names, "|")
		if len(columns) > 30 || !utf8.ValidString(names) {
			return
		}
		g := Infer(columns, [][]string{strings.Split(cells, "|")}, Options{File: names})
		text := g.YAML()
		m, err := mappings.Parse("guess.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if _, err := m.Bind(columns, mappings.BindOptions{Best: true}); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}
