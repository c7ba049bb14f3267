package simulator

import (
	"context"
	"fmt"
	"strings"

	"github.com/dop251/goja"
)

// backgroundName is what the system log shows as the source.
const backgroundName = "Scripts - Background"

// RunBackgroundScript runs a script as the named administrator, as the page Scripts - Background does: ES5, no current,
// for at most Options.RuleTimeout. Output is what gs.print, gs.info and their kind said, each line after "*** Script: ",
// and comes beside an error too. What the script wrote before it failed stays.
func (in *Instance) RunBackgroundScript(source, asUser string) (output string, err error) {
	who, err := in.administrator(asUser)
	if err != nil {
		return "", err
	}
	return in.runBackground(context.Background(), source, who)
}

// administrator is the named user; an error when the user is not there or not an administrator.
func (in *Instance) administrator(userName string) (*actor, error) {
	if userName == "system" {
		return in.system(), nil
	}
	who := in.actorOf(userID(userName))
	if who == nil {
		return nil, fmt.Errorf("simulator: no active user %q", userName)
	}
	if !who.has() {
		return nil, fmt.Errorf("simulator: %s is not an administrator; only an administrator may do this", userName)
	}
	return who, nil
}

func (in *Instance) runBackground(ctx context.Context, source string, who *actor) (string, error) {
	p, err := compileES5(backgroundName, source)
	if err != nil {
		return "", fmt.Errorf("the script does not compile: %w", err)
	}
	var out strings.Builder
	s := in.newScript(ctx, &rule{name: backgroundName}, writeRequest{actor: who})
	s.said = func(line string) { fmt.Fprintf(&out, "*** Script: %s\n", line) }
	s.prepare()
	// The platform's own page wraps nothing: a script's var is a global, and so are print and log there.
	_ = s.vm.Set("print", func(v goja.Value) { s.said(text(v)) })
	if _, err := s.evaluate(p); err != nil {
		return out.String(), fmt.Errorf("script %w", err)
	}
	return out.String(), nil
}
