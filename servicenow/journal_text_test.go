package servicenow_test

import (
	"strings"
	"testing"

	"github.com/neoagent/neo/servicenow"
)

func TestFault8JournalText(t *testing.T) {
	for name, tt := range map[string]struct{ entry, want string }{
		"plain":                 {"It works, please close it & thanks", "It works, please close it & thanks"},
		"plain with a tag":      {"x < y, <b>as is</b> &amp; so on", "x < y, <b>as is</b> &amp; so on"},
		"a paragraph":           {"[code]<p>It works,&nbsp;please&nbsp;<b>close</b> it &amp; thanks</p>[/code]", "It works, please close it & thanks"},
		"paragraphs":            {"[code]<p>One</p>\n<p>Two<br />Three</p>[/code]", "One\nTwo\nThree"},
		"an empty line":         {"[code]One<br><br>Two[/code]", "One\n\nTwo"},
		"in any case":           {"[CODE]<P>Hi</P>[/Code]", "Hi"},
		"text around it":        {"Before\n[code]<i>in</i>[/code]\nafter <i>as is</i>", "Before\nin\nafter <i>as is</i>"},
		"two blocks":            {"[code]a[/code] and [code]&lt;b&gt;[/code]", "a and <b>"},
		"a list":                {"[code]<ul><li>One</li><li>Two</li></ul>[/code]", "- One\n- Two"},
		"a table":               {"[code]<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>[/code]", "a b\nc"},
		"preformatted":          {"[code]<pre>a  b\n  c</pre>[/code]", "a  b\n  c"},
		"a link":                {`[code]<a href="https://example.com">here</a>[/code]`, "here"},
		"a picture":             {`[code]<img src="x.png" alt="Screenshot">[/code]`, "Screenshot"},
		"nobody sees":           {"[code]<style>p{color:red}</style><script>alert(1)</script><!-- note -->Seen[/code]", "Seen"},
		"numbered letters":      {"[code]caf&#233; &#x1F600; &euro;5[/code]", "café 😀 €5"},
		"cut":                   {"[code]<p>It wor", "It wor"},
		"cut in a tag":          {"[code]<p>It works</p><p cla", "It works"},
		"cut in the end":        {"[code]<p>It works</p>[/co", "It works"},
		"nothing in it":         {"[code]<p>&nbsp;</p>[/code]", ""},
		"only the end":          {"as is [/code]", "as is [/code]"},
		"brackets":              {"[cod] [[code]]x[/code]", "[cod] []x"},
		"wrapped as it is sent": {"[code]<p>A line\n   that goes on</p>[/code]", "A line that goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			got := servicenow.JournalText(tt.entry)
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if again := servicenow.JournalText(got); again != got {
				t.Errorf("applied again: %q", again)
			}
		})
	}
}

// FuzzJournalText: whatever an entry is, its text holds no mark that was one, and it takes
// time in proportion.
func FuzzJournalText(f *testing.F) {
	f.Add("[code]<p>a</p>[/code]")
	f.Add("[code][code]<p>[/code]")
	f.Fuzz(func(t *testing.T, entry string) {
		if got := servicenow.JournalText(entry); len(got) > 4*len(entry)+16 {
			t.Errorf("%d bytes became %d", len(entry), len(got))
		}
	})
}

func BenchmarkJournalText(b *testing.B) {
	entry := strings.Repeat("[", 4_000) + "[code]" + strings.Repeat("<p>It works,&nbsp;please close it</p>", 100)
	b.ReportAllocs()
	for b.Loop() {
		servicenow.JournalText(entry)
	}
}
