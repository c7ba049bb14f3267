package web

import (
	"net/http"
	"time"
)

const (
	// answerTime is how long an answer, from its first byte, may take to be sent.
	answerTime = 90 * time.Second
	// maxDrained bounds what is read, and thrown away, of a body that nobody wanted. Who
	// is still sending would not see the answer, and a proxy in between would call it a
	// failure of Neo's. More than that ends the connection; so does the server's time for
	// reading a request.
	maxDrained = 8 << 20
)

// answering is the way out of every answer. It knows whether one has begun, so that
// nothing follows it that is another answer, and gives each its own time to be sent:
// one that comes late is sent all the same.
type answering struct {
	http.ResponseWriter
	begun bool
}

func (w *answering) begin() {
	if !w.begun {
		w.begun = true
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(answerTime))
	}
}

func (w *answering) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

func (w *answering) Write(b []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what the connection can do.
func (w *answering) Unwrap() http.ResponseWriter { return w.ResponseWriter }
