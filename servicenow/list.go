package servicenow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// mostRows bounds one list that is read to its end; a longer one is an error. It is far
// above what a ticket, a group or a dictionary has: a query whose term the instance
// dropped would read a whole table.
const mostRows = 200_000

// All reads the records of a table that match, to the end of the list. Limit is how
// many one call asks for. Total is as the last answer counted.
//
// Everything that wants a whole list reads it with All or Each; List is for who wants
// the first records only (list_test.go names each of them, and why).
func (c *Client) All(ctx context.Context, table string, o ListOptions) (Page, error) {
	all := Page{Total: -1}
	err := c.Each(ctx, table, o, func(p Page) (bool, error) {
		all.Records, all.Total, all.ServedAt = append(all.Records, p.Records...), p.Total, p.ServedAt
		return true, nil
	})
	return all, err
}

// Each hands a list over page by page, each record once, until take wants no more or the
// list ends. The order of o.Query is completed by sys_id, so that pages join.
//
// Where a list ends only the total tells: the limit is applied before access rules, so
// a page can be short, or empty, with more behind it. A page can also be short because the
// instance gives fewer records at once than it is asked for; whether records follow
// closely is then looked at. Records that go while the list is read move those behind
// them forward, so as many are read again. An answer that is too large is asked for in
// smaller pieces. A list that cannot be read to its end is an error, never a part.
func (c *Client) Each(ctx context.Context, table string, o ListOptions, take func(Page) (more bool, err error)) error {
	if len(o.Fields) > 0 && !slices.Contains(o.Fields, "sys_id") {
		o.Fields = append([]string{"sys_id"}, o.Fields...)
	}
	o.Query = strings.TrimPrefix(strings.TrimSuffix(o.Query, "^ORDERBYsys_id")+"^ORDERBYsys_id", "^")
	o.Offset, o.Count = 0, true
	seen := map[string]bool{}
	total, whole := -1, false // whole: the instance gives as many records as it is asked for
	for read := 0; read <= mostRows; {
		page, err := c.List(ctx, table, o)
		if neo.CodeOf(err) == neo.CodeTooLarge && o.Limit > 1 {
			o.Limit /= 2
			continue
		}
		if err != nil {
			return err
		}
		got := len(page.Records)
		page.Records = slices.DeleteFunc(page.Records, func(r Record) bool {
			id := r["sys_id"].Value
			known := id != "" && seen[id]
			seen[id] = true
			return known
		})
		if read += got; got == 0 {
			read += o.Limit // of records that may not be read
		}
		if more, err := take(page); err != nil || !more {
			return err
		}
		gone := total - page.Total
		total = page.Total
		switch {
		case gone > 0 && total >= 0:
			o.Offset = max(0, o.Offset-gone)
			continue
		case total < 0 && (got == 0 || got < o.Limit && whole), total >= 0 && o.Offset+max(got, 1) >= total:
			return nil
		case got > 0 && got < o.Limit && !whole:
			limit, err := c.pageSize(ctx, table, o, got, seen)
			if err != nil {
				return err
			}
			if whole = limit == o.Limit; whole && total < 0 {
				return nil
			}
			o.Offset, o.Limit = o.Offset+limit, limit
		default:
			o.Offset += o.Limit
		}
		if total >= 0 && o.Offset >= total {
			return nil
		}
	}
	return &neo.Error{Code: neo.CodeTooLarge, Cause: fmt.Errorf("%s: %q: more than %d rows", table, o.Query, mostRows),
		Message: fmt.Sprintf("%s has more than %d records of %s where Neo expects a few. Ask an administrator whether a field that Neo asks for (see the server's log) is missing there.",
			hostOf(c.instanceURL), mostRows, table)}
}

// pageSize finds out why the page at o brought fewer records than its limit: the rest
// may not be read, or the instance gives no more than got at once. In the second
// case the records that follow closely have not been seen yet.
func (c *Client) pageSize(ctx context.Context, table string, o ListOptions, got int, seen map[string]bool) (int, error) {
	rest := o
	rest.Offset, rest.Limit = o.Offset+got, o.Limit-got
	page, err := c.List(ctx, table, rest)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(page.Records, func(r Record) bool { return !seen[r["sys_id"].Value] }) {
		return got, nil
	}
	return o.Limit, nil
}
