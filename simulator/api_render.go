package simulator

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// renderer writes records as the Table API shows them. Everything is a string; empty is "".
type renderer struct {
	viewer
	buf     []byte
	call    *apiCall
	table   *table
	mode    string // sysparm_display_value: false, true or all
	noLinks bool
	columns []renderedColumn // nil: every column of the record's class
}

type renderedColumn struct {
	name string
	path path
}

func (c *apiCall) renderer(t *table, q url.Values) *renderer {
	rd := &renderer{viewer: viewer{c.in.store, c.who.zone}, call: c, table: t, mode: q.Get("sysparm_display_value"),
		noLinks: q.Get("sysparm_exclude_reference_link") == "true"}
	if names := q.Get("sysparm_fields"); names != "" {
		rd.columns = []renderedColumn{}
		seen := map[string]bool{}
		for _, n := range strings.Split(names, ",") {
			n = strings.TrimSpace(n)
			if p, ok := resolvePath(t, n); ok && !seen[n] && c.who.canReadField(p.end, p.field().name) {
				seen[n] = true
				rd.columns = append(rd.columns, renderedColumn{n, p})
			}
		}
	}
	return rd
}

func (rd *renderer) raw(s string) { rd.buf = append(rd.buf, s...) }

// expect makes room for n more records like the one just written.
func (rd *renderer) expect(n int) {
	if need := len(rd.buf) * 9 / 8 * n; n > 0 && need < maxExpected {
		rd.buf = slices.Grow(rd.buf, need)
	}
}

const maxExpected = 64 << 20

// record writes one object. A record of a descendant shows the columns of the table asked for.
func (rd *renderer) record(r *record) {
	rd.raw("{")
	first := true
	key := func(name string) {
		if !first {
			rd.raw(",")
		}
		first = false
		rd.raw(`"`)
		rd.raw(name) // of a column: needs no escaping
		rd.raw(`":`)
	}
	if rd.columns == nil {
		for col := range rd.table.columns {
			if name := rd.table.columns[col].name; rd.call.who.canReadField(rd.table, name) {
				key(name)
				rd.value(r, col)
			}
		}
	}
	for _, c := range rd.columns {
		key(c.name)
		if end := c.path.record(rd.store.tables, r); end == nil || !rd.call.who.canRead(end) {
			rd.empty()
		} else {
			rd.value(end, c.path.col)
		}
	}
	rd.raw("}")
}

func (rd *renderer) empty() {
	if rd.mode == "all" {
		rd.raw(`{"display_value":null,"value":""}`)
		return
	}
	rd.raw(`""`)
}

func (rd *renderer) value(r *record, col int) {
	f, raw := &r.table.columns[col], r.vals[col]
	if f.kind == kindJournal {
		switch rd.mode {
		case "true":
			rd.text(rd.display(r, col))
		case "all":
			rd.raw(`{"display_value":`)
			rd.text(rd.display(r, col))
			rd.raw(`,"value":""}`)
		default:
			rd.raw(`""`)
		}
		return
	}
	if f.kind == kindPassword && raw != "" {
		raw = "********"
	}
	if raw == "" {
		rd.empty()
		return
	}
	isRef := f.kind == kindReference
	switch {
	case rd.mode == "all":
		rd.raw(`{"display_value":`)
		rd.text(rd.shown(r, col, raw))
		rd.raw(`,"value":`)
		rd.text(raw)
		if isRef && !rd.noLinks {
			rd.raw(`,"link":`)
			rd.link(f.ref, raw)
		}
		rd.raw("}")
	case isRef && !rd.noLinks && rd.mode == "true":
		rd.raw(`{"display_value":`)
		rd.text(rd.shown(r, col, raw))
		rd.raw(`,"link":`)
		rd.link(f.ref, raw)
		rd.raw("}")
	case isRef && !rd.noLinks:
		rd.raw(`{"link":`)
		rd.link(f.ref, raw)
		rd.raw(`,"value":`)
		rd.text(raw)
		rd.raw("}")
	case rd.mode == "true":
		rd.text(rd.shown(r, col, raw))
	default:
		rd.text(raw)
	}
}

// shown is the display value; passwords never show.
func (rd *renderer) shown(r *record, col int, raw string) string {
	if r.table.columns[col].kind == kindPassword {
		return raw
	}
	return rd.display(r, col)
}

func (rd *renderer) link(table, id string) { rd.text(rd.call.tableURL(table) + "/" + id) }

const hexDigits = "0123456789abcdef"

// text appends a JSON string. Invalid UTF-8 becomes U+FFFD.
func (rd *renderer) text(s string) {
	b := append(rd.buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, s[start:i]...)
			b = append(b, "\ufffd"...)
			start = i + 1
		}
		i += size
	}
	rd.buf = append(append(b, s[start:]...), '"')
}
