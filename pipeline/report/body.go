package report

import (
	"fmt"
	"html/template"
	"io"
	"strings"
)

// Style is the style sheet of the pages, for a page that shows parts of them.
func Style() string { return htmlStyle }

// Body writes what stands between the head and the foot of the page of HTML, to be put into another page that has
// Style. It has no style and no script of its own.
func Body(w io.Writer, s *Summary) error {
	_, body, found := strings.Cut(htmlPage, `<main id="main">`)
	body, rest, ended := strings.Cut(body, "</main>")
	_, parts, defined := strings.Cut(rest, "</html>")
	if !found || !ended || !defined {
		return fmt.Errorf("the page has no main part")
	}
	page, err := template.New("body").Parse(body + parts + columnsPart)
	if err != nil {
		return err
	}
	return page.Execute(w, newSheet(s))
}
