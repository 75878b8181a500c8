package samples

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Asked is what a question in plain words comes to.
type Asked struct {
	Sample Sample
	Values Values
}

// leastRelevance is how well a sample must fit to be what somebody means.
const leastRelevance = 12

// inWords are the parameters whose values are known when they stand in a prompt.
var inWords = map[string]*regexp.Regexp{
	"key":      regexp.MustCompile(`\b((?:AKIA|ASIA|TARN)[A-Z0-9]{16})\b`),
	"address":  regexp.MustCompile(`\b((?:[0-9]{1,3}\.){3}[0-9]{1,3})\b|\b([0-9a-fA-F]{1,4}:[0-9a-fA-F:]*:[0-9a-fA-F]{0,4})\b`),
	"instance": regexp.MustCompile(`\b(i-[0-9a-f]{8,17})\b`),
	"group":    regexp.MustCompile(`\b(sg-[0-9a-f]{8,17})\b`),
	"id":       regexp.MustCompile(`\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b`),
	"bucket":   regexp.MustCompile(`(?i)\bbuckets?\s+(?:named |called )?["']?([a-z0-9][-.a-z0-9]{1,61}[a-z0-9])\b`),
	"rows":     regexp.MustCompile(`(?i)\b(?:top|first|newest|last)\s+([0-9]{1,4})\b(?:\s+(?:rows|events|users|names|people|results))?`),
	"name":     regexp.MustCompile(`["']([^"']{1,200})["']`),
}

// Understand returns the sample that a prompt is most likely about, with what the prompt
// says of its parameters and of time. There is none if no sample fits, or none whose
// parameters are all there. It asks nobody: it is Search, and patterns.
func Understand(prompt string, now time.Time) (Asked, bool) {
	said := map[string]string{}
	for name, pattern := range inWords {
		if found := pattern.FindStringSubmatch(prompt); found != nil {
			said[name] = strings.Join(found[1:], "") // one of its groups
		}
	}
	from, to, rest := times(prompt, now)
	best, most := Asked{}, 0
	relevance := map[string]int{}
	for _, m := range Search(rest) {
		relevance[m.Name] = m.Relevance
	}
	for _, sample := range all() {
		asked := Asked{sample, Values{From: from, To: to, Params: map[string]string{}}}
		score := relevance[sample.Name]
		for _, p := range sample.Params {
			value, ok := said[p.Name]
			switch {
			case ok:
				asked.Values.Params[p.Name] = value
				if p.Required() {
					score += 2 * leastRelevance // it is about what was named
				}
			case p.Required():
				score = -100 // it cannot be asked
			}
		}
		if score > most {
			best, most = asked, score
		}
	}
	return best, most >= leastRelevance
}

var (
	lastSome = regexp.MustCompile(`(?i)\b(?:in |over |during |for |of )?(?:the )?(?:last|past|previous)\s+(?:([0-9]{1,4})\s+)?(hour|day|week|month|year)s?\b`)
	dayNamed = regexp.MustCompile(`(?i)\b(today|yesterday)\b`)
	sinceDay = regexp.MustCompile(`(?i)\b(?:since|from|after)\s+([0-9]{4}-[0-9]{2}-[0-9]{2})\b`)
	untilDay = regexp.MustCompile(`(?i)\b(?:until|till|to|before|and)\s+([0-9]{4}-[0-9]{2}-[0-9]{2})\b`)
	onDay    = regexp.MustCompile(`(?i)\b(?:on|between)\s+([0-9]{4}-[0-9]{2}-[0-9]{2})\b`)
)

// times are those that a prompt speaks of, and the prompt without them.
func times(prompt string, now time.Time) (from, to time.Time, rest string) {
	rest = prompt
	take := func(pattern *regexp.Regexp) []string {
		found := pattern.FindStringSubmatch(rest)
		if found != nil {
			rest = strings.Replace(rest, found[0], " ", 1)
		}
		return found
	}
	day := func(text string) time.Time {
		t, _ := time.Parse(time.DateOnly, text) // a day that is none is no bound
		return t
	}
	midnight := now.UTC().Truncate(24 * time.Hour)
	if m := take(lastSome); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			n = 1
		}
		hours := map[string]int{"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24, "year": 365 * 24}
		from = now.UTC().Add(-time.Duration(n*hours[strings.ToLower(m[2])]) * time.Hour)
	}
	if m := take(dayNamed); m != nil {
		if from = midnight; strings.EqualFold(m[1], "yesterday") {
			from, to = midnight.Add(-24*time.Hour), midnight
		}
	}
	if m := take(onDay); m != nil {
		from = day(m[1])
		if to = from.Add(24 * time.Hour); from.IsZero() {
			to = from
		}
	}
	if m := take(sinceDay); m != nil {
		from = day(m[1])
	}
	if m := take(untilDay); m != nil {
		to = day(m[1])
	}
	return from, to, rest
}
