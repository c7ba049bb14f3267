package store

import (
	"strconv"
	"strings"
)

// batch is a statement over many rows, such as INSERT … VALUES (…), (…), … . It
// comes in a few fixed sizes, so that both databases prepare a few texts and keep
// them; any number of rows is a sum of those.
type batch struct{ texts [len(batchSizes)]string }

// batchSizes, largest first. 64 rows of the widest table are 1,280 parameters;
// SQLite takes 32,766 and PostgreSQL 65,535.
var batchSizes = [...]int{1}

// newBatch makes the texts. Each ? of row becomes the next $n.
func newBatch(before, row, after string) *batch {
	b := new(batch)
	for i, size := range batchSizes {
		var text strings.Builder
		text.WriteString(before)
		n := 0
		for r := range size {
			if r > 0 {
				text.WriteString(", ")
			}
			for _, c := range row {
				if c != '?' {
					text.WriteRune(c)
					continue
				}
				n++
				text.WriteString("$" + strconv.Itoa(n))
			}
		}
		text.WriteString(after)
		b.texts[i] = text.String()
	}
	return b
}

// each calls f for consecutive pieces [from, to) of n rows, with the text for a
// piece of that size.
func (b *batch) each(n int, f func(text string, from, to int) error) error {
	from := 0
	for i, size := range batchSizes {
		for n-from >= size {
			if err := f(b.texts[i], from, from+size); err != nil {
				return err
			}
			from += size
		}
	}
	return nil
}
