package flow

import (
	"context"
	"html"
	"regexp"
	"strings"

	"github.com/neoagent/neo/liquid"
)

// What a ticket says is written by anybody who may send an e-mail to the service desk.
// Put into a note, an e-mail or a message it must stay text: it opens no markup there,
// also not together with what stands beside it. What the template itself has, stays.

// The marks around values in a text that was filled in. They are of Unicode's private
// use, and are taken out of values first.
const (
	valueBegins = '\uE000'
	valueEnds   = '\uE001'
)

// apart separates two characters that are markup together, and is not seen.
const apart = "\u200b"

func markValue(value string) string {
	if value == "" {
		return ""
	}
	return string(valueBegins) + withoutMarks(value) + string(valueEnds)
}

func withoutMarks(s string) string {
	if !strings.ContainsRune(s, valueBegins) && !strings.ContainsRune(s, valueEnds) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == valueBegins || r == valueEnds {
			return -1
		}
		return r
	}, s)
}

// filledText is a text that was filled in, of which it is known what the template says
// itself.
type filledText struct {
	text string
	own  []bool // by byte of text
}

// fillMarked fills in a text and keeps apart what is the template's own.
func (in Input) fillMarked(ctx context.Context, t *liquid.Template) (filledText, error) {
	if t == nil || t.Plain() {
		text, err := in.fill(ctx, t)
		return filledText{text, nil}, err
	}
	text, err := in.fill(ctx, t.Marked(markValue))
	return filledFrom(text), err
}

func filledFrom(marked string) filledText {
	if !strings.ContainsRune(marked, valueBegins) {
		return filledText{text: marked}
	}
	var b strings.Builder
	f := filledText{own: make([]bool, 0, len(marked))}
	own := true
	for _, r := range marked {
		if r == valueBegins || r == valueEnds {
			own = r == valueEnds
			continue
		}
		before := b.Len()
		b.WriteRune(r)
		for range b.Len() - before {
			f.own = append(f.own, own)
		}
	}
	f.text = b.String()
	return f
}

// isOwn reports whether the template itself has all of that part.
func (f filledText) isOwn(from, to int) bool {
	if f.own == nil {
		return true
	}
	for i := from; i < to; i++ {
		if !f.own[i] {
			return false
		}
	}
	return true
}

// separated puts apart behind the first character of each match that is not the
// template's own.
func (f filledText) separated(markup *regexp.Regexp) filledText {
	if f.own == nil {
		return f
	}
	var b strings.Builder
	own, last := make([]bool, 0, len(f.own)), 0
	for _, m := range markup.FindAllStringIndex(f.text, -1) {
		if f.isOwn(m[0], m[1]) {
			continue
		}
		b.WriteString(f.text[last : m[0]+1])
		b.WriteString(apart)
		own = append(append(own, f.own[last:m[0]+1]...), make([]bool, len(apart))...)
		last = m[0] + 1
	}
	if last == 0 {
		return f
	}
	b.WriteString(f.text[last:])
	return filledText{b.String(), append(own, f.own[last:]...)}
}

// escaped returns the text with its values escaped for HTML, in the parts of it for
// which html holds.
func (f filledText) escaped(isHTML func(at int) bool) string {
	if f.own == nil {
		return f.text
	}
	var b strings.Builder
	for from := 0; from < len(f.text); {
		to := from + 1
		for to < len(f.text) && f.own[to] == f.own[from] && isHTML(to) == isHTML(from) {
			to++
		}
		if part := f.text[from:to]; !f.own[from] && isHTML(from) {
			b.WriteString(strings.ReplaceAll(html.EscapeString(part), "[", "&#91;")) // nor is there an end of the HTML
		} else {
			b.WriteString(part)
		}
		from = to
	}
	return b.String()
}

var (
	// codeMark is the mark by which a journal shows what follows as HTML, or its end, as
	// far as it may be taken for one: with blanks, and signs that are not seen, in it.
	codeMark = regexp.MustCompile(`(?i)\[` + blanks + `/?` + blanks + `c` + blanks + `o` + blanks + `d` + blanks + `e`)
	// codeTag is that mark as ServiceNow knows it.
	codeTag = regexp.MustCompile(`(?i)\[(/?)code\]`)
	// htmlTag begins a tag, a comment or the like.
	htmlTag = regexp.MustCompile(`<[A-Za-z/!?]`)
	// chatMark is a word by which chats call many people, or the middle of a link that
	// hides where it leads behind another text.
	chatMark = regexp.MustCompile(`(?i)@(?:here|channel|everyone|all|group|team)\b|\]\(|<[!@#]|<[a-z][a-z0-9+.-]*:`)
)

// blanks is white space and signs that are not seen, but for apart.
const blanks = `[\s\x{00ad}\x{180e}\x{200c}-\x{200f}\x{2028}-\x{202f}\x{2060}-\x{206f}\x{feff}\x{00a0}]*`

// note fills in a text for a journal.
func (in Input) note(ctx context.Context, t *liquid.Template) (string, error) {
	f, err := in.fillMarked(ctx, t)
	return f.forJournal(), err
}

// forJournal is the text for a journal: values are no HTML, in a part that the template
// shows as HTML either.
func (f filledText) forJournal() string {
	f = f.separated(codeMark)
	if f.own == nil {
		return f.text
	}
	var spans [][2]int // that are HTML
	begun := -1
	for _, m := range codeTag.FindAllStringSubmatchIndex(f.text, -1) {
		switch ends := m[3] > m[2]; {
		case !ends && begun < 0:
			begun = m[1]
		case ends && begun >= 0:
			spans, begun = append(spans, [2]int{begun, m[0]}), -1
		}
	}
	if begun >= 0 {
		spans = append(spans, [2]int{begun, len(f.text)})
	}
	return f.escaped(func(at int) bool {
		for _, s := range spans {
			if s[0] <= at && at < s[1] {
				return true
			}
		}
		return false
	})
}

// mail fills in the text of an e-mail.
func (in Input) mail(ctx context.Context, t *liquid.Template) (string, error) {
	f, err := in.fillMarked(ctx, t)
	return f.forMail(), err
}

// forMail is the text for an e-mail, which may be shown as HTML: values are escaped where
// the template has HTML itself, and begin no tag where it has none.
func (f filledText) forMail() string {
	f = f.separated(codeMark)
	for _, m := range htmlTag.FindAllStringIndex(f.text, -1) {
		if f.own != nil && f.isOwn(m[0], m[1]) {
			return f.escaped(func(int) bool { return true })
		}
	}
	return f.separated(htmlTag).text
}

// chat fills in a text for a chat. What is markup there in any case, package message
// escapes.
func (in Input) chat(ctx context.Context, t *liquid.Template) (string, error) {
	f, err := in.fillMarked(ctx, t)
	return f.separated(chatMark).text, err
}

// chatHosts are hosts that read the texts in a body as their own markup, with what keeps
// a value from being read so.
var chatHosts = map[string]func(string) string{
	"slack.com":          strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace,
	"webhook.office.com": strings.NewReplacer("](", "]"+apart+"(", "<", "<"+apart).Replace,
	"logic.azure.com":    strings.NewReplacer("](", "]"+apart+"(", "<", "<"+apart).Replace,
	"powerplatform.com":  strings.NewReplacer("](", "]"+apart+"(", "<", "<"+apart).Replace,
}

// chatBody is the template of a body for an HTTPS endpoint: where that is a chat's own,
// values open no markup. Elsewhere they are data, and stay as they are.
func chatBody(t *liquid.Template, host string) *liquid.Template {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	for chat, escape := range chatHosts {
		if name == chat || strings.HasSuffix(name, "."+chat) {
			return t.Marked(escape)
		}
	}
	return t
}
