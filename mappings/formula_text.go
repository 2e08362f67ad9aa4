package mappings

import (
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm/runtime"
)

const (
	// mostEffort bounds the bytes that an expression builds or goes through on one row: what it may return, four times
	// over.
	mostEffort = 4 * longestText
	// mostParts bounds what split makes of a cell: each part costs more than its bytes.
	mostParts = 10_000
)

// effort is what an expression has done on one row so far, in bytes. Each evaluation has its own, as a hidden argument
// of the functions that build texts: they are shared by all that run at once.
type effort struct{ spent int }

// effortKey is by what it is known in the environment; no column can be called by it in an expression.
const effortKey = "effort "

// take allows for the making of a text of n bytes, before it is made.
func (e *effort) take(n int) error {
	if n > longestText {
		return &formulaError{"the text grows too long"}
	}
	if e.spent += n; e.spent > mostEffort {
		return &formulaError{"it does too much on this row"}
	}
	return nil
}

// added is what + stands for where texts are added.
const added = "added "

// metered are the functions that an effort is handed to.
func metered(name string) bool {
	switch name {
	case "replace", "lower", "upper", "split", "join", added:
		return true
	}
	return false
}

// An effortPatch hands the effort to the functions that are metered, and makes one of the + of texts.
type effortPatch struct{}

// Visit replaces one node.
func (*effortPatch) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		callee, named := n.Callee.(*ast.IdentifierNode)
		if named && metered(callee.Value) && !handed(n.Arguments) {
			n.Arguments = append([]ast.Node{&ast.IdentifierNode{Value: effortKey}}, n.Arguments...)
		}
	case *ast.BinaryNode:
		if n.Operator == "+" && texts(n.Left, n.Right) {
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: added},
				Arguments: []ast.Node{&ast.IdentifierNode{Value: effortKey}, n.Left, n.Right}})
		}
	}
}

func handed(arguments []ast.Node) bool {
	if len(arguments) == 0 {
		return false
	}
	first, is := arguments[0].(*ast.IdentifierNode)
	return is && first.Value == effortKey
}

// texts says whether two operands are texts, as far as can be said before a row is seen: one at least is, and the other
// may be. Numbers stay with the language, and so does a mistake of kinds, which it finds and names.
func texts(left, right ast.Node) bool { return mayBeText(left) && mayBeText(right) }

func mayBeText(n ast.Node) bool {
	if call, is := n.(*ast.CallNode); is && handed(call.Arguments) {
		return true // its kind is not known yet: it was put there just now
	}
	kind := n.Type()
	return kind == nil || kind.Kind().String() == "string" || kind.Kind().String() == "interface"
}

// textOptions are the functions that build texts. Each says no beforehand to what would be too much.
func textOptions() []expr.Option {
	folded := func(fold func(string) string) func(...any) (any, error) {
		return func(args ...any) (any, error) {
			text := args[1].(string)
			if err := args[0].(*effort).take(len(text)); err != nil {
				return nil, err
			}
			return fold(text), nil
		}
	}
	return []expr.Option{
		expr.Function("lower", folded(strings.ToLower), new(func(*effort, string) string)),
		expr.Function("upper", folded(strings.ToUpper), new(func(*effort, string) string)),
		expr.Function("replace", func(args ...any) (any, error) {
			text, old, with := args[1].(string), args[2].(string), args[3].(string)
			n := strings.Count(text, old)
			if err := args[0].(*effort).take(len(text) + n*max(0, len(with)-len(old))); err != nil {
				return nil, err
			}
			return strings.ReplaceAll(text, old, with), nil
		}, new(func(*effort, string, string, string) string)),
		expr.Function("split", func(args ...any) (any, error) {
			text, between, most := args[1].(string), args[2].(string), -1
			if len(args) > 3 {
				most = runtime.ToInt(args[3])
			}
			if err := args[0].(*effort).take(len(text)); err != nil {
				return nil, err
			}
			if parts := strings.Count(text, between); parts >= mostParts && (most < 0 || most > mostParts) {
				return nil, &formulaError{"split makes more than 10000 parts"}
			}
			return strings.SplitN(text, between, most), nil
		}, new(func(*effort, string, string) []string), new(func(*effort, string, string, int) []string)),
		expr.Function("join", joined, new(func(*effort, []string, string) string), new(func(*effort, []string) string),
			new(func(*effort, []any, string) string), new(func(*effort, []any) string)),
		expr.Function(added, func(args ...any) (any, error) {
			left, isText := args[1].(string)
			right, isToo := args[2].(string)
			if !isText || !isToo {
				return runtime.Add(args[1], args[2]), nil
			}
			if err := args[0].(*effort).take(len(left) + len(right)); err != nil {
				return nil, err
			}
			return left + right, nil
		}, new(func(*effort, string, string) string), new(func(*effort, any, any) any)),
	}
}

// joined is join: a list's texts one after the other, with glue between them.
func joined(args ...any) (any, error) {
	glue := ""
	if len(args) > 2 {
		glue = args[2].(string)
	}
	var parts []string
	switch list := args[1].(type) {
	case []string:
		parts = list
	case []any:
		for _, one := range list {
			text, is := one.(string)
			if !is {
				return nil, &formulaError{"join takes texts only"}
			}
			parts = append(parts, text)
		}
	}
	size := len(glue) * max(0, len(parts)-1)
	for _, part := range parts {
		if size += len(part); size > longestText {
			break
		}
	}
	if err := args[0].(*effort).take(size); err != nil {
		return nil, err
	}
	return strings.Join(parts, glue), nil
}
