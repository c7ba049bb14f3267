package simulator

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// pages is one template set per page: the layout with the page's own body.
var pages = parsePages()

func parsePages() map[string]*template.Template {
	out := map[string]*template.Template{}
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		if e.Name() == "layout.html" || e.Name() == "fields.html" {
			continue
		}
		out[e.Name()] = template.Must(template.New("layout.html").Funcs(pageFuncs).ParseFS(templateFiles,
			"templates/layout.html", "templates/fields.html", "templates/"+e.Name()))
	}
	return out
}

// page renders a whole page or, should a template fail, nothing but a 500.
func (in *Instance) page(w http.ResponseWriter, name string, data map[string]any) {
	var b bytes.Buffer
	if err := pages[name].Execute(&b, data); err != nil {
		in.opts.Log.Error("simulator: page failed", "page", name, "error", err)
		http.Error(w, "This page could not be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	_, _ = w.Write(b.Bytes())
}
