package spelling

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFault11Same(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"case", "Network", "NETWORK", true},
		{"a composed letter and one with a mark", "B\u00fcro", "Bu\u0308ro", true},
		{"no-break space", "Service\u00a0Desk", "Service Desk", true},
		{"narrow and ideographic space", "10\u202f000\u3000km", "10 000 km", true},
		{"final sigma", "ΟΔΟΣ", "οδος", true},
		{"sharp s", "GRÖSSE", "Größe", true},
		{"capital sharp s", "GRÖẞE", "größe", true},
		{"blanks at the ends", "network \t", "\u00a0network", true},
		{"zero-width space", "net\u200bwork", "network", true},
		{"byte order mark", "\ufeffnetwork", "network", true},
		{"soft hyphen", "Kunden\u00addienst", "Kundendienst", true},
		{"Kelvin and Ångström", "\u212a \u212b", "k å", true},
		{"an accent counts", "cafe", "café", false},
		{"two blanks are not one", "a  b", "a b", false},
		{"another text", "network", "networks", false},
		{"empty", "", " \u00a0", true},
	} {
		if got := Same(c.a, c.b); got != c.same {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := Is(c.a, Normal(c.b)); got != c.same {
			t.Errorf("%s, with the normal form: %v", c.name, got)
		}
	}
	if !Contains("Zugang Bu\u0308ro\u00a0defekt", "BÜRO DEFEKT") || Contains("cafe\u0301", "cafe\u0300") {
		t.Error("Contains compares as Same does")
	}
	if got := Readable("Bu\u0308ro\u00a0A\u200b"); got != "Büro A" {
		t.Errorf("readable is %q", got)
	}
}

var odd = rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("aAuUkK\u212aſsSßẞςσΣåÅ\u212bıİiIdžDŽDž1 \t\u00a0\u3000\u200b\u0301\u0308ΆάЙй\u0306漢"))), rapid.String(), rapid.SampledFrom([]string{"\xff", "a\xff", "Größe"}))

// Every way of asking has the same answer.
func TestSameIsOneRelation(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a, b := odd.Draw(r, "a"), odd.Draw(r, "b")
		if rapid.Bool().Draw(r, "alike") {
			b = rapid.SampledFrom([]string{strings.ToUpper(a), norm.NFD.String(a), " " + a + "\u00a0", strings.ReplaceAll(a, " ", "\u00a0")}).Draw(r, "alike")
		}
		same := Normal(a) == Normal(b)
		if Same(a, b) != same || Is(a, Normal(b)) != same || Is(b, Normal(a)) != same {
			r.Fatalf("%q and %q: Same %v, Is %v and %v, normal forms %v", a, b, Same(a, b), Is(a, Normal(b)), Is(b, Normal(a)), same)
		}
		for _, most := range []int{3, 64} {
			if same && Hash(a, most) != Hash(b, most) {
				r.Fatalf("%q and %q have two hashes", a, b)
			}
		}
		if n := Normal(a); Normal(n) != n || !utf8.ValidString(n) {
			r.Fatalf("%q becomes %q, and that %q", a, n, Normal(n))
		}
		if strings.EqualFold(a, b) && utf8.ValidString(a) && utf8.ValidString(b) && !same {
			r.Fatalf("%q and %q were the same once", a, b)
		}
	})
}
