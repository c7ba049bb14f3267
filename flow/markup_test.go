package flow

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// TestFault8ValuesOpenNoMarkup: what a customer wrote into a ticket, put into a text by a
// template, is text in a journal, an e-mail and a message.
func TestFault8ValuesOpenNoMarkup(t *testing.T) {
	const zw = "\u200b"
	for name, tt := range map[string]struct {
		template          string
		values            map[string]string
		note, email, chat string
	}{
		"nothing special":    {"On {{ ticket.a }}.", map[string]string{"a": "x < y & [z]"}, "On x < y & [z].", "On x < y & [z].", "On x < y & [z]."},
		"a block":            {"{{ ticket.a }}", map[string]string{"a": "[code]<b>x</b>[/code]"}, "[" + zw + "code]<b>x</b>[" + zw + "/code]", "[" + zw + "code]<" + zw + "b>x<" + zw + "/b>[" + zw + "/code]", "[code]<b>x</b>[/code]"},
		"in any case":        {"{{ ticket.a }}", map[string]string{"a": "[CoDe]"}, "[" + zw + "CoDe]", "[" + zw + "CoDe]", "[CoDe]"},
		"with blanks":        {"{{ ticket.a }}", map[string]string{"a": "[ code ] [\u00a0/ c o\tde]"}, "[" + zw + " code ] [" + zw + "\u00a0/ c o\tde]", "[" + zw + " code ] [" + zw + "\u00a0/ c o\tde]", "[ code ] [\u00a0/ c o\tde]"},
		"nested":             {"{{ ticket.a }}", map[string]string{"a": "[co[code]de]"}, "[co[" + zw + "code]de]", "[co[" + zw + "code]de]", "[co[code]de]"},
		"of two values":      {"{{ ticket.a }}{{ ticket.b }}", map[string]string{"a": "[co", "b": "de]"}, "[" + zw + "code]", "[" + zw + "code]", "[code]"},
		"with the template":  {"[{{ ticket.a }}]", map[string]string{"a": "code"}, "[" + zw + "code]", "[" + zw + "code]", "[code]"},
		"by a filter":        {"{{ ticket.a | replace: '-', '' | downcase }}", map[string]string{"a": "[CO-DE]"}, "[" + zw + "code]", "[" + zw + "code]", "[code]"},
		"by a capture":       {"{% capture x %}[co{{ ticket.a }}{% endcapture %}{{ x }}", map[string]string{"a": "de]"}, "[" + zw + "code]", "[" + zw + "code]", "[code]"},
		"marks of our own":   {"{{ ticket.a }}", map[string]string{"a": "\ue001[code]\ue000"}, "[" + zw + "code]", "[" + zw + "code]", "[code]"},
		"the template's own": {"[code]<b>Seen</b>[/code]", nil, "[code]<b>Seen</b>[/code]", "[code]<b>Seen</b>[/code]", "[code]<b>Seen</b>[/code]"},
		"in the template's own": {"[code]<b>{{ ticket.a }}</b>[/code] {{ ticket.b }}", map[string]string{"a": "<i>&</i>[/code]<x>", "b": "a < b"},
			"[code]<b>&lt;i&gt;&amp;&lt;/i&gt;&#91;" + zw + "/code]&lt;x&gt;</b>[/code] a < b", "[code]<b>&lt;i&gt;&amp;&lt;/i&gt;&#91;" + zw + "/code]&lt;x&gt;</b>[/code] a &lt; b", "[code]<b><i>&</i>[/code]<x></b>[/code] a < b"},
		"tags":            {"Hi {{ ticket.a }}", map[string]string{"a": "<script>x</script> 1<2 <3"}, "Hi <script>x</script> 1<2 <3", "Hi <" + zw + "script>x<" + zw + "/script> 1<2 <3", "Hi <script>x</script> 1<2 <3"},
		"an HTML e-mail":  {"<p>{{ ticket.a }}</p>", map[string]string{"a": `<a href="x">`}, `<p><a href="x"></p>`, "<p>&lt;a href=&#34;x&#34;&gt;</p>", `<p><a href="x"></p>`},
		"a call":          {"{{ ticket.a }} @here", map[string]string{"a": "@channel @Here ann@heretic.example"}, "@channel @Here ann@heretic.example @here", "@channel @Here ann@heretic.example @here", "@" + zw + "channel @" + zw + "Here ann@heretic.example @here"},
		"Slack's marks":   {"{{ ticket.a }}", map[string]string{"a": "<!channel> <http://x.example|bank>"}, "<!channel> <http://x.example|bank>", "<" + zw + "!channel> <" + zw + "http://x.example|bank>", "<" + zw + "!channel> <" + zw + "http://x.example|bank>"},
		"a link":          {"[here](https://neo.example) {{ ticket.a }}", map[string]string{"a": "[bank](http://x.example)"}, "[here](https://neo.example) [bank](http://x.example)", "[here](https://neo.example) [bank](http://x.example)", "[here](https://neo.example) [bank]" + zw + "(http://x.example)"},
		"a link of two":   {"{{ ticket.a }}{{ ticket.b }}", map[string]string{"a": "[bank]", "b": "(http://x.example)"}, "[bank](http://x.example)", "[bank](http://x.example)", "[bank]" + zw + "(http://x.example)"},
		"no longer a tag": {"{{ ticket.a }}b>", map[string]string{"a": "<"}, "<b>", "<" + zw + "b>", "<b>"},
	} {
		t.Run(name, func(t *testing.T) {
			template, err := liquid.Parse(tt.template, templateNames(nil))
			if err != nil {
				t.Fatal(err)
			}
			in := Input{Settings: neo.DefaultSettings(), Ticket: neo.Ticket{Fields: map[string]neo.Value{}}}
			for field, v := range tt.values {
				in.Ticket.Fields[field] = neo.Value{Value: v}
			}
			for _, p := range []struct {
				place string
				fill  func(context.Context, *liquid.Template) (string, error)
				want  string
			}{{"note", in.note, tt.note}, {"e-mail", in.mail, tt.email}, {"chat", in.chat, tt.chat}} {
				if got, err := p.fill(t.Context(), template); err != nil || got != p.want {
					t.Errorf("%s: %+q, %v; want %+q", p.place, got, err, p.want)
				}
			}
		})
	}
}

// FuzzFault8NoMarkupInNotes: two values side by side, in a template without markup of its
// own, never make a mark of ServiceNow's.
func FuzzFault8NoMarkupInNotes(f *testing.F) {
	f.Add("[co", "de]")
	f.Add("[\n/", "CODE ]")
	template, err := liquid.Parse("{{ ticket.a }}{{ ticket.b }}", templateNames(nil))
	if err != nil {
		f.Fatal(err)
	}
	mark := regexp.MustCompile(`(?i)\[\s*/?\s*code\s*\]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		in := Input{Settings: neo.DefaultSettings(), Ticket: neo.Ticket{Fields: map[string]neo.Value{"a": {Value: a}, "b": {Value: b}}}}
		got, err := in.note(t.Context(), template)
		if err != nil {
			t.Skip()
		}
		if mark.MatchString(got) {
			t.Errorf("%+q", got)
		}
		if strings.ReplaceAll(got, "\u200b", "") != strings.ReplaceAll(strings.ToValidUTF8(withoutMarks(a), "\ufffd")+strings.ToValidUTF8(withoutMarks(b), "\ufffd"), "\u200b", "") && strings.ToValidUTF8(a+b, "") == a+b {
			t.Errorf("%+q became %+q", a+b, got)
		}
	})
}

func TestFault8BodiesForChats(t *testing.T) {
	for host, want := range map[string]string{
		"hooks.slack.com":                   `{"text":"&lt;!channel&gt; [x](http://y)"}`,
		"acme.webhook.office.com:443":       `{"text":"<` + "\u200b" + `!channel> [x]` + "\u200b" + `(http://y)"}`,
		"example.com":                       `{"text":"<!channel> [x](http://y)"}`,
		"notslack.com":                      `{"text":"<!channel> [x](http://y)"}`,
		"prod-1.westeurope.logic.azure.com": `{"text":"<` + "\u200b" + `!channel> [x]` + "\u200b" + `(http://y)"}`,
	} {
		for _, source := range []string{`{"text":"{{ ticket.a }}"}`, `{"text":{{ ticket.a }}}`, `{"text":{{ ticket.a | json }}}`} {
			template, err := liquid.Parse(source, templateNames(nil))
			if err != nil {
				t.Fatal(err)
			}
			in := Input{Settings: neo.DefaultSettings(), Ticket: neo.Ticket{Fields: map[string]neo.Value{"a": {Value: "<!channel> [x](http://y)"}}}}
			if got, err := in.fillJSON(t.Context(), chatBody(template, host)); err != nil || got != want {
				t.Errorf("%s: %s becomes %s, %v; want %s", host, source, got, err, want)
			}
		}
	}
}
