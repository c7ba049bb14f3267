package servicenow

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The marks between which ServiceNow shows a journal entry as HTML. Case does not matter.
const (
	codeBegins = "[code]"
	codeEnds   = "[/code]"
)

// wasCut ends the text of an entry that goes on.
const wasCut = "…"

// JournalText returns a journal entry as people see it: what stands between [code] and
// [/code] is HTML, which instances with glide.ui.journal.use_html store for every entry
// that somebody writes in the browser. It is applied where an entry comes in, delivered
// or read, so that rules, texts and Neo's own comparisons see one text. Applied again, it
// changes nothing more, unless people see such a mark.
//
// An entry that is as long as the script or the instance keeps may lack its end; what is
// there of it then ends with wasCut.
func JournalText(entry string) string {
	at := indexFold(entry, codeBegins)
	if at < 0 {
		return entry
	}
	long := len(entry) >= mostOfNote
	var b strings.Builder
	for ; at >= 0; at = indexFold(entry, codeBegins) {
		b.WriteString(entry[:at])
		inside, rest := entry[at+len(codeBegins):], ""
		if end := indexFold(inside, codeEnds); end >= 0 {
			inside, rest = inside[:end], inside[end+len(codeEnds):]
		} else {
			inside = withoutPart(inside, codeEnds)
		}
		b.WriteString(htmlText(inside))
		if long && rest == "" && indexFold(entry, codeEnds) < 0 {
			return strings.TrimSpace(b.String()) + wasCut
		}
		entry = rest
	}
	b.WriteString(entry)
	return strings.TrimSpace(b.String())
}

// indexFold is strings.Index for a mark of ASCII, in any case.
func indexFold(s, mark string) int {
	for i := 0; i+len(mark) <= len(s); i++ {
		j := strings.IndexByte(s[i:], mark[0])
		if j < 0 || i+j+len(mark) > len(s) {
			return -1
		}
		if i += j; strings.EqualFold(s[i:i+len(mark)], mark) {
			return i
		}
	}
	return -1
}

// withoutPart takes off the end of s what is the beginning of the mark.
func withoutPart(s, mark string) string {
	for n := len(mark) - 1; n > 0; n-- {
		if len(s) >= n && strings.EqualFold(s[len(s)-n:], mark[:n]) {
			return s[:len(s)-n]
		}
	}
	return s
}

// lines are elements that begin a line, and end it.
var lines = []atom.Atom{
	atom.P, atom.Div, atom.Br, atom.Hr, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Tr, atom.Pre, atom.Blockquote,
	atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Fieldset, atom.Form,
}

// unseen are elements whose text nobody sees.
var unseen = []atom.Atom{atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript}

// htmlText returns what a browser shows of HTML, as lines of text.
func htmlText(source string) string {
	var t shownText
	z := html.NewTokenizer(strings.NewReader(source))
	hidden, pre := 0, 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return t.String()
		}
		token := z.Token()
		ends := kind == html.EndTagToken
		switch {
		case kind == html.TextToken && hidden == 0 && pre > 0:
			t.asIs(token.Data)
		case kind == html.TextToken && hidden == 0:
			t.flow(token.Data)
		case kind != html.StartTagToken && kind != html.SelfClosingTagToken && !ends:
		case slices.Contains(unseen, token.DataAtom) && kind != html.SelfClosingTagToken:
			hidden = nested(hidden, ends)
		case hidden > 0:
		case token.DataAtom == atom.Td || token.DataAtom == atom.Th:
			t.gap()
		case token.DataAtom == atom.Img && !ends:
			for _, a := range token.Attr {
				if a.Key == "alt" {
					t.flow(" " + a.Val + " ")
				}
			}
		case slices.Contains(lines, token.DataAtom):
			if token.DataAtom == atom.Br && !ends {
				t.line(true)
			} else {
				t.line(false)
			}
			if token.DataAtom == atom.Pre {
				pre = nested(pre, ends)
			}
			if token.DataAtom == atom.Li && !ends {
				t.flow("- ")
			}
		}
	}
}

func nested(depth int, ends bool) int {
	if ends {
		return max(0, depth-1)
	}
	return depth + 1
}

// shownText is text as it is laid out in lines: white space between words is one blank.
type shownText struct {
	strings.Builder
	blank bool // comes before the next word
	begun bool // the line has a word
}

// flow adds text that is wrapped as there is space. A no-break space is a blank.
func (t *shownText) flow(text string) {
	for _, r := range text {
		switch r {
		case ' ', '\t', '\r', '\n', '\f', '\u00a0':
			t.gap()
		default:
			if t.blank {
				t.WriteByte(' ')
			}
			t.WriteRune(r)
			t.blank, t.begun = false, true
		}
	}
}

func (t *shownText) gap() { t.blank = t.begun }

// asIs adds text whose white space counts.
func (t *shownText) asIs(text string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			t.line(true)
		}
		if line != "" {
			t.WriteString(strings.ReplaceAll(line, "\u00a0", " "))
			t.begun = true
		}
	}
}

// line ends the line; an empty one stays only where the author made it.
func (t *shownText) line(empty bool) {
	if t.begun || empty && t.Len() > 0 {
		t.WriteByte('\n')
	}
	t.blank, t.begun = false, false
}
