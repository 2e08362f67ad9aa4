package web_test

import (
	"flag"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "make the README's picture anew, in a browser")

// readmePicture is the step Meaning of the sample file, as README.md shows it.
const readmePicture = "../../samples/ui.png"

// TestPictureOfTheREADME makes it with -update; else it looks whether it is there, and no larger than a page should
// load.
func TestPictureOfTheREADME(t *testing.T) {
	if *update {
		state, file := sample(t, "customers.csv")
		v := visitUI(t, state, file)
		v.look("light", 1180)
		v.until(`document.body.dataset.step === "file"`)
		v.click(".forward a")
		v.until(`document.querySelectorAll(".card").length === 3`)
		v.do(chromedp.EmulateViewport(1180, 760))
		shot, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(readmePicture, shot, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Open(readmePicture)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if shot, err := png.Decode(file); err != nil || shot.Bounds().Dx() != 1180 || info.Size() > 200_000 {
		t.Errorf("the picture cannot be shown: %v, %d bytes", err, info.Size())
	}
}
