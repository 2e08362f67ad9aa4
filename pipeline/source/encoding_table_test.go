package source

import (
	"fmt"
	"strings"
	"testing"
)

// shortTexts are cells as exports hold them, by language: some with one letter beyond ASCII, some with many.
func shortTexts() map[string][]string {
	return map[string][]string{
		"German":      {"Müller", "Jürgen Groß", "Köln", "Weiß; Größe 5", "Äußere Straße 3", "Ölmühle"},
		"French":      {"Hélène", "François", "Noël Lefèvre", "Besançon", "Chloé Côté", "l’été à Nîmes", "Mme Béatrice"},
		"Spanish":     {"José", "Núñez", "Málaga", "¿Qué tal?", "Peña, 2º piso", "Begoña Ibáñez", "Calle 3ª nº 5"},
		"Portuguese":  {"João", "São Paulo, nº 7, 2º", "Conceição", "Rua B, 26 5º", "Inês Simões", "opção à noite"},
		"Italian":     {"Niccolò", "Forlì", "perché no", "così è più", "Cantù"},
		"Swedish":     {"Åsa", "Göran Sjöberg", "Malmö", "Västerås"},
		"Danish":      {"Søren", "Kjær", "Århus", "Bjørn Ødegård"},
		"Polish":      {"Łukasz", "Wójcik", "Łódź", "Dąbrowska", "Kraków już", "Gęś Świętosława", "Częstochowa"},
		"Czech":       {"Dvořák", "Jiří", "Plzeň", "Žaneta Čermáková", "Černý", "Luděk Šťastný"},
		"Hungarian":   {"Győr", "Tóth", "Kőszegi Ágnes", "szőlő és gyűrű", "Erdős Pál"},
		"Romanian":    {"Ion Pârvu", "Brăila", "Constanţa", "Ştefan Ţepeş", "Mihăilă"},
		"Turkish":     {"Yıldız", "Şükrü", "Ayşegül Çağlar", "İstanbul", "Muğla değil"},
		"Russian":     {"Иван", "Москва", "Ольга Сидорова", "Санкт-Петербург", "ООО Ромашка"},
		"Ukrainian":   {"Київ", "Їжак Олексій", "Львів"},
		"Greek":       {"Αθήνα", "Γιώργος", "Ελένη Νικολάου", "Θεσσαλονίκη"},
		"Hebrew":      {"דוד כהן", "תל אביב", "ירושלים"},
		"Arabic":      {"محمد", "القاهرة", "فاطمة الزهراء"},
		"Japanese":    {"山田 太郎", "東京都新宿区", "佐藤 花子", "さくら", "スズキ", "札幌市"},
		"Simplified":  {"王小明", "北京市朝阳区", "张伟", "上海", "李娜"},
		"Traditional": {"陳美玲", "臺北市信義區", "林志偉", "高雄"},
		"Korean":      {"김철수", "서울", "지원 강", "부산 해운대구", "이영희", "민수 이"},
		"English": {"£112", "paid £5 – ok", "it’s", "“quoted”", "§ 4", "• item", "25 °C", "5 € off", "Acme™", "caf\u00e9",
			"N\u00a0A", "2013 – 2014", "½ price", "© 2024"},
	}
}

// moreTexts are others, each to be read by itself; the encodings were not fitted to them.
func moreTexts() map[string]string {
	return map[string]string{
		"German": "Schröder|Böhm|Käse|Bär|Düsseldorf|Straße|Günther Lüdke|Fußweg|Ärzte|Übersee|Nürnberg|Jäger & Söhne",
		"French": "Renée|Géraldine|Aurélie|Benoît|Théo|Orléans|Saône|Mâcon|Châlons-en-Champagne|Élodie|Jérôme|Cécile " +
			"Gauthier|Agnès|forêt|Évreux|où|Sète|Anaïs|cœur",
		"Spanish": "García|López|Martínez|Sánchez|Gómez|Muñoz|Díaz|Logroño|León|Córdoba|Ángela|Álvaro|Iñigo|Avda. " +
			"Constitución|Cádiz",
		"Portuguese": "Gonçalves|Araújo|Mário|Fátima|Luís|Cláudia|Magalhães|Guimarães|Brandão|Antônio|Assunção|Ribeirão " +
			"Preto|Belém|Não|Informações",
		"Italian": "Nicolò|Mondovì|Viganò|Libertà|Lunedì|Salò|Patanè|Forlì-Cesena",
		"Swedish": "Björn|Märta|Håkan|Örebro|Jönköping|Sjöström|Lindström|Bengt Åkesson|Gävle|Skåne|Umeå",
		"Danish":  "Jørgensen|Sørensen|Tromsø|Bergljót|Ålesund|Østergaard|Kåre|Bodø|Lærke|Helsingør",
		"Polish": "Małgorzata|Grażyna|Wałęsa|Zieliński|Wiśniewski|Kowalczyk " +
			"Łucja|Gdańsk|Poznań|Rzeszów|Kamińska|Bydgoszcz Śródmieście|Jabłoński|Żółw|Wrocław",
		"Czech": "Tomáš|Lukáš|Ondřej|Kateřina|Růžena|Novák|Šárka|Příbram|Liberec – " +
			"Růžodol|Němec|Háčková|Třebíč|Břeclav|Žďár",
		"Hungarian":   "László|István|Kovács|Szűcs|Petőfi|Debrecen Fő út|Hódmezővásárhely|Németh|Ödön|Gergő|Mátyás",
		"Romanian":    "Gheorghiţă|Ionuţ|Iaşi|Timişoara|Bacău|Piteşti|Râmnicu Vâlcea|Cătălin|Băsescu|Călăraşi",
		"Turkish":     "Çetin|Öztürk|Yılmaz|Kılıç|Gökhan|Eskişehir|Ümit|Işık|Erdoğan|Dağ|Ağrı|Iğdır",
		"Russian":     "Анна|Сергей|Новосибирск|Ёлкин|ул. Ленина|Казань|Щукин|Наталья|МОСКВА|Юля",
		"Ukrainian":   "Харків|Одеса|Тарас Шевченко|Юлія",
		"Greek":       "Δημήτρης|Πάτρα|Μαρία|Άννα|Κώστας|Ηράκλειο|ΑΘΗΝΑ",
		"Hebrew":      "שרה לוי|חיפה|משה|רחוב הרצל",
		"Arabic":      "أحمد|علي حسن|الرياض|شارع التحرير|محمود",
		"Japanese":    "高橋|ひろし|タナカ|大阪府|鈴木|愛|株式会社アオイ|福岡市中央区|渡辺 直美|中村",
		"Simplified":  "陈静|赵敏|广州市天河区|深圳|成都|王|刘洋|客户|孙悦",
		"Traditional": "黃志明|臺中市|張|王建國|新竹縣|蔡英|桃園區",
		"Korean":      "박지성|대구|인천광역시|최|정민호|경기도 수원시|광주|홍길동",
		"English": "£20|5–10|don’t|“yes”|20°|§12|• one|€50|naïve|résumé|¼|±5|Zoë|John – Smith|O’Brien|¥100|Pokémon|5 " +
			"£|© Acme|®|«ok»|…|3×4|… more|Café Müller|20 €|1½",
	}
}

// usualEncodings are those in which programs save a language's texts when it is not UTF-8.
func usualEncodings() map[string][]string {
	western := []string{"Windows-1252", "ISO-8859-15", "Mac Roman"}
	central := []string{"Windows-1250", "ISO-8859-2"}
	return map[string][]string{
		"German": western, "French": western, "Spanish": western, "Portuguese": western, "Italian": western,
		"Swedish": western, "Danish": western,
		"English": {"Windows-1252", "Mac Roman"}, "Polish": central, "Czech": central, "Hungarian": central,
		"Romanian": central,
		"Turkish":  {"Windows-1254"}, "Russian": {"Windows-1251", "KOI8-R", "ISO-8859-5", "Mac Cyrillic"},
		"Ukrainian": {"Windows-1251"},
		"Greek":     {"Windows-1253", "ISO-8859-7"}, "Hebrew": {"Windows-1255"}, "Arabic": {"Windows-1256"},
		"Japanese": {"Shift_JIS", "EUC-JP"}, "Simplified": {"GB18030"}, "Traditional": {"Big5"}, "Korean": {"EUC-KR"},
	}
}

// A file is read as it was written, or the person is asked; short texts leave more to ask, and none is wrong in
// silence.
func TestShortTextsAreReadRightOrAskedFor(t *testing.T) {
	right, asked, wrong := map[bool]int{}, map[bool]int{}, 0
	for language, encodings := range usualEncodings() {
		texts := shortTexts()[language]
		for _, name := range encodings {
			c, _ := charsetNamed(name)
			more := strings.Split(moreTexts()[language], "|")
			for _, cells := range append(append(singly(texts), singly(more)...), texts, more) {
				many := len(cells) > 1
				lines := strings.Join(cells, "\"\n\"")
				data, err := c.code.NewEncoder().String("note\n\"" + lines + "\"\n")
				if err != nil {
					continue // it cannot be written so
				}
				r, err := openText(t, "a.csv", data, Options{HasHeader: true, Delimiter: ','})
				if err != nil {
					asked[many]++
					if code(err) != fileEncoding || !strings.Contains(err.Error(), "--encoding") {
						t.Errorf("%s in %s: %v", language, name, err)
					}
					t.Logf("ask: %s in %s: %q: %s", language, name, cells, err.Error()[strings.Index(err.Error(), "is not UTF-8"):])
					continue
				}
				rows, err := listing(t, r)
				got := strings.Join(rows, "\n")
				switch want := shownAs(cells); {
				case err != nil:
					t.Error(err)
				case strings.Contains(got, rowEncoding):
					asked[many]++
					t.Logf("refused: %s in %s: %q: %s", language, name, cells, r.Describe())
				case got != want:
					wrong++
					t.Errorf("%s in %s, %q: %q as %s", language, name, cells, got, r.Describe())
				default:
					right[many]++
				}
			}
		}
	}
	t.Logf("few letters: %d right, %d asked for; many: %d right, %d asked for; %d wrong", right[false], asked[false],
		right[true], asked[true], wrong)
	if right[false] < asked[false] || right[true] < 9*asked[true] {
		t.Error("too much is asked for")
	}
}

// shownAs is what listing gives of a file of one column.
func shownAs(cells []string) string {
	var lines []string
	for i, cell := range cells {
		lines = append(lines, fmt.Sprintf("%d #%d note=%q", i+2, i+2, cell))
	}
	return strings.Join(lines, "\n")
}

func singly(texts []string) (all [][]string) {
	for _, text := range texts {
		all = append(all, []string{text})
	}
	return all
}
