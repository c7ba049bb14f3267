package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

const (
	// maxBody bounds what people may send; deliveries have a bound of their own.
	maxBody = 1 << 20
	// maxOpenBody bounds what may be sent by anybody: an address, a password, a token.
	maxOpenBody = 16 << 10
	// maxNumber is how large a number may be: beyond, JSON's readers differ.
	maxNumber = 1 << 53
)

// readBody refuses a body of most bytes and more, and one of which a part would be lost in silence: bytes that are
// not UTF-8, keys that are there twice, NUL characters.
func (s *Server) readBody(most int64) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		body, err := io.ReadAll(io.LimitReader(c.BodyReader(), most))
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge || int64(len(body)) == most {
			s.refuse(c, neo.Errorf(neo.CodeTooLarge, "This is larger than %s, which is the most that Neo takes at once. Split it.", size(most)))
			return
		}
		if err != nil {
			s.refuse(c, neo.Errorf(neo.CodeInvalid, "The request ended early. Send it again."))
			return
		}
		if len(body) > 0 {
			if err := checkJSON(body); err != nil {
				s.refuse(c, err)
				return
			}
		}
		next(withBody{c, body})
	}
}

func size(bytes int64) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

type humaContext = huma.Context // whose method Context a field would hide

// withBody is a call whose body has been read.
type withBody struct {
	humaContext
	body []byte
}

func (c withBody) BodyReader() io.Reader { return bytes.NewReader(c.body) }

// SetReadDeadline does nothing: there is nothing left to read. A deadline set now would
// be the connection's, on which net/http waits for the client to hang up: when it passes,
// this request and each later one on the connection are cancelled.
func (c withBody) SetReadDeadline(time.Time) error { return nil }

func (c withBody) Unwrap() huma.Context { return c.humaContext }

// checkJSON returns what is wrong with a body whatever it is for.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		at := len(body) - len(bytes.TrimLeftFunc(body, func(r rune) bool { return r != utf8.RuneError }))
		return invalid("", "This is not UTF-8 text: "+place(body, at)+" has bytes that mean nothing in it. Save it as UTF-8.")
	}
	var all json.RawMessage
	err := json.Unmarshal(body, &all)
	if broken, ok := errors.AsType[*json.SyntaxError](err); ok {
		if strings.HasSuffix(broken.Error(), "max depth") {
			return invalid("", "This nests too deeply to be read. Flatten it.")
		}
		return invalid("", fmt.Sprintf("This is not JSON: %s, at %s.", broken, place(body, int(broken.Offset)-1)))
	}
	if err != nil {
		return invalid("", "This is not JSON: "+err.Error()+".")
	}
	r := jsonReader{Decoder: json.NewDecoder(bytes.NewReader(body))}
	r.UseNumber()
	return r.value()
}

// place is where a byte of a text is, for people.
func place(text []byte, at int) string {
	before := text[:max(0, min(at, len(text)))]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return fmt.Sprintf("line %d, column %d", 1+bytes.Count(before, []byte("\n")), 1+utf8.RuneCount(line))
}

// jsonReader walks through JSON that is known to be well-formed.
type jsonReader struct {
	*json.Decoder
	path []string
}

func (r *jsonReader) value() error {
	token, err := r.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return r.object()
		}
		return r.list()
	case string:
		return r.text(v)
	case json.Number:
		if f, err := strconv.ParseFloat(string(v), 64); err != nil || f > maxNumber || f < -maxNumber {
			return r.wrong("This number is too large.")
		}
	}
	return nil
}

func (r *jsonReader) object() error {
	keys := map[string]bool{}
	for r.More() {
		token, err := r.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		at := "." + shortText(key)
		if len(r.path) == 0 {
			at = at[1:]
		}
		r.path = append(r.path, at)
		if keys[key] {
			return r.wrong("This is here twice; keep one of the two.")
		}
		keys[key] = true
		if err := r.text(key); err != nil {
			return err
		}
		if err := r.value(); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	_, err := r.Token()
	return err
}

func (r *jsonReader) list() error {
	for i := 0; r.More(); i++ {
		r.path = append(r.path, fmt.Sprintf("[%d]", i))
		if err := r.value(); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	_, err := r.Token()
	return err
}

func (r *jsonReader) text(s string) error {
	if strings.Contains(s, "\x00") {
		return r.wrong("There is a NUL character in this text, which ticket systems and databases do not keep. Take it out.")
	}
	return nil
}

func (r *jsonReader) wrong(message string) error {
	return invalid(inDefinition(strings.Join(r.path, "")), message)
}
