package simulator

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
)

// Global scripts run in Rhino's "ES5 Standards Mode" (fact sheet 4.2). The engine here knows later syntax too, so a
// script is read first and what ES5 does not have is refused, as Rhino refuses it, before anything runs.

// newGlobals are names ES5 does not have. Rhino fails when a script reaches one, not before: runtimes lack them.
var newGlobals = []string{"Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Promise", "Proxy", "Reflect", "Symbol",
	"BigInt", "globalThis", "AggregateError", "FinalizationRegistry"}

// CheckES5 says what in a script an ES5 engine would refuse: syntax newer than ES5, and globals it does not have. It does
// not look for newer methods, such as those of strings.
func CheckES5(source string) error {
	p, err := goja.Parse("script", source)
	if err != nil {
		return fmt.Errorf("simulator: the script cannot be parsed: %w", err)
	}
	if err := es5Syntax(p); err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	if err := es5Globals(p); err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	return nil
}

// compileES5 makes a program of a script without syntax newer than ES5.
func compileES5(name, source string) (*goja.Program, error) {
	p, err := goja.Parse(name, source)
	if err != nil {
		return nil, err
	}
	if err := es5Syntax(p); err != nil {
		return nil, err
	}
	return goja.CompileAST(p, false)
}

// es5Syntax names the first piece of syntax that is newer than ES5.
func es5Syntax(p *ast.Program) error {
	var found error
	walkScript(reflect.ValueOf(p.Body), func(n ast.Node) bool {
		if what := newSyntax(n); what != "" && found == nil {
			found = fmt.Errorf("line %d: %s: not in ES5", line(p.File, n), what)
		}
		return found == nil
	})
	return found
}

func newSyntax(n ast.Node) string {
	switch n := n.(type) {
	case *ast.LexicalDeclaration:
		return n.Token.String()
	case *ast.ForDeclaration:
		return "let or const"
	case *ast.ForOfStatement:
		return "for-of"
	case *ast.ArrowFunctionLiteral:
		return "arrow function"
	case *ast.ClassLiteral:
		return "class"
	case *ast.TemplateLiteral:
		return "template literal"
	case *ast.SpreadElement:
		return "spread"
	case *ast.ArrayPattern, *ast.ObjectPattern:
		return "destructuring"
	case *ast.PropertyShort:
		return "shorthand property"
	case *ast.OptionalChain, *ast.Optional:
		return "optional chaining"
	case *ast.YieldExpression, *ast.AwaitExpression:
		return "yield or await"
	case *ast.SuperExpression, *ast.MetaProperty:
		return "super or new.target"
	case *ast.FunctionLiteral:
		if n.Async || n.Generator {
			return "async or generator function"
		}
	case *ast.ParameterList:
		if n.Rest != nil {
			return "rest parameter"
		}
		for _, b := range n.List {
			if b.Initializer != nil {
				return "default parameter"
			}
		}
	case *ast.PropertyKeyed:
		if n.Computed || n.Kind == ast.PropertyKindMethod {
			return "computed property or method in an object"
		}
	case *ast.CatchStatement:
		if n.Parameter == nil {
			return "catch without a parameter"
		}
	case *ast.BinaryExpression:
		return newOperator(n.Operator)
	case *ast.AssignExpression:
		return newOperator(n.Operator)
	case *ast.NumberLiteral:
		if l := strings.ToLower(n.Literal); strings.HasPrefix(l, "0b") || strings.HasPrefix(l, "0o") ||
			strings.Contains(l, "_") || strings.HasSuffix(l, "n") {
			return "number " + n.Literal
		}
	case *ast.RegExpLiteral:
		if strings.Trim(n.Flags, "gim") != "" || strings.Contains(n.Pattern, "(?<") {
			return "regular expression " + n.Literal
		}
	}
	return ""
}

func newOperator(t token.Token) string {
	switch t {
	case token.EXPONENT, token.COALESCE:
		return "operator " + t.String()
	}
	return ""
}

// es5Globals names the first use of a global that ES5 does not have. Asking for its typeof is allowed, and so is any name
// the script declares itself, wherever it does.
func es5Globals(p *ast.Program) error {
	declared := map[string]bool{}
	var used []*ast.Identifier
	declare := func(n any) {
		if id, ok := n.(*ast.Identifier); ok && id != nil {
			declared[id.Name.String()] = true
		}
	}
	walkScript(reflect.ValueOf(p.Body), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Binding:
			declare(n.Target)
		case *ast.FunctionLiteral:
			declare(n.Name)
		case *ast.CatchStatement:
			declare(n.Parameter)
		case *ast.UnaryExpression:
			if _, name := n.Operand.(*ast.Identifier); name && n.Operator == token.TYPEOF {
				return false
			}
		case *ast.Identifier:
			used = append(used, n)
		}
		return true
	})
	for _, id := range used {
		for _, name := range newGlobals {
			if id.Name.String() == name && !declared[name] {
				return fmt.Errorf("line %d: %s: not in ES5", line(p.File, id), name)
			}
		}
	}
	return nil
}

func line(f *file.File, n ast.Node) int { return f.Position(int(n.Idx0())).Line }

// walkScript visits every node below v, in the order of the fields of its types; enter says whether to look inside. The
// parser has no walker of its own.
func walkScript(v reflect.Value, enter func(ast.Node) bool) {
	switch v.Kind() {
	case reflect.Interface:
		walkScript(v.Elem(), enter)
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(ast.Node); ok && !enter(n) {
			return
		}
		walkFields(v.Elem(), enter)
	case reflect.Struct:
		walkScript(v.Addr(), enter)
	case reflect.Slice:
		for i := range v.Len() {
			walkScript(v.Index(i), enter)
		}
	}
}

func walkFields(v reflect.Value, enter func(ast.Node) bool) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case !f.IsExported() || f.Name == "DeclarationList": // repeats what the body says
		case f.Type == reflect.TypeFor[ast.Identifier](): // the b of a.b
		default:
			walkScript(v.Field(i), enter)
		}
	}
}
