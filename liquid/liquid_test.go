package liquid_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/neoagent/neo/liquid"
)

// names allows ticket.<anything>, list and now.
var names = liquid.Names{Roots: []string{"ticket", "list", "now"}, Check: func(path []string) error {
	if path[0] == "ticket" && len(path) != 2 {
		return fmt.Errorf("%s is not known; use ticket.number", strings.Join(path, "."))
	}
	return nil
}}

var now = time.Date(2026, 3, 9, 8, 5, 0, 0, time.UTC)

func values() map[string]any {
	at := now
	return map[string]any{
		"ticket": map[string]any{
			"number": "INC1", "title": "Printer \"3\" is <b>down</b>", "urgency": "2", "evil": "{{ ticket.number }}{% for %}",
			"opened": liquid.Moment{Text: "09/03/2026 09:05", At: at}, "umlaut": "ÄÖÜ", "n": int64(7),
		},
		"list": []any{"b", "a", "b"},
		"now":  at,
	}
}

func TestRender(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"plain } { % text", "plain } { % text"},
		{"{{ ticket.number }}", "INC1"},
		{"[{{ ticket.nothing }}]", "[]"},
		{"{{ ticket.evil }}", "{{ ticket.number }}{% for %}"},
		{"{{ ticket.title }}", `Printer "3" is <b>down</b>`},
		{`{{ ticket["number"] }}`, "INC1"},
		{"a {{- ticket.number -}} b", "aINC1b"},
		{"a \n{%- if true -%} x {%- endif -%} \n b", "axb"},
		{"{% if ticket.urgency == 2 %}yes{% else %}no{% endif %}", "yes"},
		{"{% if ticket.urgency < 10 %}yes{% endif %}", "yes"},
		{"{% if ticket.nothing %}yes{% elsif ticket.nothing == empty %}none{% endif %}", "none"},
		{"{% if ticket.nothing < 3 %}yes{% else %}no{% endif %}", "no"},
		{"{% unless ticket.number contains 'NC' %}a{% else %}b{% endunless %}", "b"},
		{"{% if true or false and false %}yes{% endif %}", "yes"},
		{"{% if true and false or true %}yes{% endif %}", "yes"},
		{"{% if now > ticket.opened %}later{% else %}same{% endif %}", "same"},
		{"{% case ticket.urgency %} {% when 1, 2 %}high{% when 3 %}low{% else %}?{% endcase %}", "high"},
		{"{% case ticket.number %}{% when 'x' or 'y' %}high{% else %}?{% endcase %}", "?"},
		{"{% for x in list %}{{ forloop.index }}{{ x }}{% unless forloop.last %},{% endunless %}{% endfor %}", "1b,2a,3b"},
		{"{% for x in list limit: 1 offset: 1 %}{{ x }}{% endfor %}", "a"},
		{"{% for x in list reversed %}{{ x }}{% break %}{% endfor %}", "b"},
		{"{% for x in ticket.nothing %}{{ x }}{% else %}none{% endfor %}", "none"},
		{"{% for i in (1..3) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "13"},
		{"{% for i in (1..2) %}{% for i in (3..4) %}{{ i }}{% endfor %}{{ i }}{% endfor %}", "341342"},
		{"{% assign w = ticket.number | downcase %}{{ w }}", "inc1"},
		{"{% capture w %}<{{ ticket.number }}>{% endcapture %}{{ w }}{{ w | size }}", "<INC1>6"},
		{"{% comment %}{{ nonsense | }}{% endcomment %}x", "x"},
		{"{% raw %}{{ x }}{% endraw %}", "{{ x }}"},
		{"{{ list }}", "b, a, b"},
		{"{{ list | uniq | sort | join: '-' }}", "a-b"},
		{"{{ list.first }}{{ list.size }}{{ list[1] }}{{ list | last }}", "b3ab"},
		{"{{ 'a,b,,' | split: ',' | size }}", "2"},
		{"{{ 'a b  c' | split: ' ' | reverse | join }}", "c b a"},
		{"{{ ticket.nothing | default: 'none' }}", "none"},
		{"{{ ticket.umlaut | downcase | capitalize }}", "Äöü"},
		{"{{ ticket.umlaut | slice: 1 }}{{ ticket.umlaut | slice: -2, 2 }}", "ÖÖÜ"},
		{"{{ 'one two three' | truncate: 10 }}|{{ 'one two three' | truncate: 8, '…' }}|{{ 'one' | truncate }}", "one two...|one two…|one"},
		{"{{ 'one two three' | truncatewords: 2 }}", "one two..."},
		{"{{ ticket.title | strip_html }}", `Printer "3" is down`},
		{"{{ ticket.title | escape }}", "Printer &#34;3&#34; is &lt;b&gt;down&lt;/b&gt;"},
		{"{{ ticket.title | json }}", `"Printer \"3\" is <b>down</b>"`},
		{"{{ ticket.nothing | json }}", `""`},
		{"{{ 'a-b' | replace: '-', '+' }}{{ 'a-b-c' | remove_first: '-' }}", "a+bab-c"},
		{"{{ 7 | plus: 3 }} {{ 7 | minus: 3.5 }} {{ 7 | times: '2' }} {{ -7 | divided_by: 2 }} {{ 7 | divided_by: 2.0 }} {{ -7 | modulo: 3 }}", "10 3.5 14 -4 3.5 2"},
		{"{{ 1.456 | round: 2 }} {{ 1.5 | round }} {{ 1.2 | ceil }} {{ -3 | abs }} {{ 3 | at_most: 2 }} {{ 3 | at_least: 5 }}", "1.46 2 2 3 2 5"},
		{"{{ now }}", "2026-03-09 08:05"},
		{"{{ now | date: '%d.%m.%Y, %-I %p, week %V, %A' }}", "09.03.2026, 8 AM, week 11, Monday"},
		{"{{ ticket.opened }} {{ ticket.opened | date: '%H:%M' }}", "09/03/2026 09:05 08:05"},
		{"{{ '2026-01-02 03:04:05' | date: '%F %T' }} {{ 'soon' | date: '%F' }}", "2026-01-02 03:04:05 soon"},
		{"{{ 'it''s' }}", "it"},
	} {
		tpl, err := liquid.Parse(c.source, names)
		if c.source == "{{ 'it''s' }}" {
			if err == nil {
				t.Error("two texts side by side were taken")
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		result, err := tpl.Render(values(), now)
		got := result.Text
		if err != nil || got != c.want {
			t.Errorf("%s\n got %q, %v\nwant %q", c.source, got, err, c.want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"{{ tickt.number }}", `"tickt" is not known; there are ticket, list, now`},
		{"{{ ticket }}", "ticket is not known; use ticket.number."},
		{"{{ ticket.a.b }}", "ticket.a.b is not known"},
		{"{{ ticket[list] }}", `needs a "text" or a number`},
		{"{{ who }}{% assign who = 1 %}", `"who" is not known`},
		{"{% assign ticket = 1 %}", "the name ticket is taken"},
		{"{% for x in list %}{% endfor %}{{ x }}", `"x" is not known`},
		{"{{ forloop.index }}", `"forloop" is known inside of {% for %} alone`},
		{"{% for x in list %}{{ forloop.parent }}{% endfor %}", "forloop.parent is not known"},
		{"{{ ticket.number | shout }}", `the filter "shout" is not known; there are abs, `},
		{"{{ ticket.number | append }}", "takes 1 argument, not 0"},
		{"{{ ticket.number | upcase: 1 }}", "takes no arguments, not 1"},
		{"{{ }}", "a value is missing"},
		{"{{ ticket.number", "{{ is not closed: }} is missing."},
		{"{{ ticket.number upcase }}", "a filter follows a |"},
		{"{{ 'a }}", "does not end with it"},
		{"{{ ticket. }}", "a name is missing after ticket."},
		{"{{ ticket.number;x }}", `";" is not understood here`},
		{"\n\n{% if ticket.number %}x", "line 3: {% if %} is not closed: {% endif %} is missing."},
		{"{% if ticket.number = 1 %}{% endif %}", "== compares"},
		{"{% if ticket.number | size > 1 %}{% endif %}", "use {% assign %} first"},
		{"{% if %}{% endif %}", "a condition is missing"},
		{"{% if true %}{% else %}{% else %}{% endif %}", "needs {% endif %} before {% else %}"},
		{"{% if true %}{% endfor %}", "needs {% endif %} before {% endfor %}"},
		{"{% endif %}", "closes nothing"},
		{"{% case 1 %}x{% when 1 %}{% endcase %}", "something between"},
		{"{% break %}", "outside of a loop"},
		{"{% for in list %}{% endfor %}", "{% for item in list %}"},
		{"{% for i in (1..1000000000) %}{{ i }}{% endfor %}", "the loop has 1000000000 turns; 10000 are allowed."},
		{"{% include 'x' %}", "a text cannot read files"},
		{"{% render 'x' %}", "a text cannot read files"},
		{"{% tablerow x in list %}{% endtablerow %}", "{% tablerow %} is not known; there are if,"},
		{"{% raw %}x", "{% endraw %} is missing"},
		{"{{ now | date: '%Q' }}", "date: %Q is not known; use %Y-%m-%d"},
		{"{{ now | date: '%5Ey' }}", "%5E is not known"},
		{"{{ now | date: '%:Y' }}", "%:Y is not known"},
		{"{{ now | date: '100 %' }}", "the format ends with a %"},
		{"{{ now | date: '%101Y' }}", "wider than 100 characters"},
		{"{{ now | date: '" + strings.Repeat("x", 501) + "' }}", "501 bytes; 500 are allowed"},
		{strings.Repeat("{% if true %}", 30), "nested deeper than 20"},
		{"{{ list" + strings.Repeat("[list", 60) + " }}", "nested too deeply"},
		{strings.Repeat("x", liquid.MaxSource+1), "a template may have 32000"},
		{"{{ 99999999999999999999999999999999999999999999999999 }} {{ 1e }}", "not understood"},
	} {
		_, err := liquid.Parse(c.source, names)
		var wrong *liquid.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s\n got %v\nwant %s", c.source, err, c.want)
		}
	}
}

// What loops for ever, or makes texts that double, is stopped soon.
func TestRenderIsBounded(t *testing.T) {
	nested := "{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}"
	doubled := "{% assign x = 'xxxxxxxx' %}" + strings.Repeat("{% assign x = x | append: x %}", 60) + "{{ x }}"
	captured := "{% assign x = 'xxxxxxxx' %}" + strings.Repeat("{% capture x %}{{ x }}{{ x }}{% endcapture %}", 60)
	for name, c := range map[string]struct{ source, want string }{
		"loops in loops":       {nested, "takes too long"},
		"a range of a value":   {"{% for i in (1..ticket.big) %}{% endfor %}", "turns; 10000 are allowed"},
		"doubling":             {doubled, "append makes a text of more than 64000 bytes"},
		"doubling by capture":  {captured, "more than 64000 bytes"},
		"doubling by replace":  {"{% assign x = ticket.large | replace: 'x', ticket.large %}", "more than 64000 bytes"},
		"doubling by join":     {"{{ ticket.large | split: '' | join: ticket.large }}", "more than 10000 items"},
		"a long text":          {"{% for i in (1..9000) %}{{ ticket.title }}{% endfor %}", "the text that comes out has more than 64000 bytes"},
		"filters on long text": {"{% for i in (1..9000) %}{% assign x = ticket.large | upcase %}{% endfor %}", "takes too long"},
		"compares long texts":  {"{% for i in (1..9000) %}{% if ticket.large contains ticket.large %}{% endif %}{% endfor %}", "takes too long"},
		"division by zero":     {"{{ 1 | divided_by: 0 }}", "divided by 0"},
		"too large":            {"{{ 9223372036854775807 | plus: 1 }}", "too large"},
		"not a number":         {"{{ ticket.number | plus: 1 }}", "it needs numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			tpl, err := liquid.Parse(c.source, names)
			if err != nil {
				t.Fatal(err)
			}
			v := values()
			v["ticket"].(map[string]any)["big"] = "1000000000"
			v["ticket"].(map[string]any)["large"] = strings.Repeat("x", 20_000)
			start := time.Now()
			_, err = tpl.Render(v, now)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// No value changes the structure of a JSON text.
func TestRenderJSON(t *testing.T) {
	tpl, err := liquid.Parse(`{"in": "a {{ ticket.evil }}", "out": {{ ticket.evil }}, "filtered": {{ ticket.evil | json }}, `+
		`"twice": "{{ ticket.evil | json }}", "n": {{ ticket.n }}, "none": {{ ticket.nothing }}, "list": {{ list }}, "\"": "{% capture x %}"{% endcapture %}{{ x }}"}`, names)
	if err != nil {
		t.Fatal(err)
	}
	evil := "\", \"admin\": true, \"x\": \"\\\n\u2028"
	v := values()
	v["ticket"].(map[string]any)["evil"] = evil
	result, err := tpl.RenderJSON(v, now)
	if err != nil {
		t.Fatal(err)
	}
	got := result.Text
	var out map[string]any
	if err := json.Unmarshal([]byte(got), &out); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	quoted, _ := json.Marshal(evil)
	want := map[string]any{"in": "a " + evil, "out": evil, "filtered": evil, "n": 7.0, "none": "", `"`: `"`}
	for k, w := range want {
		if out[k] != w {
			t.Errorf("%s is %q, want %q", k, out[k], w)
		}
	}
	if len(out) != 8 || len(out["twice"].(string)) < len(quoted)-8 || len(out["list"].([]any)) != 3 {
		t.Errorf("got %v", out)
	}
}

func TestJSONStaysWhatItIs(t *testing.T) {
	tpl, err := liquid.Parse(`{"a": "{{ ticket.x }} \" {{ ticket.x | upcase }}", "b": {{ ticket.x }}, "c": [{% for i in list %}{{ i }},{% endfor %} "{{ ticket.x | json }}"], "d": {{ ticket.x | split: "," | json }}}`, names)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\\"{}\[\],:a\n]*`)).Draw(t, "x")
		result, err := tpl.RenderJSON(map[string]any{"ticket": map[string]any{"x": x}, "list": []any{x, x}}, now)
		out := result.Text
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			A, B string
			C, D []string
		}
		strict := json.NewDecoder(strings.NewReader(out))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&got); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if got.B != x || got.A != x+` " `+strings.ToUpper(x) || len(got.C) != 3 || got.C[0] != x {
			t.Fatalf("%q became %q", x, out)
		}
	})
}

// What a template asks for is known before it is filled in.
func TestNames(t *testing.T) {
	tpl, err := liquid.Parse(`{% if ticket.number %}{{ ticket["title"] }}{% endif %}`, names)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(tpl.Names(), " "); got != "ticket.number ticket.title" || tpl.Plain() {
		t.Errorf("the template asks for %s", got)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		"{{ ticket.number | upcase }}", "{% for x in list %}{{ forloop.index }}{% else %}{% endfor %}", "{% if a == 'b' or list contains 1 %}{% elsif true %}{% endif %}",
		"{% case ticket.x %}{% when 1, 'b' %}{% endcase %}", "{% assign x = list | split: ',' | first %}{{ x }}", "{%- raw -%}{{{%- endraw -%}",
		"{{ now | date: '%-d %B' | slice: -3, 100 }}", "{{ 1 | divided_by: -1 | times: 9223372036854775807 }}", `{{ list[-1] }}{{ ticket["a b"] }}`,
	} {
		f.Add(s, "value")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		tpl, err := liquid.Parse(source, names)
		if err != nil {
			return
		}
		v := map[string]any{"ticket": map[string]any{"number": value, "x": int64(len(value))}, "list": []any{value, int64(1), nil, 2.5}, "now": time.Unix(0, 0).UTC()}
		result, err := tpl.Render(v, now)
		out := result.Text
		if err == nil && len(out) > liquid.MaxOutput {
			t.Errorf("%d bytes came out", len(out))
		}
		if err == nil && tpl.Plain() && out != source {
			t.Errorf("plain text %q became %q", source, out)
		}
		inJSON, err := tpl.RenderJSON(v, now)
		if err == nil && source == "{{ ticket.number }}" && utf8.ValidString(value) && !json.Valid([]byte(inJSON.Text)) {
			t.Errorf("%q is not JSON", inJSON.Text)
		}
	})
}
