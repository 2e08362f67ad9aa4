package main

import (
	"strconv"
	"strings"
)

// name is a name as people write it, and in letters that an e-mail address can have.
type name struct{ shown, plain string }

// folk is a stock of names that go together.
type folk struct {
	familyFirst bool
	first, last []name
}

// place is where somebody lives: city, country, language, time zone and the stock of names, an index in folks.
type place struct {
	city, country, language, zone string
	folk                          int
}

// stock makes a folk of names parted by spaces. A name that is not in plain Latin letters has those behind a slash.
func stock(familyFirst bool, first, last string) folk {
	return folk{familyFirst, names(first), names(last)}
}

func names(list string) []name {
	var all []name
	for _, word := range strings.Fields(list) {
		shown, plain, different := strings.Cut(word, "/")
		if !different {
			plain = strings.ToLower(shown)
		}
		all = append(all, name{strings.ReplaceAll(shown, "_", " "), plain})
	}
	return all
}

var folks = [...]folk{
	stock(false, "Olivia Amelia Grace Harriet Callum Oscar Siobhán/siobhan Rhys Imogen Declan Freya Nathaniel Aoife "+
		"Gareth Beatrice Malcolm",
		"Whitfield O'Connor/oconnor Ashworth Pemberton MacLeod/macleod Hartley-Jones/hartley-jones Blackwood Fitzgerald "+
			"Sinclair Thistlewood Okafor Brennan Carmichael Lockhart Underhill Davies"),
	stock(false, "Jürgen/juergen Anneliese Lukas Käthe/kaethe Matthias Brigitte Sören/soeren Ulrike Maximilian Gisela "+
		"Thorben Hannelore Jörg/joerg Friederike Emil Waltraud",
		"Müller/mueller Schäfer/schaefer Großmann/grossmann Vogelsang Hübner/huebner Lindenberg Böhm/boehm Kirchhoff "+
			"Weiß/weiss Zimmermann Köhler/koehler Brandstätter/brandstaetter Neumann Oberländer/oberlaender Steinmetz "+
			"Jäger/jaeger"),
	stock(false, "Chloé/chloe Étienne/etienne Maëlle/maelle Thibault François/francois Océane/oceane Jean-Luc/jean-luc "+
		"Hélène/helene Gaël/gael Solène/solene Benoît/benoit Amélie/amelie Raphaël/raphael Inès/ines Mathéo/matheo "+
		"Édith/edith",
		"Lefèvre/lefevre Beauchêne/beauchene Dubois Gagné/gagne Moreau Château/chateau Rousselle Fournier Delacroix "+
			"Bélanger/belanger Marchand Noël/noel Saint-Pierre/saint-pierre Perrault Garçon/garcon Vasseur"),
	stock(false, "José/jose María_Luisa/maria.luisa Íñigo/inigo Begoña/begona Joaquín/joaquin Lucía/lucia "+
		"Andrés/andres Ximena Sebastián/sebastian Martín/martin Belén/belen Rocío/rocio Álvaro/alvaro Inés/ines "+
		"Tomás/tomas Pilar",
		"Núñez/nunez García_Márquez/garcia-marquez Ibáñez/ibanez Peña/pena Fernández/fernandez Zúñiga/zuniga Muñoz/munoz "+
			"Castaño/castano Ordóñez/ordonez Ríos/rios Quiñones/quinones Valdés/valdes Echeverría/echeverria Solís/solis "+
			"Bermúdez/bermudez Rey"),
	stock(false, "João/joao Conceição/conceicao Tomé/tome Luísa/luisa Antônio/antonio Inês/ines Gonçalo/goncalo "+
		"Thaís/thais Caetano Estêvão/estevao Beatriz Márcio/marcio Rosângela/rosangela Vitória/vitoria Otávio/otavio "+
		"Débora/debora",
		"Guimarães/guimaraes Araújo/araujo Conceição/conceicao Brandão/brandao Magalhães/magalhaes Simões/simoes "+
			"Falcão/falcao Assunção/assuncao Mourão/mourao Leitão/leitao Nóbrega/nobrega Sardinha Peçanha/pecanha "+
			"Galvão/galvao Vasconcelos Beirão/beirao"),
	stock(false, "Zoë/zoe Sjoerd Anouk Maarten Daniëlle/danielle Wouter Noortje Thijs Mireille Joost Femke "+
		"Pieter-Jan/pieterjan Liesbeth Gijs Marijke Bram",
		"van_den_Berg/vandenberg de_Vries/devries Brouwer Coëlho/coelho Hendriks van_'t_Hoff/vanthoff Kuijpers Dijkstra "+
			"ten_Cate/tencate Vermeulen Schuurman Bakker-Smit/bakker-smit Hoekstra Jansen Meijer Zijlstra"),
	stock(false, "Åsa/asa Søren/soren Jón/jon Mårten/marten Kirsi Øyvind/oyvind Gunnhild Päivi/paivi Björn/bjorn "+
		"Astrid Þóra/thora Håkon/hakon Sigrún/sigrun Tuukka Linnéa/linnea Ragnhild",
		"Åkesson/akesson Sørensen/sorensen Björnsdóttir/bjornsdottir Hämäläinen/hamalainen Ødegård/odegard Lindqvist "+
			"Mäkelä/makela Bergström/bergstrom Nygård/nygard Þorsteinsson/thorsteinsson Østergaard/ostergaard Virtanen "+
			"Sjöberg/sjoberg Halvorsen Kjær/kjaer Öberg/oberg"),
	stock(false, "Łukasz/lukasz Małgorzata/malgorzata Żaneta/zaneta Stanisław/stanislaw Bożena/bozena Wojciech "+
		"Agnieszka Zdzisław/zdzislaw Grażyna/grazyna Bartłomiej/bartlomiej Świętosława/swietoslawa Jędrzej/jedrzej Halina "+
		"Michał/michal Róża/roza Tadeusz",
		"Wiśniewski/wisniewski Zając/zajac Dąbrowska/dabrowska Kołodziej/kolodziej Szczepański/szczepanski "+
			"Gołębiewska/golebiewska Pęk/pek Wróbel/wrobel Łęcki/lecki Nowak Źródło/zrodlo Krawczyk Ćwiklińska/cwiklinska "+
			"Bąk/bak Mazur Żuławska/zulawska"),
	stock(false, "Çağla/cagla Özgür/ozgur İbrahim/ibrahim Şebnem/sebnem Gülşah/gulsah Tuğçe/tugce Umut Işıl/isil "+
		"Kıvanç/kivanc Ayşe/ayse Oğuzhan/oguzhan Müge/muge Burak Zeynep Sıla/sila Hüseyin/huseyin",
		"Yıldız/yildiz Şahin/sahin Öztürk/ozturk Çelik/celik Kılıç/kilic Doğan/dogan Güneş/gunes Aksoy Karadağ/karadag "+
			"Ünal/unal Bozkurt Erdoğmuş/erdogmus Işık/isik Tekin Kaçar/kacar Süleymanoğlu/suleymanoglu"),
	stock(false, "Александр/aleksandr Ольга/olga Дмитрий/dmitriy Екатерина/ekaterina Фёдор/fedor Людмила/lyudmila "+
		"Ярослав/yaroslav Соломія/solomiya Тарас/taras Ганна/hanna Борис/boris Надежда/nadezhda Юлия/yuliya Игорь/igor "+
		"Зоя/zoya Павел/pavel",
		"Иваненко/ivanenko Шевчук/shevchuk Соколов/sokolov Кузнецова/kuznetsova Щербина/shcherbyna Мельник/melnyk "+
			"Журавлёв/zhuravlev Ковальчук/kovalchuk Бойко/boyko Рыбакова/rybakova Петренко/petrenko Дьяконов/dyakonov "+
			"Лысенко/lysenko Чайка/chaika Гончар/honchar Орлов/orlov"),
	stock(false, "Ελένη/eleni Γιώργος/giorgos Μαρία/maria Νίκος/nikos Αθηνά/athina Θανάσης/thanasis Κατερίνα/katerina "+
		"Δημήτρης/dimitris Χρήστος/christos Ιφιγένεια/ifigeneia Σπύρος/spyros Φωτεινή/foteini Παναγιώτης/panagiotis "+
		"Άννα/anna Στέλιος/stelios Ρένα/rena",
		"Παπαδοπούλου/papadopoulou Γεωργίου/georgiou Νικολαΐδης/nikolaidis Οικονόμου/oikonomou Αλεξίου/alexiou "+
			"Καραμανλής/karamanlis Βλάχος/vlachos Μακρή/makri Δήμου/dimou Αγγελόπουλος/angelopoulos Σαββίδης/savvidis "+
			"Ζαχαρίου/zachariou Λάμπρου/lamprou Φραγκούλης/fragkoulis Τσάμη/tsami Ψαρράς/psarras"),
	stock(false, "أحمد/ahmad فاطمة/fatima يوسف/yousef ليلى/layla عمر/omar مريم/maryam خالد/khaled نور/nour حسن/hassan "+
		"سلمى/salma زياد/ziad هدى/huda طارق/tariq رنا/rana كريم/karim دانا/dana",
		"الحداد/alhaddad المصري/almasri خليل/khalil النجار/alnajjar منصور/mansour الشريف/alsharif حبيب/habib "+
			"الخطيب/alkhatib سليمان/suleiman قاسم/qasim الأحمد/alahmad زيدان/zidan عبود/abboud الفارس/alfares ناصر/nasser "+
			"رمضان/ramadan"),
	stock(false, "आरव/aarav प्रिया/priya रोहन/rohan अनन्या/ananya विक्रम/vikram मीरा/meera सिद्धार्थ/siddharth "+
		"काव्या/kavya अर्जुन/arjun दीपिका/deepika राहुल/rahul नेहा/neha करण/karan ईशा/isha मनोज/manoj पूजा/pooja",
		"शर्मा/sharma पटेल/patel सिंह/singh गुप्ता/gupta अय्यर/iyer जोशी/joshi मेहता/mehta चौधरी/chaudhary "+
			"देशपांडे/deshpande वर्मा/verma नायर/nair मिश्रा/mishra कपूर/kapoor यादव/yadav भट्ट/bhatt सक्सेना/saxena"),
	stock(true, "太郎/taro 花子/hanako 翔太/shota 美咲/misaki 健一/kenichi さくら/sakura 大輔/daisuke 陽菜/hina 拓也/takuya 由美子/yumiko "+
		"蓮/ren 結衣/yui 直樹/naoki 千尋/chihiro 悠斗/yuto 真由美/mayumi",
		"山田/yamada 佐藤/sato 鈴木/suzuki 高橋/takahashi 渡辺/watanabe 伊藤/ito 小林/kobayashi 加藤/kato 吉田/yoshida 松本/matsumoto "+
			"井上/inoue 木村/kimura 斎藤/saito 清水/shimizu 長谷川/hasegawa 三浦/miura"),
	stock(true, "伟/wei 芳/fang 娜/na 秀英/xiuying 敏/min 静/jing 强/qiang 磊/lei 洋/yang 艳/yan 勇/yong 雪梅/xuemei 建国/jianguo "+
		"丽华/lihua 晓明/xiaoming 婷/ting",
		"王/wang 李/li 张/zhang 刘/liu 陈/chen 杨/yang 赵/zhao 黄/huang 周/zhou 吴/wu 徐/xu 孙/sun 欧阳/ouyang 马/ma 朱/zhu 林/lin"),
	stock(true, "지민/jimin 서연/seoyeon 민준/minjun 하은/haeun 도윤/doyun 수빈/subin 예준/yejun 지우/jiwoo 현우/hyunwoo 은지/eunji "+
		"준호/junho 유진/yujin 성민/seongmin 가영/gayoung 태현/taehyun 소희/sohee",
		"김/kim 이/lee 박/park 최/choi 정/jung 강/kang 조/cho 윤/yoon 장/jang 임/lim 한/han 오/oh 서/seo 신/shin 권/kwon 황/hwang"),
}

var places = [...]place{
	{"Leeds", "GB", "en_gb", "Europe/London", 0}, {"Cork", "IE", "en_ie", "Europe/Dublin", 0},
	{"Portland", "US", "en_us", "America/Los_Angeles", 0},
	{"Halifax", "CA", "en_ca", "America/Halifax", 0}, {"Dunedin", "NZ", "en_nz", "Pacific/Auckland", 0},
	{"Fremantle", "AU", "en_au", "Australia/Perth", 0},
	{"München", "DE", "de", "Europe/Berlin", 1}, {"Graz", "AT", "de_at", "Europe/Vienna", 1},
	{"Zürich", "CH", "de_ch", "Europe/Zurich", 1},
	{"Orléans", "FR", "fr", "Europe/Paris", 2}, {"Liège", "BE", "fr_be", "Europe/Brussels", 2},
	{"Trois-Rivières", "CA", "fr_ca", "America/Toronto", 2},
	{"A Coruña", "ES", "es", "Europe/Madrid", 3}, {"Bogotá", "CO", "es_co", "America/Bogota", 3},
	{"Córdoba", "AR", "es_ar", "America/Argentina/Cordoba", 3},
	{"São Paulo", "BR", "pt_br", "America/Sao_Paulo", 4}, {"Évora", "PT", "pt", "Europe/Lisbon", 4},
	{"'s-Hertogenbosch", "NL", "nl", "Europe/Amsterdam", 5}, {"Gent", "BE", "nl_be", "Europe/Brussels", 5},
	{"Malmö", "SE", "sv", "Europe/Stockholm", 6}, {"Århus", "DK", "da", "Europe/Copenhagen", 6},
	{"Tromsø", "NO", "nb", "Europe/Oslo", 6}, {"Jyväskylä", "FI", "fi", "Europe/Helsinki", 6},
	{"Łódź", "PL", "pl", "Europe/Warsaw", 7}, {"İzmir", "TR", "tr", "Europe/Istanbul", 8},
	{"Київ", "UA", "uk", "Europe/Kyiv", 9}, {"Алматы", "KZ", "ru", "Asia/Almaty", 9},
	{"Θεσσαλονίκη", "GR", "el", "Europe/Athens", 10}, {"القاهرة", "EG", "ar", "Africa/Cairo", 11},
	{"पुणे", "IN", "hi", "Asia/Kolkata", 12},
	{"横浜", "JP", "ja", "Asia/Tokyo", 13}, {"台北", "TW", "zh_tw", "Asia/Taipei", 14}, {"부산", "KR", "ko", "Asia/Seoul", 15},
}

// phrase is a text as it stands in a CSV cell, quotes and all, and as a JSON value.
type phrase struct{ csv, json string }

// tags are lists of names, parted by commas.
var tags = tagLists("newsletter", "newsletter,b2b", "wholesale", "returning,vip lounge", "press",
	"newsletter,returns 2024", "b2b,net 30",
	"student", "beta-tester,newsletter,app", "Großkunde", "loyal,newsletter,events", "trade/fair")

func tagLists(lists ...string) []phrase {
	var all []phrase
	for _, list := range lists {
		csv := list
		if strings.Contains(list, ",") {
			csv = `"` + list + `"`
		}
		all = append(all, phrase{csv, `["` + strings.ReplaceAll(list, ",", `","`) + `"]`})
	}
	return all
}

// note is a remark that a city's name ends: its CSV form without the quotes it needs if quoted, its JSON form without
// any.
type note struct {
	csv, json string
	quoted    bool
}

var notes = remarks(
	"Prefers e-mail to calls and picks up every order at our branch in",
	"Asked twice about gift wrapping, then chose \"the blue one\" after all. Lives near the station of",
	"Moved last summer; the old address is still on two invoices. Now in",
	"Complaint of 12 March settled with a voucher, please do not raise it again.\nWorks from home in",
	"Calls after 18:00 only, the shop is open until then. Market stall on Saturdays in",
	"Very friendly, knows the catalogue by heart and recommends us to everybody in",
	"Wants the invoice on paper, in two copies, sent to the office in",
	"Ordered the large size, got the small one, kept it: \"fits the cat\". Regular guest of our shop in",
	"Tax-exempt, certificate on file until the end of next year. Registered in",
	"Line one: delivery to the neighbour is fine.\nLine two: never leave parcels outside.\nLives in",
	"Signed up at the spring fair and asked for samples of everything. Studio in",
	"Speaks three languages, answers in the one you begin with. Teaches at the school of music in",
	"Please spell the name right, it was wrong on the last three parcels. Bakery in",
	"Waiting for the new collection; wants to hear before anybody else in",
	"Pays by bank transfer, always on the second, always with a kind word. Bookshop in",
	"Returned one lamp (scratched), kept the other; refund of half the price agreed. Gallery in",
)

func remarks(texts ...string) []note {
	var all []note
	for _, text := range texts {
		all = append(all, note{
			csv:    strings.ReplaceAll(text, `"`, `""`),
			json:   strings.Trim(strconv.Quote(text), `"`),
			quoted: strings.ContainsAny(text, ",\"\n"),
		})
	}
	return all
}
