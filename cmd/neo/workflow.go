package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/workflowfile"
)

type workflowCommand struct {
	Validate validateWorkflows `cmd:"" help:"Look whether files are right."`
	Test     testWorkflows     `cmd:"" help:"Try the cases in files: event in, expected actions out. Needs no server."`
	Doctor   doctorWorkflows   `cmd:"" help:"Name comparisons in files that say something else than in earlier versions."`
	Export   exportWorkflows   `cmd:"" help:"Write the workflows of a server into a folder."`
	Diff     diffWorkflows     `cmd:"" help:"Show what apply would change. Exits with 1 when there is something."`
	Apply    applyWorkflows    `cmd:"" help:"Make the workflows of a server as they are in files."`
	Schema   workflowSchema    `cmd:"" help:"Print the JSON Schema of a file, for editors."`
}

type workflowPaths struct {
	Paths []string `arg:"" name:"path" help:"Files, and folders of files ending in .yaml or .yml."`
}

// load reads the files and reports what is wrong with them.
func (p workflowPaths) load(errs errorOutput) ([]*workflowfile.Workflow, error) {
	workflows, mistakes := workflowfile.Load(p.Paths...)
	return workflows, report(errs, mistakes)
}

// report prints mistakes; with any, the error sums them up.
func report(errs errorOutput, mistakes []workflowfile.Mistake) error {
	files := map[string]bool{}
	for _, m := range mistakes {
		fmt.Fprintln(errs, m)
		files[m.File] = true
	}
	if len(mistakes) == 0 {
		return nil
	}
	return neo.Errorf(neo.CodeInvalid, "%s in %s.", counted(len(mistakes), "mistake"), counted(len(files), "file"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

type validateWorkflows struct{ workflowPaths }

func (v validateWorkflows) Run(out output, errs errorOutput) error {
	workflows, err := v.load(errs)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: nothing is wrong.\n", counted(len(workflows), "workflow"))
	return nil
}

type testWorkflows struct {
	workflowPaths
	Verbose bool `help:"Name every case." short:"v"`
}

func (c testWorkflows) Run(ctx context.Context, out output, errs errorOutput) error {
	workflows, mistakes := workflowfile.Load(c.Paths...)
	var wrong []workflowfile.Mistake
	for _, m := range mistakes {
		if !m.Futile {
			wrong = append(wrong, m)
			continue
		}
		// The cases show what it comes to.
		fmt.Fprintf(errs, "%s (A server does not take the workflow so.)\n", m)
	}
	if err := report(errs, wrong); err != nil {
		return err
	}
	cases, failed := 0, 0
	for _, w := range workflows {
		results := w.Test(ctx)
		cases += len(results)
		bad := 0
		for _, r := range results {
			switch {
			case r.Failure != "":
				bad++
				fmt.Fprintf(errs, "FAIL %s\n", strings.TrimRight(r.Mistake().String(), "\n"))
			case c.Verbose:
				fmt.Fprintf(out, "ok   %s: %q: %s\n", w.File, w.Definition.Name, r.Case.Name)
			}
		}
		if failed += bad; bad == 0 && !c.Verbose {
			fmt.Fprintf(out, "ok   %s: %q: %s\n", w.File, w.Definition.Name, counted(len(results), "case"))
		}
	}
	if failed > 0 {
		return neo.Errorf(neo.CodeInvalid, "%d of %s failed.", failed, counted(cases, "case"))
	}
	if cases == 0 {
		return neo.Errorf(neo.CodeInvalid, "There is no case in these files. docs/workflows.md shows how one is written.")
	}
	fmt.Fprintf(out, "%s passed.\n", counted(cases, "case"))
	return nil
}

type doctorWorkflows struct{ workflowPaths }

func (c doctorWorkflows) Run(out output, errs errorOutput) error {
	workflows, mistakes := workflowfile.Load(c.Paths...)
	var wrong []workflowfile.Mistake
	for _, m := range mistakes {
		if !m.Futile { // the shifts tell the others
			wrong = append(wrong, m)
		}
	}
	if err := report(errs, wrong); err != nil {
		return err
	}
	found := 0
	for _, w := range workflows {
		for _, m := range w.Shifts() {
			fmt.Fprintln(out, m)
			found++
		}
	}
	if found == 0 {
		fmt.Fprintf(out, "%s: every comparison says what it said.\n", counted(len(workflows), "workflow"))
	}
	return nil
}

type workflowSchema struct{}

func (workflowSchema) Run(out output) error {
	_, err := out.Write(workflowfile.JSONSchema())
	return err
}

type workflowServer struct {
	URL    string `help:"Where Neo runs." name:"url" env:"NEO_URL" required:""`
	APIKey string `help:"An API key, made in Neo's settings." name:"api-key" env:"NEO_API_KEY" required:""`
}

// all returns the server and its workflows.
func (s workflowServer) all(ctx context.Context) (*workflowfile.Server, []workflowfile.Remote, error) {
	server, err := workflowfile.At(s.URL, s.APIKey)
	if err != nil {
		return nil, nil, err
	}
	all, err := server.Workflows(ctx)
	return server, all, err
}

type exportWorkflows struct {
	workflowServer
	Folder string   `arg:"" help:"Where to. Files there keep their cases."`
	Names  []string `arg:"" optional:"" name:"name" help:"Names or ids of workflows. Default: all."`
}

func (e exportWorkflows) Run(ctx context.Context, out output) error {
	server, all, err := e.all(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	wanted := all
	if len(e.Names) > 0 {
		wanted = nil
		for _, name := range e.Names {
			before := len(wanted)
			for _, r := range all {
				if r.ID == name || r.Definition.Name == name {
					wanted = append(wanted, r)
				}
			}
			if len(wanted) == before {
				return neo.Errorf(neo.CodeNotFound, "%s has no workflow %q. Look at the names in the dashboard.", server.URL(), name)
			}
		}
	}
	exported, err := workflowfile.Export(e.Folder, wanted)
	for _, x := range exported {
		fmt.Fprintf(out, "%-9s  %s  %q\n", x.Change, x.File, x.Name)
	}
	return err
}

// comparison is what diff shows and apply does.
type comparison struct {
	workflowPaths
	workflowServer
	Prune bool `help:"Also workflows that are on the server and in no file: they are deleted."`
}

// compare reads both sides. changes are only those that change something.
func (c comparison) compare(ctx context.Context, errs errorOutput) (server *workflowfile.Server, changes []workflowfile.Change, same int, err error) {
	files, err := c.load(errs)
	if err != nil {
		return nil, nil, 0, err
	}
	server, all, err := c.all(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	compared, mistakes := workflowfile.Compare(files, all)
	if err := report(errs, mistakes); err != nil {
		return nil, nil, 0, err
	}
	if err := server.AsSaved(ctx, compared); err != nil {
		return nil, nil, 0, err
	}
	for _, change := range workflowfile.Ordered(compared) {
		switch {
		case change.File == nil && !c.Prune:
		case change.File != nil && change.Server != nil && change.Difference == "":
			same++
		default:
			changes = append(changes, change)
		}
	}
	return server, changes, same, nil
}

// show prints what changes make of a server.
func show(out output, changes []workflowfile.Change, same int) {
	for _, c := range changes {
		switch {
		case c.File == nil:
			fmt.Fprintf(out, "- delete %q\n", c.Name())
		case c.Server == nil:
			fmt.Fprintf(out, "+ create %q (%s)\n", c.Name(), c.File.File)
		default:
			fmt.Fprintf(out, "~ update %q (%s)\n%s", c.Name(), c.File.File, c.Difference)
		}
	}
	fmt.Fprintf(out, "%d to create, %d to update, %d to delete, %d as they are.\n",
		count(changes, func(c workflowfile.Change) bool { return c.Server == nil }),
		count(changes, func(c workflowfile.Change) bool { return c.Server != nil && c.File != nil }),
		count(changes, func(c workflowfile.Change) bool { return c.File == nil }), same)
}

func count(changes []workflowfile.Change, is func(workflowfile.Change) bool) int {
	return len(slices.DeleteFunc(slices.Clone(changes), func(c workflowfile.Change) bool { return !is(c) }))
}

type diffWorkflows struct{ comparison }

func (d diffWorkflows) Run(ctx context.Context, out output, errs errorOutput) error {
	server, changes, same, err := d.compare(ctx, errs)
	if err != nil {
		return err
	}
	defer server.Close()
	show(out, changes, same)
	if len(changes) > 0 {
		return neo.Errorf(neo.CodeConflict, "%s not as in the files.", are(len(changes)))
	}
	return nil
}

func are(n int) string {
	if n == 1 {
		return "1 workflow is"
	}
	return fmt.Sprintf("%d workflows are", n)
}

type applyWorkflows struct {
	comparison
	Yes            bool   `help:"Do it without asking." short:"y"`
	OverrideReason string `help:"Enable workflows although something that they need is missing, for this reason. It is stored with the version." name:"override-reason"`
}

func (a applyWorkflows) Run(ctx context.Context, in input, out output, errs errorOutput) error {
	server, changes, same, err := a.compare(ctx, errs)
	if err != nil {
		return err
	}
	defer server.Close()
	show(out, changes, same)
	if len(changes) == 0 {
		return nil
	}
	if !a.Yes {
		fmt.Fprintf(out, "Do this at %s? [y/N] ", server.URL())
		answer, err := bufio.NewReader(in).ReadString('\n')
		if yes := strings.ToLower(strings.TrimSpace(answer)); yes != "y" && yes != "yes" {
			if err != nil && answer == "" {
				fmt.Fprintln(out)
				return neo.Errorf(neo.CodeInvalid, "Nobody answered, and nothing was done. Give --yes to go on without a question.")
			}
			return neo.Errorf(neo.CodeInvalid, "Nothing was done.")
		}
	}
	server.OverrideReason = a.OverrideReason
	for i, c := range changes {
		err := server.Apply(ctx, c)
		for _, w := range server.Warnings() {
			fmt.Fprintf(errs, "warning: %q: %s\n", c.Name(), w)
		}
		if err != nil {
			return neo.Errorf(neo.CodeOf(err), "%q was refused: %s\n%d of %s done.", c.Name(), neo.MessageOf(err), i, counted(len(changes), "change"))
		}
	}
	fmt.Fprintf(out, "%s done.\n", counted(len(changes), "change"))
	return nil
}
