package page_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var colour = regexp.MustCompile(`--([\w-]+): #([0-9a-f]{3,6});`)

// Text must have a contrast of 4.5 to what is behind it, and what is drawn one of 3
// (WCAG 2.2, AA), in both forms of the page.
func TestColoursCanBeRead(t *testing.T) {
	css, err := os.ReadFile("html/page.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("there is no dark form")
	}
	for name, form := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(form, -1) {
			if len(m[2]) == 3 {
				m[2] = fmt.Sprintf("%[1]c%[1]c%[2]c%[2]c%[3]c%[3]c", m[2][0], m[2][1], m[2][2])
			}
			colours[m[1]] = m[2]
		}
		check := func(ink, paper string, least float64) {
			if got := contrast(t, colours[ink], colours[paper]); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f; at least %.1f", name, ink, paper, got, least)
			}
		}
		for _, ink := range []string{"ink", "pale", "link", "failed", "unknown", "passed"} {
			check(ink, "paper", 4.5)
			check(ink, "soft", 4.5)
		}
		for _, verdict := range []string{"failed", "unknown", "passed"} {
			check(verdict, verdict+"-soft", 4.5)
		}
		check("failed", "heat0", 3) // the dash of a gap
		check("heat4", "heat0", 3)
		check("heat3", "heat0", 3)
	}
}

// contrast is that of two colours after WCAG.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) (sum float64) {
	t.Helper()
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		if len(colour) != 6 {
			t.Fatalf("%q is no colour", colour)
		}
		n, err := strconv.ParseUint(colour[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
