package pipeline_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many columns a line may have; a tab is one.
const widest = 120

// near is how close to the limit a text may end for what stands behind it to stay on its line.
const near = 25

func checkWidth(sources []source) (breaches []string) {
	for i := range sources {
		for _, line := range sources[i].wide {
			breaches = append(breaches, fmt.Sprintf("%s:%d: more than %d columns", sources[i].path, line, widest))
		}
	}
	return breaches
}

// wideLines are the lines of a Go file that are too long. Text is as long as it is: a line on which a literal text
// comes near the limit, and a table in a comment, may be longer.
func wideLines(text string) (wide []int) {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	texts := map[int]bool{}
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok != token.STRING {
			continue
		}
		first := file.Line(pos)
		for n := range strings.Count(lit, "\n") + 1 {
			texts[first+n] = texts[first+n] || n > 0 || file.Position(pos).Column+len(lit) > widest-near
		}
	}
	for i, line := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(line) > widest && !texts[i+1] && !strings.HasPrefix(strings.TrimLeft(line, "\t"), "//\t") {
			wide = append(wide, i+1)
		}
	}
	return wide
}

func TestPolicyFindsWideLines(t *testing.T) {
	long := strings.Repeat("a", 130)
	text := "package p\n\n// " + long + "\nvar " + long + " = 1\nvar s = \"" + long + "\"\nvar r = `\n" + long + "\n`\n//\t" + long + "\n"
	if got := fmt.Sprint(wideLines(text)); got != "[3 4]" {
		t.Errorf("lines %s", got)
	}
}
