package flow

import (
	"strings"
	"unicode"
)

// wordsOf returns the words of a short description that tell what it is about: in
// lower case, without endings for several, and without words that say nothing, unless
// there is hardly another one: "cannot access" is not the same as "access, please".
func wordsOf(text string) map[string]bool {
	telling, all := map[string]bool{}, map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		all[singular(word)] = true
		if !emptyWords[word] {
			telling[singular(word)] = true
		}
	}
	if len(telling) < 2 {
		return all
	}
	return telling
}

// singular takes an English s away: "printers" and "printer" are one word. That
// other words lose one as well does no harm, as it is done to both texts.
func singular(word string) string {
	switch {
	case len(word) <= 3 || strings.HasSuffix(word, "ss") || strings.HasSuffix(word, "us") || strings.HasSuffix(word, "is"):
		return word
	case strings.HasSuffix(word, "ies"):
		return word[:len(word)-3] + "y"
	}
	return strings.TrimSuffix(word, "s")
}

// similarity is how alike two texts are, in percent: twice the words that both have,
// of all words of both (the Sørensen–Dice coefficient). One word that is the same is
// not enough, unless it is all that both say. Of pairs of real short descriptions
// taken at random, 11 in 10,000 are 70 % alike, nearly all of them filled-in forms.
func similarity(a, b map[string]bool) int {
	same := 0
	for word := range a {
		if b[word] {
			same++
		}
	}
	if same == 0 || same == 1 && len(a)+len(b) > 2 {
		return 0
	}
	return 200 * same / (len(a) + len(b))
}

// emptyWords are so frequent in tickets that they tell nothing about one: the little
// words of English, greetings, words for "there is a problem", and the heads of
// e-mails.
var emptyWords = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`
		a an the and or but if then so of to in on at by for from with without into onto as is are was were be been being am
		do does did done has have had having can could will would shall should may might must cannot not no
		i you he she it we they me my your his her its our their this that these those there here who what when where which how why
		t s m re ve ll d don doesn isn aren won didn
		hi hello dear please pls thanks thank regards kind help need needs needed urgent asap issue issues problem problems
		ticket incident request since again still any some all very just get got getting
		re fw fwd sent received importance am pm today yesterday tomorrow morning afternoon
		monday tuesday wednesday thursday friday saturday sunday
		january february march april june july august september october november december`) {
		words[word] = true
	}
	return words
}()
