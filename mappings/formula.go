package mappings

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	language "github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v3"

	"muster/pipeline/unseen"
)

// Expressions are those of expr-lang.org, cut down so that each ends within a time that hangs on its length and
// on the row's alone: no loops, no variables, no clock. Every cell is a text in them, a blank one "".
//
//	role != "end-user" and not yes(verified)
//	num(Orders, 0) >= 10 ? "gold" : "basic"
//	upper(cell("First Name")[:1])

const (
	// mostNodes bounds an expression, and with it the time of a row.
	mostNodes = 300
	// longestCell bounds what an expression takes in, and so the time that a row can cost it.
	longestCell = 64 << 10
	// longestText bounds what an expression or template can make.
	longestText = 1 << 20
)

// builtins are the functions of the language that are let in.
var builtins = []string{"len", "trim", "trimPrefix", "trimSuffix", "hasPrefix", "hasSuffix", "indexOf", "lastIndexOf",
	"string", "abs", "ceil", "floor", "round", "min", "max", "first", "last"}

// ownFunctions are muster's: its own, and those of the language that build texts, which must refuse beforehand what is
// too much.
var ownFunctions = []string{"cell", "num", "yes", "replace", "lower", "upper", "split", "join",
	"address", "first_name_first"}

// A formula is a compiled expression. Immutable.
type formula struct {
	program *vm.Program
	names   []string // of the columns that it reads, as in the expression
	keys    []string // by what they are known in its environment
}

// A formulaError is why an expression fails on a row; it holds no value.
type formulaError struct{ message string }

func (e *formulaError) Error() string { return e.message }

// compileFormula compiles an expression. decimal is the mark of num. The error is *file.Error.
func compileFormula(text string, decimal byte, yesno bool) (*formula, error) {
	options := append(slices.Concat(formulaOptions(decimal), textOptions()), expr.DisableAllBuiltins(),
		expr.MaxNodes(mostNodes))
	for _, name := range builtins {
		options = append(options, expr.EnableBuiltin(name))
	}
	config := conf.CreateNew()
	for _, option := range options {
		option(config)
	}
	tree, err := language.ParseWithConfig(text, config)
	if err != nil {
		return nil, err
	}
	reading := &reader{}
	if ast.Walk(&tree.Node, reading); reading.err != nil {
		return nil, reading.err.Bind(tree.Source)
	}
	f := &formula{names: reading.names, keys: reading.keys}
	env := map[string]any{effortKey: &effort{}}
	for _, key := range f.keys {
		env[key] = ""
	}
	options = append(options, expr.Env(env), expr.Patch(&cellPatch{}), expr.Patch(&effortPatch{}))
	if yesno {
		options = append(options, expr.AsBool())
	}
	f.program, err = expr.Compile(text, options...)
	return f, err
}

// A reader finds the columns of an expression, and what is not let in.
type reader struct {
	names, keys []string
	err         *file.Error
}

// cellKey marks columns that are named by cell("…"), so that they clash with nothing.
const cellKey = "cell "

// Visit looks at one node of an expression.
func (r *reader) Visit(node *ast.Node) {
	refuse := func(what string) {
		if r.err == nil {
			r.err = &file.Error{Location: (*node).Location(), Message: what}
		}
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if strings.HasPrefix(n.Value, "$") {
			refuse("names do not begin with $")
		} else if !slices.Contains(ownFunctions, n.Value) {
			r.add(n.Value, n.Value)
		}
	case *ast.CallNode:
		if name, is := cellName(n); is {
			r.add(name, cellKey+name)
		} else if callee, named := n.Callee.(*ast.IdentifierNode); !named || !slices.Contains(ownFunctions, callee.Value) {
			refuse("there is no such function")
		} else if callee.Value == "cell" {
			refuse(`cell takes a column's name, as in cell("First Name")`)
		}
	case *ast.PredicateNode, *ast.PointerNode, *ast.VariableDeclaratorNode, *ast.SequenceNode, *ast.MapNode:
		refuse("loops and variables are not let in: an expression must end soon on every row")
	case *ast.BinaryNode:
		if n.Operator == ".." {
			refuse("ranges are not let in: an expression must end soon on every row")
		}
	}
}

func (r *reader) add(name, key string) {
	if !slices.Contains(r.keys, key) {
		r.names, r.keys = append(r.names, name), append(r.keys, key)
	}
}

func cellName(n *ast.CallNode) (string, bool) {
	callee, named := n.Callee.(*ast.IdentifierNode)
	if !named || callee.Value != "cell" || len(n.Arguments) != 1 {
		return "", false
	}
	name, is := n.Arguments[0].(*ast.StringNode)
	if !is {
		return "", false
	}
	return name.Value, true
}

// A cellPatch makes cell("First Name") the name of a column.
type cellPatch struct{}

// Visit replaces one node where it is such a call.
func (*cellPatch) Visit(node *ast.Node) {
	if call, is := (*node).(*ast.CallNode); is {
		if name, is := cellName(call); is {
			ast.Patch(node, &ast.IdentifierNode{Value: cellKey + name})
		}
	}
}

// formulaOptions are muster's own functions.
func formulaOptions(decimal byte) []expr.Option {
	number := newConversion(asNumber, manners{decimal: decimal})
	truth := newConversion(asBool, manners{})
	return []expr.Option{
		expr.Function("cell", func(...any) (any, error) { return "", nil }, new(func(string) string)),
		expr.Function("num", func(args ...any) (any, error) {
			var rec Record
			v := Value{Kind: '"', Text: unseen.Trim([]byte(args[0].(string)))}
			var n float64
			if len(v.Text) > 0 && number.run(number, &v, &rec) == nil {
				if _, err := fmt.Sscanf(string(v.Text), "%g", &n); err == nil {
					return n, nil
				}
			}
			if len(args) < 2 {
				return nil, &formulaError{"num finds no number"}
			}
			if whole, is := args[1].(int); is {
				return float64(whole), nil
			}
			return args[1], nil
		}, new(func(string) float64), new(func(string, float64) float64), new(func(string, int) float64)),
		expr.Function("address", func(args ...any) (any, error) {
			a, _ := TakeApart(args[0].(string))
			part, is := a.part(args[1].(string))
			if !is {
				return nil, &formulaError{"address gives " + strings.Join(addressParts(), ", ")}
			}
			return part, nil
		}, new(func(string, string) string)),
		expr.Function("first_name_first", func(args ...any) (any, error) {
			name, _ := FirstNameFirst(args[0].(string))
			return name, nil
		}, new(func(string) string)),
		expr.Function("yes", func(args ...any) (any, error) {
			var rec Record
			v := Value{Kind: '"', Text: unseen.Trim([]byte(args[0].(string)))}
			if len(v.Text) == 0 {
				return false, nil
			}
			if truth.run(truth, &v, &rec) != nil {
				return nil, &formulaError{"yes finds neither yes nor no"}
			}
			return string(v.Text) == "true", nil
		}, new(func(string) bool)),
	}
}

// readFormula compiles the expression of a mapping file, and notes what is wrong with it at its place.
func (p *parser) readFormula(n *yaml.Node, what string, yesno bool) *formula {
	text, ok := p.text(n, what)
	if !ok {
		return nil
	}
	f, err := compileFormula(text, p.mapping.manners.decimal, yesno)
	if err == nil {
		return f
	}
	at := *n
	message := err.Error()
	var broken *file.Error
	if errors.As(err, &broken) {
		message = broken.Message
		at.Line, at.Column = placeIn(n, broken)
	}
	p.Mistake(&at, formulaFix(message, text), "%s: %s", what, message)
	return nil
}

// placeIn is where in the file an expression is broken.
func placeIn(n *yaml.Node, broken *file.Error) (line, column int) {
	if n.Style == yaml.LiteralStyle || n.Style == yaml.FoldedStyle {
		return n.Line + max(broken.Line, 1), 1
	}
	column = n.Column + broken.Column
	if n.Style == yaml.SingleQuotedStyle || n.Style == yaml.DoubleQuotedStyle {
		column++
	}
	return n.Line, column
}

func formulaFix(message, text string) string {
	switch {
	case strings.Contains(message, "mismatched types string and"), strings.Contains(message, "and string)"):
		return "cells are texts: num(Orders) makes a number of one, yes(VIP) true or false"
	case strings.Contains(message, "no such function"), strings.Contains(message, "unknown name"):
		return "functions are " + strings.Join(slices.Concat(ownFunctions, builtins), ", ")
	case strings.Contains(message, "unexpected token Identifier") && strings.Contains(text, " "):
		return `a column whose name has spaces is written cell("First Name")`
	case strings.Contains(message, "expected bool"):
		return `say when, as in  role != "end-user"`
	}
	return ""
}

// formulaCells is a formula bound to the columns of a file.
type formulaCells struct {
	*formula
	columns []int // by key; -1: the file has none
}

// run gives the formula's value for a row. The error holds no value of the row.
func (f *formulaCells) run(rec *Record, cells [][]byte, kinds []byte, strip bool) (any, error) {
	if rec.env == nil {
		rec.env = map[string]any{effortKey: &effort{}}
	}
	*rec.env[effortKey].(*effort) = effort{}
	for i, key := range f.keys {
		text, kind := []byte(nil), byte(0)
		if f.columns[i] >= 0 {
			text, kind = cell(cells, kinds, f.columns[i])
		}
		if kind == 0 || kind == ' ' || kind == 'n' {
			text = nil
		}
		if strip {
			text = Unprotect(text)
		}
		if len(text) > longestCell {
			return nil, &formulaError{"a cell has more than 64 kB"}
		}
		rec.env[key] = string(text)
	}
	got, err := rec.machine.Run(f.program, rec.env)
	var own *formulaError
	switch {
	case err == nil:
		return got, nil
	case errors.As(err, &own):
		return nil, own
	}
	return nil, &formulaError{"it fails on what the cells hold"} // the library's words may hold a value
}

// literalOf writes a formula's value as a cell: its text and JSON kind. Kind 0: no value.
func literalOf(dst []byte, got any) (text []byte, kind byte, err error) {
	switch v := got.(type) {
	case nil:
		return dst, 0, nil
	case string:
		return append(dst, v...), '"', nil
	case bool:
		return fmt.Appendf(dst, "%t", v), 't', nil
	case int:
		return fmt.Appendf(dst, "%d", v), '0', nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return dst, 0, &formulaError{"the result is no number"}
		}
		return appendFloat(dst, v), '0', nil
	}
	return literalList(dst, got)
}
