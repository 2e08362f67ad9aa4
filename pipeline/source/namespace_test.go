package source

import (
	"fmt"
	"strings"
	"testing"
)

// Elements and attributes count by their namespace: a prefix may be any, and what an extension calls by the same name
// is none of the sheet's.
func TestNamespaces(t *testing.T) {
	const ext = `urn:example:extension`
	const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const date = `<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>when</t></is></c></row>` +
		`<row r="2"><c r="A2"><v>7</v></c><c r="B2" s="1"><v>31412</v></c></row>`
	const styles = `<styleSheet xmlns="` + mainNamespace +
		`"><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>` +
		`<dxfs><dxf><numFmt numFmtId="164" formatCode="0.00"/></dxf></dxfs></styleSheet>`
	list := func(r, before, after string) string {
		return before + `<sheets><sheet name="S" sheetId="1" ` + r + `:id="rId1"/></sheets>` + after
	}
	plain := `<workbook xmlns="` + mainNamespace + `" xmlns:r="` + relations + `">`
	strict := "http://purl.oclc.org/ooxml/spreadsheetml/main"
	sheet := `<worksheet xmlns="` + mainNamespace + `"><sheetData>` + date + `</sheetData></worksheet>`
	const is1904, is1900 = "7|1990-01-01", "7|1985-12-31"
	for name, c := range map[string]struct{ workbook, sheet, want string }{
		"an extension's properties": {plain + list("r", `<workbookPr date1904="1"/>`, `<extLst><ext xmlns:x15="`+ext+
			`"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>`) + `</workbook>`, sheet, is1904},
		"one with the default prefix": {`<workbook xmlns="` + mainNamespace + `" xmlns:r="` + relations + `">` +
			list("r", "", `<extLst><ext><workbookPr xmlns="`+ext+`" date1904="1"/></ext></extLst>`) + `</workbook>`, sheet,
			is1900},
		"one outside the list of extensions": {plain + list("r", `<workbookPr/>`, `<workbookPr xmlns="`+ext+
			`" date1904="1"/>`) + `</workbook>`, sheet, is1900},
		"an attribute of another namespace": {strings.Replace(plain, ">", ` xmlns:e="`+ext+`">`, 1) +
			list("r", `<workbookPr e:date1904="1"/>`, "") + `</workbook>`, sheet, is1900},
		"other prefixes": {`<ns0:workbook xmlns:ns0="` + mainNamespace + `" xmlns:ns1="` + relations +
			`"><ns0:workbookPr date1904="true"/><ns0:sheets>` +
			`<ns0:sheet name="S" sheetId="1" ns1:id="rId1"/></ns0:sheets></ns0:workbook>`,
			`<r:worksheet xmlns:r="` + mainNamespace + `"><r:sheetData>` +
				strings.NewReplacer("</", "</r:", "<", "<r:").Replace(date) + `</r:sheetData></r:worksheet>`, is1904},
		"the strict kind": {strings.NewReplacer(mainNamespace, strict, relations,
			"http://purl.oclc.org/ooxml/officeDocument/relationships").Replace(plain) +
			list("r", "", "") + `</workbook>`, strings.Replace(sheet, mainNamespace, strict, 1), is1900},
		"cells and attributes of an extension": {plain + list("r", "", "") + `</workbook>`,
			`<worksheet xmlns="` + mainNamespace + `" xmlns:e="` + ext + `"><sheetPr e:filterMode="1"/><sheetData>` +
				strings.NewReplacer(`<row r="2">`, `<row e:r="9" r="2" e:hidden="1">`, `</c></row>`,
					`</c><e:c r="A2"><e:v>8</e:v></e:c><e:row r="5"/><c xmlns="`+ext+`" r="B2"><v>9</v></c></row>`).Replace(date) +
				`</sheetData></worksheet>`, is1900},
	} {
		t.Run(name, func(t *testing.T) {
			data := packed(t, "xl/workbook.xml", c.workbook, "xl/worksheets/sheet1.xml", c.sheet, "xl/styles.xml", styles,
				"xl/_rels/workbook.xml.rels", `<p:Relationships xmlns:p="http://schemas.openxmlformats.org/package/2006/relationships">`+
					`<p:Relationship Id="rId1" Type="`+relations+
					`/worksheet" Target="worksheets/sheet1.xml"/><p:Relationship Id="rId2" Type="`+relations+
					`/styles" Target="styles.xml"/></p:Relationships>`)
			r, err := openBytes(t, "a.xlsx", data, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(flat(cellsOf(t, r)), ";"); got != c.want || strings.Contains(r.Describe(), "hidden") {
				t.Errorf("got %s, want %s; %s", got, c.want, r.Describe())
			}
		})
	}
}

func flat(rows [][]string) (list []string) {
	for _, row := range rows {
		list = append(list, strings.Join(row, "|"))
	}
	return list
}

// The same of OpenDocument, whose elements are of several namespaces: a draw:p is no paragraph of a cell.
func TestODSNamespaces(t *testing.T) {
	const oasis = "urn:oasis:names:tc:opendocument:xmlns:"
	body := `<T:table T:name="S"><T:table-row><T:table-cell O:value-type="string"><X:p>name</X:p></T:table-cell><T:table-cell O:value-type="string"><X:p>size</X:p></T:table-cell></T:table-row>` +
		`<T:table-row T:number-rows-repeated="2"><T:table-cell O:value-type="string"><X:p>Ada<E:s/><E:p>no</E:p></X:p></T:table-cell>` +
		`<T:table-cell E:value-type="string" O:value-type="float" E:value="1" O:value="41.50"/><E:table-cell O:value-type="float" O:value="9"/></T:table-row></T:table>`
	for _, names := range [][]string{{"table", "office", "text", "e"}, {"a", "b", "c", "d"},
		{"text", "table", "office", "style"}} {
		T, O, X, E := names[0], names[1], names[2], names[3]
		content := fmt.Sprintf(`<%s:document-content xmlns:%s="%stable:1.0" xmlns:%s="%soffice:1.0" xmlns:%s="%stext:1.0" xmlns:%s="urn:example:extension"><%s:body><%s:spreadsheet>`,
			O, T, oasis, O, oasis, X, oasis, E, O, O) +
			strings.NewReplacer("T:", T+":", "O:", O+":", "X:", X+":", "E:", E+":").Replace(body) +
			fmt.Sprintf(`</%s:spreadsheet></%s:body></%s:document-content>`, O, O, O)
		r, err := openBytes(t, "a.ods", packed(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml",
			content), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(flat(cellsOf(t, r)), ";"); got != "Adano|41.5;Adano|41.5" {
			t.Errorf("%v: %s", names, got)
		}
	}
}
