package schema

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// A pattern decides a regular expression: on text of Latin letters (Latin-1) by a table with one look-up per character,
// where the expression allows it, otherwise by package regexp, which the judge uses too. Immutable.
type pattern struct {
	expression *regexp.Regexp
	table      *automaton // nil: the expression needs package regexp
}

// newPattern compiles an expression; nil when package regexp does not take it.
func newPattern(text string) *pattern {
	expression, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return &pattern{expression, newAutomaton(text)}
}

// match reports whether the expression matches somewhere in text. It does not allocate, except now and then in package
// regexp.
func (p *pattern) match(text []byte) bool {
	if p.table != nil {
		if matched, isLatin := p.table.match(text); isLatin {
			return matched
		}
	}
	return p.expression.Match(text)
}

// latin is the number of characters a table knows.
const latin = 0x100

// An automaton is an expression as a table: state × character → state. State 0 is the start.
type automaton struct {
	next   [][latin]uint8
	accept []bool // by state, when the text ends there
}

// match runs the automaton; isLatin is false, and the answer worthless, when the text holds other characters.
func (a *automaton) match(text []byte) (matched, isLatin bool) {
	state := uint8(0)
	for i := 0; i < len(text); i++ {
		row := &a.next[state]
		for text[i] < utf8.RuneSelf && row[text[i]] == state { // the most do not leave it
			if i++; i == len(text) {
				return a.accept[state], true
			}
		}
		char := rune(text[i])
		if char >= utf8.RuneSelf {
			var size int
			if char, size = utf8.DecodeRune(text[i:]); char >= latin {
				return false, false
			}
			i += size - 1
		}
		state = row[char]
	}
	return a.accept[state], true
}

// maxStates bounds a table at 16 kB; tags and ids need 3 and 26 states.
const maxStates = 64

// newAutomaton builds the table, nil when the expression looks around (\b, (?m)^) or needs more than maxStates.
func newAutomaton(text string) *automaton {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil
	}
	for _, in := range program.Inst {
		if in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return nil
		}
	}
	return determinize(program)
}

// threads is a set of places in the program, sorted: one state of the automaton. matched: the expression has already
// matched, whatever follows.
type threads struct {
	at      []uint32
	matched bool
}

// determinize is the subset construction.
func determinize(program *syntax.Prog) *automaton {
	start := reach(program, []uint32{uint32(program.Start)}, syntax.EmptyBeginText)
	states, a := []threads{start}, &automaton{}
	for i := 0; i < len(states); i++ {
		a.accept = append(a.accept, states[i].matched || reach(program, states[i].at, syntax.EmptyEndText).matched)
		a.next = append(a.next, [latin]uint8{})
		for char := range rune(latin) {
			following := step(program, states[i], char)
			index := slices.IndexFunc(states[1:], func(s threads) bool {
				return s.matched == following.matched && slices.Equal(s.at, following.at)
			}) + 1
			if index == 0 {
				states, index = append(states, following), len(states)
			}
			if len(states) > maxStates {
				return nil
			}
			a.next[i][char] = uint8(index)
		}
	}
	return a
}

// step is the state after one more character. The search may begin at every position, so the start is always added.
func step(program *syntax.Prog, from threads, char rune) threads {
	if from.matched {
		return threads{matched: true}
	}
	to := []uint32{uint32(program.Start)}
	for _, at := range from.at {
		in := &program.Inst[at]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if in.MatchRune(char) {
				to = append(to, in.Out)
			}
		}
	}
	return reach(program, to, 0)
}

// reach goes along everything that consumes no character, as far as the conditions that hold here allow. Places that
// wait for the end of the text stay in the set.
func reach(program *syntax.Prog, from []uint32, holds syntax.EmptyOp) threads {
	var set threads
	seen := map[uint32]bool{}
	for stack := slices.Clone(from); len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		in := &program.Inst[at]
		switch in.Op {
		case syntax.InstMatch:
			return threads{matched: true}
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^holds == 0 {
				stack = append(stack, in.Out)
			}
			set.at = append(set.at, at)
		case syntax.InstFail:
		default:
			set.at = append(set.at, at)
		}
	}
	slices.Sort(set.at)
	return set
}
