package rules

import (
	"cmp"
	"slices"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// Index finds the workflows that an event starts without asking each of them. They
// are filed under the changes that start them, and there under values that fields
// must have for the conditions to hold.
type Index struct {
	all places
	own places // those that Neo's own changes start as well
	// reply: a workflow asks for Event.LastReplyAt.
	reply bool
}

// places are where workflows are filed by what starts them.
type places struct {
	kinds  map[neo.ChangeType]*tree
	any    *tree            // by any update
	fields map[string]*tree // by an update of that field or journal
}

// NewIndex files the workflows. What it finds comes in their order: those that wait
// for each other by their ExecutionOrder, then the others; ties as they are given.
func NewIndex(workflows []*Compiled) *Index {
	order := slices.Clone(workflows)
	slices.SortStableFunc(order, func(a, b *Compiled) int {
		x, y := &a.Workflow.Definition, &b.Workflow.Definition
		switch {
		case x.Ordered() && y.Ordered():
			return cmp.Compare(x.ExecutionOrder, y.ExecutionOrder)
		case x.Ordered():
			return -1
		case y.Ordered():
			return 1
		}
		return 0
	})
	x := &Index{}
	var all, own []*entry
	for rank, c := range order {
		x.reply = x.reply || c.reply
		e := &entry{Compiled: c, rank: rank}
		if c.when != nil {
			e.needs = c.when.needs[:min(len(c.when.needs), maxNeeds)]
		}
		all = append(all, e)
		if c.Workflow.TriggerOnOwnChanges {
			own = append(own, e)
		}
	}
	x.all, x.own = file(all), file(own)
	return x
}

// NeedsReply reports whether any of the workflows asks for Event.LastReplyAt.
func (x *Index) NeedsReply() bool { return x != nil && x.reply }

// Match returns the workflows that the event starts, each once.
func (x *Index) Match(e *neo.Event) []*Compiled {
	if x == nil {
		return nil
	}
	p := &x.all
	if e.Disposition == neo.DispositionOwn {
		p = &x.own
	}
	var found []*entry
	switch e.Type {
	case neo.EntityCreated:
		found = p.kinds[neo.TicketCreated].find(e, found)
	case neo.EntityUpdated:
		found = p.any.find(e, found)
		for i := range e.Changes {
			found = p.fields[e.Changes[i].Field].find(e, found)
			if e.Changes[i].Field == neo.FieldState {
				found = p.kinds[neo.StateChanged].find(e, found)
			}
		}
		for i := range e.Journal {
			found = p.fields[e.Journal[i].Element].find(e, found)
		}
	}
	for _, kind := range e.Kinds {
		if kind != neo.TicketCreated && kind != neo.StateChanged {
			found = p.kinds[kind].find(e, found)
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(a.rank, b.rank) })
	found = slices.CompactFunc(found, func(a, b *entry) bool { return a.rank == b.rank })
	matches := make([]*Compiled, len(found))
	for i, f := range found {
		matches[i] = f.Compiled
	}
	return matches
}

// entry is a workflow as it is filed, in one place or in several.
type entry struct {
	*Compiled
	rank   int
	copies int // that its needs above have made of it, at most
	needs  []need
}

// need is that something of the event has one of some keys.
type need struct {
	slot slot
	get  getter // of a field's value; nil for values of a change
	keys []uint64
}

// slot is what a need looks at: what a field of the ticket is, what it contains, or
// what it changed from or to.
type slot struct {
	of    byte
	field string
}

const (
	ofTicket = 'v'
	ofText   = 'c'
	ofFrom   = 'f'
	ofTo     = 't'
)

// keyed is the need that something has one of these keys.
func keyed(of byte, field string, get getter, keys []uint64) need {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	return need{slot{of, field}, get, slices.Compact(keys)}
}

// maxParts is how many pieces of one text are needs of their own.
const maxParts = 12

// partOf are the needs that the field of a comparison contains a text: one for each
// of its pieces of three bytes, of which the index takes the rarest.
func partOf(n *node, part string) []need {
	part = spelling.Normal(part)
	var list []need
	for i := 0; i+3 <= len(part) && len(list) < maxParts; i++ {
		list = append(list, need{slot{ofText, n.rule.Field}, n.found, []uint64{piece(part[i], part[i+1], part[i+2])}})
	}
	return list
}

// anyPartOf are the needs that it contains one of several texts.
func anyPartOf(n *node, parts []string) []need {
	var keys []uint64
	for _, part := range parts {
		one := partOf(n, part)
		if len(one) == 0 {
			return nil
		}
		keys = append(keys, one[0].keys...)
	}
	slices.Sort(keys)
	return []need{{slot{ofText, n.rule.Field}, n.found, slices.Compact(keys)}}
}

// groupNeeds are what a group needs: of "and" all that its rules need, of "or" what
// they all need of the same slot.
func groupNeeds(n *node) []need {
	var list []need
	if n.rule.Combinator == neo.And {
		for _, child := range n.rules {
			list = append(list, child.needs[:min(len(child.needs), maxNeeds-len(list))]...)
		}
		return list
	}
	for i, child := range n.rules {
		if i == 0 {
			list = slices.Clone(child.needs[:min(len(child.needs), maxNeeds)])
			continue
		}
		for j := len(list) - 1; j >= 0; j-- {
			k := slices.IndexFunc(child.needs, func(o need) bool { return o.slot == list[j].slot })
			if k < 0 {
				list = slices.Delete(list, j, j+1)
				continue
			}
			keys := append(slices.Clone(list[j].keys), child.needs[k].keys...)
			slices.Sort(keys)
			if list[j].keys = slices.Compact(keys); len(list[j].keys) > maxKeys {
				list = slices.Delete(list, j, j+1)
			}
		}
	}
	return list
}

func piece(a, b, c byte) uint64 { return uint64(a)<<16 | uint64(b)<<8 | uint64(c) }

// maxKeyed is how many characters of a value are part of its key.
const maxKeyed = 64

// key is the same for texts that are the same, and for those that are the same
// amount; now and then also for others.
func key(s string) uint64 {
	if n, ok := amountIn(s); ok {
		return n.hash() | amountKey
	}
	return textKey(s)
}

// amountKey is the bit by which keys of amounts are told from those of other texts.
const amountKey = 1 << 63

// textKey is the key of a text that is no amount.
func textKey(s string) uint64 { return spelling.Hash(s, maxKeyed) &^ amountKey }

// hash is the same for equal numbers (FNV-1a), whatever their currencies.
func (d decimal) hash() uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	if d.negative {
		h *= prime
	}
	for i := range len(d.whole) {
		h = (h ^ uint64(d.whole[i])) * prime
	}
	h = (h ^ '.') * prime
	for i := range len(d.fraction) {
		h = (h ^ uint64(d.fraction[i])) * prime
	}
	return h
}

// file puts each workflow in the places of the changes that start it.
func file(entries []*entry) places {
	kinds, fields, anyUpdate := map[neo.ChangeType][]*entry{}, map[string][]*entry{}, []*entry(nil)
	for _, e := range entries {
		for i := range e.changes {
			t := &e.changes[i]
			filed := &entry{Compiled: e.Compiled, rank: e.rank, copies: 1, needs: e.needs}
			field := t.Field
			if t.ChangeType == neo.StateChanged {
				field = neo.FieldState
			}
			if t.from != nil && t.from.keys != nil {
				filed.needs = append(slices.Clip(filed.needs), keyed(ofFrom, field, nil, t.from.keys))
			}
			if t.to != nil && t.to.keys != nil {
				filed.needs = append(slices.Clip(filed.needs), keyed(ofTo, field, nil, t.to.keys))
			}
			switch {
			case t.ChangeType != neo.FieldUpdated:
				kinds[t.ChangeType] = append(kinds[t.ChangeType], filed)
			case t.Field == "":
				anyUpdate = append(anyUpdate, filed)
			default:
				fields[t.Field] = append(fields[t.Field], filed)
			}
		}
	}
	p := places{kinds: map[neo.ChangeType]*tree{}, fields: map[string]*tree{}, any: grow(anyUpdate, 0)}
	for k, list := range kinds {
		p.kinds[k] = grow(list, 0)
	}
	for f, list := range fields {
		p.fields[f] = grow(list, 0)
	}
	return p
}

// tree is a place: workflows that are asked, and others below the values they need.
type tree struct {
	asked    []*entry
	branches []branch
}

type branch struct {
	slot slot
	get  getter
	next map[uint64]*tree
	// amounts: some keys of next are those of amounts; values need not be read as such
	// where there are none.
	amounts bool
	// pieces, for texts, has a bit for each key of next: most pieces are of none.
	pieces []uint64
}

// pieceBits is how many bits branch.pieces has.
const pieceBits = 1 << 16

// Bounds of the filing, so that hostile or many equal workflows cost little.
const (
	few       = 4   // workflows that are asked rather than filed further
	maxLevels = 4   // needs, one below the other
	maxCopies = 500 // of one workflow in one place
	maxKeys   = 500 // of one need
	maxNeeds  = 200 // of one workflow
)

// grow files workflows under the rarest of their needs, those that share it under the
// next, and so on.
func grow(entries []*entry, level int) *tree {
	if len(entries) == 0 {
		return nil
	}
	t := &tree{}
	if len(entries) <= few || level == maxLevels {
		t.asked = entries
		return t
	}
	type place struct {
		slot slot
		key  uint64
	}
	shared := map[place]int{}
	for _, e := range entries {
		for _, n := range e.needs {
			for _, k := range n.keys {
				shared[place{n.slot, k}]++
			}
		}
	}
	bySlot := map[slot]int{}
	below := map[place][]*entry{}
	for _, e := range entries {
		rarest, least := -1, 0
		for i, n := range e.needs {
			if e.copies*len(n.keys) > maxCopies {
				continue
			}
			cost := 0
			for _, k := range n.keys {
				cost += shared[place{n.slot, k}]
			}
			if rarest < 0 || cost < least {
				rarest, least = i, cost
			}
		}
		if rarest < 0 {
			t.asked = append(t.asked, e)
			continue
		}
		n := e.needs[rarest]
		rest := &entry{Compiled: e.Compiled, rank: e.rank, copies: e.copies * len(n.keys), needs: slices.Delete(slices.Clone(e.needs), rarest, rarest+1)}
		if _, ok := bySlot[n.slot]; !ok {
			bySlot[n.slot] = len(t.branches)
			t.branches = append(t.branches, branch{slot: n.slot, get: n.get, next: map[uint64]*tree{}})
		}
		for _, k := range n.keys {
			below[place{n.slot, k}] = append(below[place{n.slot, k}], rest)
		}
	}
	for at, list := range below {
		b := &t.branches[bySlot[at.slot]]
		b.next[at.key] = grow(list, level+1)
		b.amounts = b.amounts || at.key&amountKey != 0
		if at.slot.of == ofText {
			if b.pieces == nil {
				b.pieces = make([]uint64, pieceBits/64)
			}
			b.pieces[at.key%pieceBits/64] |= 1 << (at.key % 64)
		}
	}
	return t
}

// find adds the workflows in the tree that the event starts.
func (t *tree) find(e *neo.Event, found []*entry) []*entry {
	if t == nil {
		return found
	}
	for _, c := range t.asked {
		if c.Matches(e) {
			found = append(found, c)
		}
	}
	for i := range t.branches {
		b := &t.branches[i]
		switch b.slot.of {
		case ofTicket:
			found = b.find(b.get(e), e, found)
			continue
		case ofText:
			v := b.get(e)
			found = b.search(v.Display, e, b.search(v.Value, e, found))
			continue
		}
		for j := range e.Changes {
			if c := &e.Changes[j]; c.Field == b.slot.field {
				v := c.To
				if b.slot.of == ofFrom {
					v = c.From
				}
				found = b.find(v, e, found)
			}
		}
	}
	return found
}

// find looks below a value, by its stored and by its shown text.
func (b *branch) find(v neo.Value, e *neo.Event, found []*entry) []*entry {
	of := textKey
	if b.amounts {
		of = key
	}
	stored := of(v.Value)
	found = b.next[stored].find(e, found)
	if v.Display != "" {
		if shown := of(v.Display); shown != stored {
			found = b.next[shown].find(e, found)
		}
	}
	return found
}

// search looks below every piece of a text, without regard to case.
func (b *branch) search(text string, e *neo.Event, found []*entry) []*entry {
	if !isASCII(text) {
		text = spelling.Fold(text)
	}
	if len(text) < 3 {
		return found
	}
	var seen []*tree // that were asked already: texts repeat themselves
	p := piece(0, lower(text[0]), lower(text[1]))
	for i := 2; i < len(text); i++ {
		p = (p<<8 | uint64(lower(text[i]))) & 0xffffff
		if b.pieces[p%pieceBits/64]&(1<<(p%64)) == 0 {
			continue
		}
		if t := b.next[p]; t != nil && !slices.Contains(seen, t) {
			seen = append(seen, t)
			found = t.find(e, found)
		}
	}
	return found
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
