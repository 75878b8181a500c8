package samples

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Match is a sample that a search found.
type Match struct {
	Sample
	Relevance int // from 1 to 100
}

// Search returns the samples in which words of the phrase stand, the most
// relevant first. A word counts more in a name than in the SQL, and more if few
// samples have it.
func Search(phrase string) []Match {
	asked := words(phrase)
	asked = slices.DeleteFunc(asked, func(w string) bool { return unspecific[w] })
	if len(asked) == 0 {
		return nil
	}
	texts := indexed(all())
	rarity := make([]float64, len(asked))
	scores := make([]float64, len(texts))
	for i, w := range asked {
		var held []float64
		n := 0
		for _, t := range texts {
			held = append(held, t.weight(w))
			if held[len(held)-1] > 0 {
				n++
			}
		}
		rarity[i] = math.Log(1 + float64(len(texts))/float64(n+1))
		for j, h := range held {
			scores[j] += h * rarity[i]
		}
	}
	var most float64
	for _, r := range rarity {
		most += r
	}
	var found []Match
	for i, s := range all() {
		if scores[i] > 0 {
			found = append(found, Match{s, max(1, int(math.Round(100*scores[i]/most)))})
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Relevance, a.Relevance) })
	return found
}

// indexedText is the words of a sample's parts, the weightiest part first.
type indexedText []struct {
	weight float64
	words  []string
}

func indexed(samples []Sample) []indexedText {
	var all []indexedText
	for _, s := range samples {
		all = append(all, indexedText{
			{0.35, words(s.Name)}, {0.25, words(s.Question)}, {0.15, words(s.Topic)},
			{0.15, words(s.SQL)}, {0.1, words(s.LookFor + " " + strings.Join(s.AskedBy, " "))},
		})
	}
	return all
}

// weight is how much the text is about a word, from 0 to 1. The beginning of a
// word counts for half.
func (t indexedText) weight(word string) float64 {
	var sum float64
	for _, part := range t {
		best := 0.0
		for _, w := range part.words {
			if w == word {
				best = 1
				break
			}
			if len(word) >= 3 && strings.HasPrefix(w, word) {
				best = 0.5
			}
		}
		sum += best * part.weight
	}
	return sum
}

// unspecific words say nothing about what somebody looks for.
var unspecific = map[string]bool{
	"a": true, "an": true, "and": true, "are": true, "by": true, "did": true, "do": true, "for": true, "from": true, "how": true,
	"i": true, "in": true, "is": true, "it": true, "me": true, "my": true, "of": true, "on": true, "or": true, "show": true,
	"that": true, "the": true, "to": true, "was": true, "what": true, "which": true, "who": true, "with": true,
}

// sameAs are words that people use for what the samples call by another name.
var sameAs = map[string]string{
	"signin": "login", "logon": "login", "2fa": "mfa", "ec2": "machine", "instance": "machine", "vm": "machine", "server": "machine", "instances": "machine",
	"iam": "identity", "sg": "group", "firewall": "group", "exfiltration": "data", "miner": "mining",
	"throttling": "throttled", "fail": "failed", "failure": "failed", "failures": "failed", "lambda": "function", "organization": "organisation",
}

// words are the words of a text, each in its plainest form. A name such as
// StopLogging is two words, and one.
func words(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		parts := humps(w)
		if len(parts) > 1 {
			parts = append(parts, w)
		}
		for _, p := range parts {
			p = strings.ToLower(p)
			out = append(out, plain(p))
			if other, ok := sameAs[p]; ok {
				out = append(out, plain(other))
			}
		}
	}
	return out
}

// humps cuts a name before each capital letter that follows a small one.
func humps(name string) []string {
	var parts []string
	from, small := 0, false
	for i, r := range name {
		if small && unicode.IsUpper(r) {
			parts = append(parts, name[from:i])
			from = i
		}
		small = unicode.IsLower(r) || unicode.IsDigit(r)
	}
	return append(parts, name[from:])
}

// endings are what plain takes off, and how much has to be left.
var endings = [...]struct {
	text  string
	least int
}{{"ing", 4}, {"ed", 4}, {"es", 4}, {"s", 3}}

// plain takes endings off a word: keys and key, deleted and delete are one.
func plain(w string) string {
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(w, e.text); ok && len(stem) >= e.least && !strings.HasSuffix(w, "ss") {
			w = stem
			break
		}
	}
	if len(w) > 3 {
		w = strings.TrimSuffix(w, "e")
	}
	if stem, ok := strings.CutSuffix(w, "y"); ok && len(w) > 3 {
		w = stem + "i"
	}
	return w
}
