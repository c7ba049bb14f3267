package simulator

import (
	"context"
	"io"
	"net/http"
	"slices"
)

// updateSetsPage lists what was imported and takes the next file. It stands for Retrieved Update Sets and its link
// "Import Update Set from XML"; the platform previews and commits in steps of their own, here all three are one.
func (in *Instance) updateSetsPage(v visit) {
	type row struct{ Name, Application, State, At, By string }
	rows := []row{}
	in.listed(v.who, "sys_remote_update_set", func(view viewer, r *record) {
		rows = append(rows, row{r.get("name"), r.get("application_name"), view.display(r, r.table.col("state")),
			view.display(r, r.table.col("commit_date")), view.personName(r.vals[colCreatedBy])})
	})
	slices.Reverse(rows)
	in.show(v, "update_sets.html", map[string]any{"Rows": rows, "Admin": v.who.has(), "Done": v.r.URL.Query().Get("committed") == "1"})
}

func (in *Instance) importUpdateSetForm(v visit) {
	if !v.who.has() {
		in.message(v, http.StatusForbidden, "Not allowed", "Only an administrator may import update sets.")
		return
	}
	f, _, err := v.r.FormFile("attachment")
	if err != nil {
		in.message(v, http.StatusBadRequest, "No file", "Choose the XML file of an update set and try again.")
		return
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err == nil {
		err = in.importUpdateSet(context.WithoutCancel(v.r.Context()), raw, v.who)
	}
	if err != nil {
		in.message(v, http.StatusBadRequest, "The update set was not committed", err.Error())
		return
	}
	http.Redirect(v.w, v.r, "/update_sets?committed=1", http.StatusSeeOther)
}
