package local

// bell is one run that a worker is to be told about: 24 bytes beside its id.
type bell struct {
	run   string
	tries int32 // failures in a row
}

// timedBell is a bell with the time before which it must not ring.
type timedBell struct {
	at int64 // nanoseconds since 1970; wall clock
	bell
}

// line is a first-in-first-out line of bells that takes no more memory than twice
// what is in it.
type line struct {
	bells []bell
	head  int // bells before it are gone
}

func (l *line) len() int { return len(l.bells) - l.head }

func (l *line) push(b bell) { l.bells = append(l.bells, b) }

// pop removes the first bell of a line that is not empty.
func (l *line) pop() bell {
	b := l.bells[l.head]
	l.bells[l.head] = bell{}
	l.head++
	const small = 1024
	switch {
	case l.head == len(l.bells) && cap(l.bells) <= small:
		l.bells, l.head = l.bells[:0], 0
	case l.head == len(l.bells):
		l.bells, l.head = nil, 0
	case l.head >= small && l.head*2 >= len(l.bells):
		l.bells, l.head = append(make([]bell, 0, l.len()+small), l.bells[l.head:]...), 0
	}
	return b
}

// heap is a binary heap of bells, the earliest first. (container/heap would box
// every bell once more.)
type heap []timedBell

// first is the time of the earliest bell; 0 when there is none.
func (h heap) first() int64 {
	if len(h) == 0 {
		return 0
	}
	return h[0].at
}

func (h *heap) push(b timedBell) {
	*h = append(*h, b)
	s := *h
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if s[parent].at <= b.at {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = b
}

// pop removes the earliest bell of a heap that is not empty.
func (h *heap) pop() timedBell {
	s := *h
	first, last := s[0], s[len(s)-1]
	s[len(s)-1] = timedBell{}
	s = s[:len(s)-1]
	*h = s
	if len(s) == 0 {
		*h = nil
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(s) {
			break
		}
		if child+1 < len(s) && s[child+1].at < s[child].at {
			child++
		}
		if last.at <= s[child].at {
			break
		}
		s[i] = s[child]
		i = child
	}
	s[i] = last
	return first
}
