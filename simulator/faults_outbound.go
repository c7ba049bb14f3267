package simulator

import (
	"errors"
	"time"
)

// heldAtMost is how long a delivery waits for another one to overtake it.
const heldAtMost = 250 * time.Millisecond

var errLost = errors.New("lost on the way (a fault that is switched on)")

// deliver hands a delivery to the workers, or does with it what the faults say. The caller has begun to be busy once.
func (o *outbound) deliver(d *delivery) {
	f, dice := o.in.faults.Load(), o.in.dice
	switch {
	case dice.hit(f.Lost):
		o.drop(d, errLost)
	case dice.hit(f.Duplicated):
		again := *d
		again.done = make(chan struct{})
		o.idle.begin()
		o.push(d)
		o.push(&again)
	case dice.hit(f.Delayed):
		o.later(d, time.Duration(f.DelayMS)*time.Millisecond, nil)
	case dice.hit(f.Reordered):
		o.mu.Lock()
		overtaken := make(chan struct{})
		o.held = append(o.held, overtaken)
		o.mu.Unlock()
		o.later(d, heldAtMost, overtaken)
	default:
		o.push(d)
		o.mu.Lock()
		for _, overtaken := range o.held {
			close(overtaken)
		}
		o.held = nil
		o.mu.Unlock()
	}
}

// later pushes a delivery after a time, or once early is closed.
func (o *outbound) later(d *delivery, wait time.Duration, early <-chan struct{}) {
	o.done.Go(func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-early:
		case <-o.stop:
		}
		o.push(d)
	})
}
