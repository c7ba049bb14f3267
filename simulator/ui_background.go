package simulator

import (
	"context"
	"net/http"
)

// backgroundPage is System Definition > Scripts - Background, for administrators.
func (in *Instance) backgroundPage(v visit) {
	in.show(v, "background.html", map[string]any{"Admin": v.who.has()})
}

func (in *Instance) runBackgroundForm(v visit) {
	if !v.who.has() {
		in.message(v, http.StatusForbidden, "Not allowed", "Only an administrator may run background scripts.")
		return
	}
	source := v.r.PostForm.Get("script")
	output, err := in.runBackground(context.WithoutCancel(v.r.Context()), source, v.who)
	data := map[string]any{"Admin": true, "Script": source, "Output": output, "Ran": true}
	if err != nil {
		data["Problem"] = err.Error()
	}
	in.show(v, "background.html", data)
}
