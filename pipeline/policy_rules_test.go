package pipeline_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

func checkImports(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		place, known := rooms[path.Dir(s.path)]
		if !known {
			breaches = append(breaches, fmt.Sprintf("%s: the folder is no room of the policy", s.path))
			continue
		}
		if s.tested {
			continue
		}
		for _, spec := range s.file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			below, ours := strings.CutPrefix(name, "muster/")
			known := ours && strings.HasPrefix(s.path, "pipeline/") && slices.Contains(everywhere, below)
			if err != nil || known || allowed(place, name) {
				continue
			}
			breaches = append(breaches, fmt.Sprintf("%s: %s may not import %s", s.at(spec), path.Dir(s.path), name))
		}
	}
	return breaches
}

func allowed(place room, name string) bool {
	if below, ours := strings.CutPrefix(name, "muster/"); ours {
		return slices.Contains(place.rooms, below)
	}
	first, _, _ := strings.Cut(name, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(place.others, func(other string) bool {
		return name == other || strings.HasPrefix(name, other+"/")
	})
}

func checkConcurrency(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		excepted := func(place string) bool {
			return s.path == place || strings.HasSuffix(place, "/") && strings.HasPrefix(s.path, place)
		}
		if s.tested || slices.ContainsFunc(concurrent, excepted) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			what, name := starts(n)
			if what != "" && (name != "AfterFunc" || watchers[s.path] == "") {
				breaches = append(breaches, fmt.Sprintf("%s: %s belongs into %s", s.at(n), what, strings.Join(concurrent, " or ")))
			}
			return true
		})
	}
	return breaches
}

// starts says what n makes of concurrency, "" nothing, and by which method.
func starts(n ast.Node) (what, method string) {
	if _, is := n.(*ast.GoStmt); is {
		return "a goroutine", ""
	}
	call, is := n.(*ast.CallExpr)
	if !is {
		return "", ""
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if f.Name == "make" && len(call.Args) > 0 {
			if _, channel := call.Args[0].(*ast.ChanType); channel {
				return "a channel", ""
			}
		}
	case *ast.SelectorExpr:
		if f.Sel.Name == "Go" || f.Sel.Name == "TryGo" || f.Sel.Name == "AfterFunc" {
			return "a goroutine by way of " + f.Sel.Name, f.Sel.Name
		}
	}
	return "", ""
}

// checkGuards: of a panic that nobody catches the whole text is printed, which may hold a value (law 5). So every
// goroutine of the pipeline is begun with Guarded, or defers Caught.
func checkGuards(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		if s.path != concurrent[0] && !strings.HasPrefix(s.path, concurrent[1]) || s.tested {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			what, method := starts(n)
			bare := false
			switch call, _ := n.(*ast.CallExpr); {
			case what == "a goroutine":
				bare = !calls(n, "Caught")
			case method == "Go" || method == "TryGo":
				bare = len(call.Args) != 1 || !calledFirst(call.Args[0], "Guarded")
			}
			if bare {
				breaches = append(breaches, fmt.Sprintf("%s: %s without Guarded or Caught", s.at(n), what))
			}
			return true
		})
	}
	return breaches
}

// calledFirst says whether an expression is a call of a function.
func calledFirst(n ast.Node, function string) bool {
	call, is := n.(*ast.CallExpr)
	if !is {
		return false
	}
	switch name := call.Fun.(type) {
	case *ast.Ident:
		return name.Name == function
	case *ast.SelectorExpr:
		return name.Sel.Name == function
	}
	return false
}

// calls says whether a function is called anywhere below n.
func calls(n ast.Node, function string) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		found = found || n != nil && calledFirst(n, function)
		return true
	})
	return found
}

func checkComments(sources []source) (breaches []string) {
	packages, spoken := make(map[string]string), make(map[string]bool)
	for i := range sources {
		s := &sources[i]
		if s.tested {
			continue
		}
		folder := path.Dir(s.path)
		packages[folder] = s.path
		spoken[folder] = spoken[folder] || s.file.Doc != nil
		for _, decl := range s.file.Decls {
			for _, name := range silent(decl) {
				breaches = append(breaches, fmt.Sprintf("%s: %s has no doc comment", s.at(name), name.Name))
			}
		}
	}
	for folder, file := range packages {
		if !spoken[folder] {
			breaches = append(breaches, fmt.Sprintf("%s: the package has no doc comment", file))
		}
	}
	slices.Sort(breaches)
	return breaches
}

// silent returns the exported names that decl declares without a word.
func silent(decl ast.Decl) (names []*ast.Ident) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		method := d.Recv != nil
		if method && (!ast.IsExported(receiver(d)) || slices.Contains(selfEvident, d.Name.Name)) {
			return nil
		}
		if d.Doc == nil && d.Name.IsExported() {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			names = append(names, silentSpec(d, spec)...)
		}
	}
	return names
}

// silentSpec is silent for one line of a declaration: a comment on the group will do for its constants and variables.
func silentSpec(d *ast.GenDecl, spec ast.Spec) (names []*ast.Ident) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		if d.Doc != nil || s.Doc != nil || s.Comment != nil {
			return nil
		}
		for _, name := range s.Names {
			if name.IsExported() {
				names = append(names, name)
			}
		}
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		if s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
			names = append(names, s.Name)
		}
		if contract, is := s.Type.(*ast.InterfaceType); is {
			for _, method := range contract.Methods.List {
				if len(method.Names) > 0 && method.Names[0].IsExported() && method.Doc == nil && method.Comment == nil {
					names = append(names, method.Names[0])
				}
			}
		}
	}
	return names
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) string {
	expr := d.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

func checkInit(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		for _, decl := range s.file.Decls {
			if f, is := decl.(*ast.FuncDecl); is && f.Recv == nil && f.Name.Name == "init" {
				breaches = append(breaches, s.at(f)+": init runs unseen; call it by a name")
			}
		}
	}
	return breaches
}

func checkNames(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		words := append(strings.Split(path.Dir(s.path), "/"), strings.TrimSuffix(s.file.Name.Name, "_test"))
		for _, word := range words {
			if slices.Contains(nameless, word) {
				breaches = append(breaches, fmt.Sprintf("%s: %s says nothing of what is inside", s.path, word))
			}
		}
	}
	return breaches
}

func checkWorld(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		if s.tested || slices.Contains(outermost, s.path) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if name := reachesOut(s, n); name != "" {
				breaches = append(breaches, fmt.Sprintf("%s: %s is for %s alone", s.at(n), name, strings.Join(outermost, " and ")))
			}
			return true
		})
	}
	return breaches
}

// reachesOut names the part of the outer world that n uses, "" none.
func reachesOut(s *source, n ast.Node) string {
	if call, is := n.(*ast.CallExpr); is {
		if f, is := call.Fun.(*ast.Ident); is && (f.Name == "print" || f.Name == "println") {
			return f.Name
		}
	}
	selector, is := n.(*ast.SelectorExpr)
	if !is {
		return ""
	}
	x, is := selector.X.(*ast.Ident)
	if !is {
		return ""
	}
	for _, spec := range s.file.Imports {
		base := path.Base(strings.Trim(spec.Path.Value, `"`))
		name := base
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == x.Name && slices.Contains(worldly[base], selector.Sel.Name) {
			return base + "." + selector.Sel.Name
		}
	}
	return ""
}

func checkLength(sources []source) (breaches []string) {
	for i := range sources {
		s := &sources[i]
		if !s.tested && s.lines > longest && long[s.path] == "" {
			breaches = append(breaches, fmt.Sprintf("%s: %d lines, a file has at most %d", s.path, s.lines, longest))
		}
	}
	return breaches
}

// checkVariables finds package variables that a function changes, or hands out whole by address: what is set once, at
// the top, needs no lock and no order. It goes by names, and takes a name that the function declares itself for the
// local one.
func checkVariables(sources []source) (breaches []string) {
	variables := make(map[string]map[string]bool) // by folder
	for i := range sources {
		s := &sources[i]
		if s.tested {
			continue
		}
		folder := path.Dir(s.path)
		if variables[folder] == nil {
			variables[folder] = make(map[string]bool)
		}
		for _, decl := range s.file.Decls {
			if d, is := decl.(*ast.GenDecl); is && d.Tok == token.VAR {
				for _, spec := range d.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						variables[folder][name.Name] = true
					}
				}
			}
		}
	}
	for i := range sources {
		s := &sources[i]
		for _, decl := range s.file.Decls {
			f, is := decl.(*ast.FuncDecl)
			if !is || s.tested {
				continue
			}
			own := locals(f)
			for _, name := range changed(f) {
				if variables[path.Dir(s.path)][name.Name] && !own[name.Name] {
					breaches = append(breaches, fmt.Sprintf("%s: %s changes the package's variable %s, or hands it out", s.at(name),
						f.Name.Name, name.Name))
				}
			}
		}
	}
	return breaches
}

// locals are the names that f declares.
func locals(f *ast.FuncDecl) map[string]bool {
	own := make(map[string]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, left := range n.Lhs {
					own[root(left).Name] = true
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				own[root(n.Key).Name] = true
				own[root(n.Value).Name] = true
			}
		}
		return true
	})
	return own
}

// changed are the names at the root of what f assigns to, counts, or takes the address of.
func changed(f *ast.FuncDecl) (names []*ast.Ident) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					names = append(names, root(left))
				}
			}
		case *ast.IncDecStmt:
			names = append(names, root(n.X))
		case *ast.UnaryExpr:
			if whole, is := n.X.(*ast.Ident); is && n.Op == token.AND {
				names = append(names, whole)
			}
		}
		return true
	})
	return names
}

// root is the variable that an expression is a part of; one without a name where there is none.
func root(expr ast.Expr) *ast.Ident {
	for {
		switch e := expr.(type) {
		case *ast.Ident:
			return e
		case *ast.SelectorExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		default:
			return &ast.Ident{}
		}
	}
}
