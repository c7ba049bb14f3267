package simulator

import (
	"sync"
	"time"
)

// saveDelay is how long changes may wait for the state file; what a kill -9 loses is at most that.
const saveDelay = 2 * time.Second

// saver writes the state file while things change. Without a file it does nothing.
type saver struct {
	in    *Instance
	dirty chan struct{} // holds one mark
	stop  chan struct{}
	done  sync.WaitGroup
}

func newSaver(in *Instance) *saver {
	return &saver{in: in, dirty: make(chan struct{}, 1), stop: make(chan struct{})}
}

func (s *saver) enabled() bool { return s.in.opts.StateFile != "" }

func (s *saver) start() {
	if s.enabled() {
		s.done.Go(s.loop)
	}
}

// touch notes that there is something to save. It never blocks.
func (s *saver) touch() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

func (s *saver) loop() {
	for {
		select {
		case <-s.dirty:
		case <-s.stop:
			return
		}
		pause := time.NewTimer(saveDelay)
		select {
		case <-pause.C:
		case <-s.stop:
			pause.Stop()
			return
		}
		if err := s.in.writeState(); err != nil {
			s.in.opts.Log.Error("simulator: state not saved", "error", err)
		}
	}
}

// close saves once more, whether or not something changed.
func (s *saver) close() error {
	close(s.stop)
	s.done.Wait()
	if !s.enabled() {
		return nil
	}
	return s.in.writeState()
}
