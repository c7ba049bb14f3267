package web

import (
	"bytes"
	"regexp"
	"strings"
)

const csvType = "text/csv; charset=utf-8"

// csvOutput is a file for a spreadsheet.
type csvOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// csvFile is a table for spreadsheets: UTF-8 with a byte order mark, without which Excel
// takes it for another encoding, and commas between cells (RFC 4180). All exports are
// written by it.
type csvFile struct{ text bytes.Buffer }

// line adds a line of cells.
func (f *csvFile) line(cells ...string) {
	if f.text.Len() == 0 {
		f.text.WriteString("\ufeff")
	}
	for i, text := range cells {
		if i > 0 {
			f.text.WriteByte(',')
		}
		f.text.WriteString(cell(text))
	}
	f.text.WriteByte('\n')
}

// otherSeparators are what a reader may take for the end of a cell in place of the comma.
const otherSeparators = ";|\t\r\n"

// cell returns a text so that a spreadsheet shows it and never takes it for a formula, or
// a part of it for one in a cell of its own.
func cell(text string) string {
	text = guarded(text)
	if strings.ContainsAny(text, ","+otherSeparators+`"`) || strings.TrimSpace(text) != text {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

// signs are what a formula begins with, and the wide ones that Excel takes for them.
const signs = "=+-@＝＋－＠"

// amounts are numbers as they stand in a cell: -4, +2.50, -1,234.5, -10 %.
var amounts = regexp.MustCompile(`^[+-]?(?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+) ?%?$`)

// guarded puts an apostrophe before what begins as a formula does and is no number: at the
// beginning of the text, and after what ends a cell for a reader that does not heed the
// quotes, since it does not take the comma for the separator.
func guarded(text string) string {
	if text != "" && strings.ContainsRune("\t\r\n", rune(text[0])) {
		text = "'" + text // some readers take white space away
	}
	if !strings.ContainsAny(text, signs) || text == "-" || amounts.MatchString(text) {
		return text
	}
	var b strings.Builder
	for begin := 0; begin < len(text); {
		end := begin + strings.IndexAny(text[begin:], otherSeparators) + 1
		if end == begin { // no more of them
			end = len(text)
		}
		part := text[begin:end]
		if strings.IndexAny(strings.TrimLeft(part, " "), signs) == 0 {
			b.WriteByte('\'')
		}
		b.WriteString(part)
		begin = end
	}
	return b.String()
}
