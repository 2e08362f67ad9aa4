package pipeline_test

import (
	"testing"

	"github.com/xuri/excelize/v2"

	"muster/pipeline"
)

// In a workbook a time of day is a number, which reads with its seconds: 09:30 there is 09:30, and 09:30:15 is not.
func TestEngageTimesInAWorkbook(t *testing.T) {
	dir := t.TempDir()
	check := func(cell string) []found {
		name := "people" + cell[:1] + ".xlsx"
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Channel: "whatsapp",
			Properties: prepared(t, dir, "properties.csv", "name,type\ncallAt,Time\n", ""),
			Files:      []string{timesheet(t, dir+"/"+name, cell)}})
		if err != nil {
			t.Fatal(err)
		}
		return problems(t, s)
	}
	if all := check("09:30:00"); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	if all := check("19:30:15"); len(all) != 1 || all[0].code != "cell.time" || all[0].cell != "B2" {
		t.Errorf("%+v", all)
	}
}

// timesheet writes a workbook of one customer.
func timesheet(t *testing.T, path, cell string) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range [][]any{{"number", "callAt"}, {"15550100001", cell}} {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}
