package web

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// Titles come from whoever writes to the service desk: no cell may become a formula.
func TestCasesCSV(t *testing.T) {
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	text := casesCSV([]neo.Case{
		{Number: "INC1", At: at, Title: `=HYPERLINK("http://evil")`, Changes: []neo.Comparison{
			{Field: "state", Before: neo.Value{Value: "1", Display: "New"}, Would: neo.Value{Value: "-1"}, Became: neo.Value{Value: "+2"}, Agreed: true},
			{Field: "u_note", Would: neo.Value{Value: "two\nlines"}},
		}, Also: []string{"@home", "b"}},
		{Number: "\tINC2", At: at, Title: "", Also: []string{}},
	})
	want := "\ufeff" + `number,at,title,field,before,would_become,became,agreed,also
INC1,2026-05-04 12:00:00,"'=HYPERLINK(""http://evil"")",state,New,-1,+2,yes,"'@home; b"
INC1,2026-05-04 12:00:00,"'=HYPERLINK(""http://evil"")",u_note,,"two
lines",,no,"'@home; b"
"'	INC2",2026-05-04 12:00:00,,,,,,,
`
	if string(text) != want {
		t.Errorf("the CSV is\n%s\nwant\n%s", text, want)
	}
}
