package source

import (
	"strings"
	"unicode"
)

// What most text, names and addresses are made of in languages of many characters.
const (
	commonSimplified = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里" +
		"用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运" +
		"李刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范石姚谭廖邹熊陆郝孔崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易贺赖龚伟芳娜敏静丽娟艳勇杰涛军超霞燕玲桂英华红玉辉鹏建文斌波刚健俊京津沪广州深圳杭苏武汉成都重庆天沈阳济青岛厦福宁昆哈尔滨省县镇街号楼室客户需发票请单谢联系帮助"
	commonTraditional = "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡" +
		"用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運" +
		"李劉陳楊趙黃周吳徐孫胡朱林何郭羅梁宋鄭謝韓唐馮董蕭曹袁鄧傅沈曾彭呂蘇盧蔣蔡賈丁魏薛葉閻余潘杜戴夏鍾汪田姜范石姚譚廖鄒熊陸郝孔崔康毛邱秦江史顧侯邵孟龍段雷錢湯尹黎易賀賴龔偉芳娜敏靜麗娟艷勇傑濤超霞燕玲桂英華紅玉輝鵬斌波剛健俊臺台灣北市縣鄉鎮街號樓室新竹高雄南投屏宜蘭花蓮彰化嘉義雲林基隆桃園苗栗香港九龍淑惠雅婷怡君家豪志明美客戶發票請單聯絡幫助左營信義屯"
	commonJapanese = "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知道集別物使品計死特私始朝運終台広住真有口少町料工建空急止送切転研足究楽起着店病質待試族銀早映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤青館屋色走秋夏習駅洋旅服夕借曜飲肉貸堂鳥飯勉冬昼茶弟牛魚兄犬妹姉漢" +
		"佐藤鈴高橋田中伊渡辺村井小林加吉山斎松本木清崎森池阿部石川橋前後岡長谷川近坂遠青福西太三浦藤原岡松中島原和竹金子上野杉増丸今高菅武千葉岩久保古内酒横宮工荒関谷大塚郎美恵子花健一二郎雄幸久樹翔陽香奈真由優愛彩直裕智也介太輔博之隆浩明誠和正都府県市区郡町村新宿渋谷世田港品川札幌仙台横浜名古屋神戸広島福岡北海道阪願致連絡申込個様株式会社電番号見積難忙午前"
	commonKorean = "이다의는에가을를은고하사지기도로한어자시라인서정나리아일수대스보해그부상전요것주있제동원장구만과니안조자경소우면들여연유성국내오공히생마세미개당화문무실게차중물적러드신게분야선용관모신년회법업민위계음체비심방현발양거행" +
		"김박최강윤임권황송류홍손배백허남노하곽준진영호철숙순희옥광재혁민서예은빈태훈규석환찬종석병길산울특별광역구동로길번호층빌라아파트시군읍면역남북동서천전감합습까요았었했없좋내일오후전화주세메일"
	asianMarks = "、。・「」（）！？：／～，；《》〈〉【】々×　－"
)

// asianShares are the shares of the characters of one language in its texts.
type asianShares struct {
	charset
	common map[rune]bool
	kana   bool // Japanese
	hangul bool
}

func asian(c charset) asianShares {
	list := map[string]string{"Shift_JIS": commonJapanese, "EUC-JP": commonJapanese, "Big5": commonTraditional,
		"GB18030": commonSimplified, "EUC-KR": commonKorean}[c.name]
	a := asianShares{charset: c, common: map[rune]bool{}, kana: list == commonJapanese, hangul: list == commonKorean}
	for _, r := range list {
		a.common[r] = true
	}
	return a
}

// share is how much of a text in the language one character is. What is not common counts by the part of the
// standard's table that it stands in: its first level holds what is in use.
func (a asianShares) share(r rune) float64 {
	const rare, never = 2e-6, 3e-7
	switch {
	case strings.ContainsRune(asianMarks, r):
		return 0.002
	case r >= 0xff61 && r <= 0xff9f:
		return 1e-4
	case unicode.In(r, unicode.Hiragana, unicode.Katakana) || r == 'ー':
		return choose(a.kana, 0.004, never)
	case a.common[r]:
		return choose(a.hangul, 0.004, 0.0015)
	case r >= 0xff01 && r <= 0xff5e:
		return 2e-4
	}
	raw, err := a.code.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(raw) != 2 {
		return never
	}
	lead, upper := raw[0], raw[1] >= 0xa1
	switch {
	case a.hangul && !unicode.Is(unicode.Hangul, r):
		return never
	case a.hangul:
		return choose(upper, 1e-4, never)
	case a.name == "Big5":
		return choose(lead >= 0xa4 && lead <= 0xc6, 5e-5, rare)
	case a.name == "Shift_JIS":
		return choose(lead >= 0x88 && lead <= 0x98, 5e-5, rare)
	case a.name == "EUC-JP":
		return choose(lead >= 0xb0 && lead <= 0xcf, 5e-5, rare)
	case !upper:
		return never
	}
	return choose(lead >= 0xb0 && lead <= 0xd7, 7e-5, rare)
}

func choose(which bool, yes, no float64) float64 {
	if which {
		return yes
	}
	return no
}
