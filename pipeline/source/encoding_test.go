package source

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// languages are people's names, cities and notes as exports hold them.
func languages() map[string]string {
	return map[string]string{
		"German": "Jürgen Müller,München,ruft später zurück\nBjörn Groß,Köln,möchte Gespräch über Größe\n" +
			"Käthe Weiß,Zürich,fährt im März\n",
		"French": "Hélène Lefèvre,Besançon,préfère être appelée à midi\n" +
			"François Gérard,Nîmes,déjà client depuis février\nNoël Côté,Orléans,où est la clé\n",
		"Spanish": "José Núñez,Málaga,llamar por la mañana\nBegoña Ibáñez,Córdoba,no está\n" +
			"María Peña,A Coruña,pidió información\n",
		"Portuguese": "João Conceição,São Paulo,não ligar amanhã\nInês Falcão,Brasília,opção três\n" +
			"Luís Simões,Évora,ligação à noite\n",
		"Italian": "Niccolò Però,Forlì,perché è già più\nNoè Libertà,Cantù,lunedì così\n",
		"Swedish": "Åsa Sjöberg,Malmö,går på möte\nGöran Ström,Västerås,två år\n",
		"Danish":  "Søren Kjær,Århus,på forårets møde\nÅse Bjørn,København,få værelse\n",
		"Polish": "Łukasz Wójcik,Łódź,proszę zadzwonić później\nBożena Dąbrowska,Kraków,już się zgłosił\n" +
			"Świętosława Gęś,Częstochowa,będzie mógł\n",
		"Czech": "Jiří Dvořák,Plzeň,příště zavolat večer\nŽaneta Čermáková,Olomouc,měl dluh několik dnů\n" +
			"Luděk Šťastný,Český Těšín,už přišel\n",
		"Hungarian":  "Győző Tóth,Győr,később hívni szűk időben\nKőszegi Ágnes,Pécs,több szőlő és gyűrű\n",
		"Turkish":    "Şükrü Yıldız,İstanbul,öğleden sonra aranacak\nAyşegül Çağlar,Muğla,teşekkür ediyor değil mi\n",
		"Lithuanian": "Šarūnas Žukauskas,Šiauliai,paskambinti kitą mėnesį\nRūta Jonaitienė,Panevėžys,ačiū už žinutę\n",
		"Russian": "Иван Петров,Москва,позвонить завтра утром\nОльга Сидорова,Санкт-Петербург,просила прислать счёт\n" +
			"Дмитрий Кузнецов,Казань,не отвечает на письма\n",
		"Greek": "Γιώργος Παπαδόπουλος,Αθήνα,να τηλεφωνήσουμε αύριο\n" +
			"Ελένη Νικολάου,Θεσσαλονίκη,ζήτησε προσφορά για το προϊόν\n",
		"Hebrew":      "דוד כהן,תל אביב,להתקשר מחר בבוקר\nשרה לוי,ירושלים,ביקשה הצעת מחיר חדשה\n",
		"Arabic":      "محمد العربي,القاهرة,الاتصال غدا في الصباح\nفاطمة الزهراء,الرباط,طلبت عرض السعر\n",
		"Japanese":    "山田太郎,東京都新宿区,明日の午前中に電話してください\n佐藤花子,大阪府大阪市,見積書をお願いします。とても急いでいます\n鈴木一郎,北海道札幌市,ありがとうございました\n",
		"Simplified":  "王小明,北京市朝阳区,请明天上午打电话给我\n李华,上海市浦东新区,客户需要新的报价单和发票\n张伟,广州市天河区,谢谢你们的帮助我们会再联系\n",
		"Traditional": "王小明,臺北市信義區,請明天上午打電話給我\n陳美玲,高雄市左營區,客戶需要新的報價單和發票\n林志偉,臺中市西屯區,謝謝你們的幫助我們會再聯絡\n",
		"Korean":      "김철수,서울특별시 강남구,내일 오전에 전화해 주세요\n이영희,부산광역시 해운대구,새로운 견적서를 보내 달라고 했습니다\n박민수,대전광역시 유성구,감사합니다\n",
	}
}

// Whatever the encoding, a file is read as it was written, or refused with the flag that helps; never otherwise.
func TestEncodingsAreFoundOutOrRefused(t *testing.T) {
	const rightAtLeast = 30
	right, refused := 0, 0
	for language, text := range languages() {
		for _, c := range charsets() {
			data, err := c.code.NewEncoder().String(text)
			if err != nil || c.multi != strings.Contains("Japanese Simplified Traditional Korean", language) {
				continue // it cannot be written so, or nobody does
			}
			r, err := openText(t, "a.csv", "name,city,note\n"+strings.Repeat("Ann,Rome,x\n", 20)+data, Options{})
			if err != nil {
				refused++
				if code(err) != fileEncoding || !strings.Contains(err.Error(), "--encoding") {
					t.Errorf("%s in %s: %v", language, c.name, err)
				}
				t.Logf("%s in %s: %v", language, c.name, err)
				continue
			}
			var got strings.Builder
			for _, row := range cellsOf(t, r)[20:] {
				got.WriteString(strings.Join(row, ",") + "\n")
			}
			if got.String() != text {
				t.Errorf("%s in %s is read as %s: %q", language, c.name, r.Describe(), got.String())
			} else {
				right++
			}
			r.Close()
		}
	}
	t.Logf("%d found out, %d refused", right, refused)
	if right < rightAtLeast {
		t.Errorf("%d of %d are found out, want %d", right, right+refused, rightAtLeast)
	}
}

// A name makes every encoding readable, in any chunk size; what it has no character for is row.encoding.
func TestEncodingByName(t *testing.T) {
	for _, c := range charsets() {
		for language, text := range languages() {
			data, err := c.code.NewEncoder().String(text)
			if err != nil {
				continue
			}
			for _, size := range []int{0, 7} {
				r, err := openText(t, "a.csv", "name,city,note\n"+data, Options{Encoding: strings.ToLower(c.name), ChunkSize: size})
				if err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprint(cellsOf(t, r)); got != fmt.Sprint(cellsOfText(t, "name,city,note\n"+text)) {
					t.Errorf("%s in %s: %s", language, c.name, got)
				}
				r.Close()
			}
		}
	}
	everySize(t, "a.csv", "a,b\n\x82\xa0,1\n\x82,2\n\x82\xa2,3\n", Options{Encoding: "Shift_JIS"}, []string{
		`2 #2 a="あ" b="1"`, `3 #3 row.encoding in 0: bytes that are not UTF-8 a="\xff" b="2"`, `4 #4 a="い" b="3"`})
}

func cellsOfText(t *testing.T, text string) [][]string {
	r, err := openText(t, "a.csv", text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return cellsOf(t, r)
}

func TestWideEncodings(t *testing.T) {
	for language, text := range languages() {
		text = "name,city,note\n" + text
		want := fmt.Sprint(cellsOfText(t, text))
		for _, marked := range []bool{true, false} {
			for name, data := range wide(t, text, marked) {
				r, err := openText(t, "a.csv", data, Options{})
				if err != nil {
					t.Errorf("%s in %s, mark %v: %v", language, name, marked, err)
					continue
				}
				if got := fmt.Sprint(cellsOf(t, r)); got != want {
					t.Errorf("%s in %s, mark %v, %s: %s", language, name, marked, r.Describe(), got)
				}
				r.Close()
			}
		}
	}
}

func wide(t *testing.T, text string, marked bool) map[string]string {
	t.Helper()
	mark := map[bool]unicode.BOMPolicy{true: unicode.UseBOM, false: unicode.IgnoreBOM}[marked]
	mark32 := map[bool]utf32.BOMPolicy{true: utf32.UseBOM, false: utf32.IgnoreBOM}[marked]
	all := map[string]string{}
	for name, encode := range map[string]func(string) (string, error){
		"UTF-16LE": unicode.UTF16(unicode.LittleEndian, mark).NewEncoder().String,
		"UTF-16BE": unicode.UTF16(unicode.BigEndian, mark).NewEncoder().String,
		"UTF-32LE": utf32.UTF32(utf32.LittleEndian, mark32).NewEncoder().String,
		"UTF-32BE": utf32.UTF32(utf32.BigEndian, mark32).NewEncoder().String,
	} {
		data, err := encode(text)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = data
	}
	return all
}

func TestEncodingErrors(t *testing.T) {
	for _, c := range []struct{ text, encoding, want string }{
		{"a,b\n1,2\n", "klingon", `--encoding "klingon" is no encoding`},
		{"\xef\xbb\xbfa,b\n1,2\n", "Windows-1252", "contradicts"},
		{"name\nPlze\xf2\n", "", "--encoding"},
	} {
		_, err := openText(t, "a.csv", c.text, Options{Encoding: c.encoding})
		if code(err) != fileEncoding || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q as %q: %v", c.text, c.encoding, err)
		}
	}
}

// Readings that are equally likely are named in one order, whatever the run.
func TestEqualReadingsKeepTheirOrder(t *testing.T) {
	sample := []byte("\xe1\xe9 \xed\xf3 \xe8 \xf6\xfa\xfd\xe1\xe4\xf4 \xf3\xe1\n")
	first := ""
	for range 200 {
		var names []string
		for _, r := range readings(sample) {
			names = append(names, r.name)
		}
		if all := strings.Join(names, " "); first == "" {
			first = all
		} else if all != first {
			t.Fatalf("%s, and then %s", first, all)
		}
	}
}

// Where two encodings are about as likely, one word is shown as both read it.
func TestReadingsThatDifferAreShown(t *testing.T) {
	_, err := openText(t, "a.csv", "name,city\nAnn,Oslo\nJan,Plze\xf2\n", Options{})
	var e *Error
	if !errors.As(err, &e) || fmt.Sprint(e.Readings) != "[{Windows-1252 Plzeò} {Windows-1250 Plzeň}]" {
		t.Errorf("%v", err)
	}
}

// Signs are not letters, wherever in a file they stand.
func TestSignsSpeakForTheirEncoding(t *testing.T) {
	for raw, want := range map[string]string{
		"note\npaid \xa3112\npaid \xa3212\n":           `[["paid £112"] ["paid £212"]]`,
		"note\nopen 9 \x96 1\nopen 9 \x96 2\n":         `[["open 9 – 1"] ["open 9 – 2"]]`,
		"note\r\n\"\x805\"\r\n\"\xa7 4, \x95 it\"\r\n": `[["€5"] ["§ 4, • it"]]`,
		"spend (\xa3),name\n5,Ann\n":                   `[["5" "Ann"]]`,
		"name;price \x80\nAnn;5\n":                     `[["Ann" "5"]]`,
		"name,city\nJo\xe3o,\"S\xe3o Paulo, n\xba 7, 2\xaa\"\nConcei\xe7\xe3o,\"Rua B, 26 5\xba\"\n": `[["João" "São Paulo, nº 7, 2ª"] ["Conceição" "Rua B, 26 5º"]]`,
	} {
		r, err := openText(t, "a.csv", raw, Options{HasHeader: true})
		if err != nil {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		if got := fmt.Sprintf("%q", cellsOf(t, r)); got != want || !strings.Contains(r.Describe(), "Windows-1252") {
			t.Errorf("%q: %s, %s", raw, got, r.Describe())
		}
		r.Close()
	}
}
