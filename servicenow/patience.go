package servicenow

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/neoagent/neo"
)

const (
	// readTries is how often a read that nobody waits for is made at most: of calls of
	// which every fifth fails, one in three thousand fails this often in a row.
	readTries = 5
	// readPause is the wait before the second try; it doubles with each further one.
	readPause = 200 * time.Millisecond
	// readPatience is how long a read may be tried in all. Whoever reads holds a lease
	// that lasts longer (watchLease).
	readPatience = 20 * time.Second
)

// errAway is the cause of an error when what answered was not the instance: it
// hibernates, or a login page stands before it. The next answer will be the same.
var errAway = errors.New("something else than the instance answered")

type patientKey struct{}

// patiently returns a context under which a Client makes a read that failed again, a
// few times, at once: of an instance that fails now and then, work that takes many reads
// would otherwise never come to its end. It is for work in the background. Runs try again
// by themselves, and a person wants to know.
func patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

// patience counts the tries of one call.
type patience struct {
	began time.Time
	tries int
}

// again waits and reports true when the call should be made once more. It is the only
// place in which a call is repeated after a failure. Writes are never repeated here:
// whether one arrived is for the caller to find out.
func (p *patience) again(ctx context.Context, method string, err error) bool {
	after, later := neo.Retryable(err)
	p.tries++
	if !later || method != http.MethodGet || ctx.Value(patientKey{}) == nil || ctx.Err() != nil || p.tries >= readTries || errors.Is(err, errAway) {
		return false
	}
	wait := readPause << (p.tries - 1)
	wait = max(after, wait/2+rand.N(wait/2))
	if time.Since(p.began)+wait > readPatience {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
