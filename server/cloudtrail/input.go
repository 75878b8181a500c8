package cloudtrail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tarn/server/fault"
)

// read reads the JSON of an input into a struct, and checks it against the bounds in
// the struct's tags:
//
//	aws:"required"     the member must be there, and not empty
//	aws:"min=1,max=9"  bounds of a number, of the characters of a text, or of the
//	                   elements of a list
//	aws:"is=id"        the texts are written so, by the table of patterns
//	aws:"in=All|None"  the texts are one of these
//	aws:"else=Code"    what a member is called that breaks another rule than required;
//	                   ValidationException otherwise
//
// What is not there breaks no rule but the first. A member that may be left out and
// whose zero value means something is a pointer. Members that are not known are left
// out, as AWS does. The rules are held in the order of the struct, so of an input that
// breaks several the first in the operation's own order is told.
func read(input []byte, into any) error {
	if len(bytes.TrimSpace(input)) == 0 {
		input = []byte("{}")
	}
	if err := json.Unmarshal(input, into); err != nil {
		return fault.New("SerializationException", "%s", plainly(err))
	}
	return check("", reflect.ValueOf(into).Elem(), input)
}

// plainly says what is wrong with an input without naming our types.
func plainly(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("the member %s cannot be a %s", wrong.Field, wrong.Value)
	}
	return "the input is not JSON as it should be: " + strings.TrimPrefix(err.Error(), "json: ")
}

// reads is what reads itself: its members are none of ours.
var reads = reflect.TypeFor[json.Unmarshaler]()

// check holds the value of a member, and what it was read from, against the tags of
// what is in it.
func check(at string, v reflect.Value, from json.RawMessage) error {
	switch {
	case reflect.PointerTo(v.Type()).Implements(reads):
		return nil
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return check(at, v.Elem(), from)
	case v.Kind() == reflect.Slice:
		var each []json.RawMessage
		_ = json.Unmarshal(from, &each) // it was read
		for i := range min(v.Len(), len(each)) {
			if err := check(at+"["+strconv.Itoa(i)+"]", v.Index(i), each[i]); err != nil {
				return err
			}
		}
	case v.Kind() == reflect.Struct:
		var members map[string]json.RawMessage
		_ = json.Unmarshal(from, &members)
		return checkMembers(at, v, from, members)
	}
	return nil
}

func checkMembers(at string, v reflect.Value, from json.RawMessage, members map[string]json.RawMessage) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous { // its members are among these
			if err := check(at, v.Field(i), from); err != nil {
				return err
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		raw := members[name]
		given := raw != nil && string(raw) != "null"
		name = strings.TrimPrefix(at+"."+name, ".")
		if err := bound(name, f.Tag.Get("aws"), v.Field(i), given); err != nil {
			return err
		}
		if err := check(name, v.Field(i), raw); err != nil {
			return err
		}
	}
	return nil
}

// bound checks a member against its tag.
func bound(name, tag string, v reflect.Value, given bool) error {
	code := "ValidationException"
	if _, other, ok := strings.Cut(tag, "else="); ok {
		code, tag = other, strings.TrimSuffix(tag, "else="+other)
	}
	for rule := range strings.SplitSeq(tag, ",") {
		kind, what, _ := strings.Cut(rule, "=")
		if kind == "required" && (v.IsZero() || !given) {
			return fault.New("ValidationException", "%s is missing or empty", name)
		}
		if !given {
			continue
		}
		if wrong := breaks(kind, what, reflect.Indirect(v)); wrong != "" {
			return fault.New(code, "%s %s", name, wrong)
		}
	}
	return nil
}

// breaks says how a value breaks a rule; empty if it does not.
func breaks(kind, what string, v reflect.Value) string {
	switch kind {
	case "min", "max":
		limit, err := strconv.ParseInt(what, 10, 64)
		n, says := size(v)
		if err == nil && (kind == "min" && n < limit || kind == "max" && n > limit) {
			return fmt.Sprintf("%s %d; its %s is %d", says, n, kind, limit)
		}
	case "is", "in":
		for _, text := range textsOf(v) {
			if kind == "is" && !patterns[what].MatchString(text) {
				return fmt.Sprintf("is %.100q; it is written %s", text, patterns[what])
			}
			if kind == "in" && !slices.Contains(strings.Split(what, "|"), text) {
				return fmt.Sprintf("is %.100q; it is one of %s", text, strings.ReplaceAll(what, "|", ", "))
			}
		}
	}
	return ""
}

// textsOf are a text, or those of a list.
func textsOf(v reflect.Value) (all []string) {
	switch {
	case v.Kind() == reflect.String:
		return []string{v.String()}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			all = append(all, textsOf(v.Index(i))...)
		}
	}
	return all
}

// patterns are how texts are written, by the names that tags have for them.
var patterns = map[string]*regexp.Regexp{
	"id":        regexp.MustCompile(`^[a-f0-9\-]+$`),
	"ref":       regexp.MustCompile(`^[a-zA-Z0-9._/\-:]+$`),
	"name":      regexp.MustCompile(`^[a-zA-Z0-9._\-]+$`),
	"dashboard": regexp.MustCompile(`^[a-zA-Z0-9_\-]+$`),
	"alias":     regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9._\-]*$`),
	"digits":    regexp.MustCompile(`^\d+$`),
	"role":      regexp.MustCompile(`^[a-zA-Z0-9._/\-:@=+,]+$`),
	"prompt":    regexp.MustCompile(`^[ -~\n]*$`),
	"s3uri":     regexp.MustCompile(`^s3://[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9](/.*)?$`),
	"clock":     regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`),
	"service":   regexp.MustCompile(`^[a-z0-9_-]+\.amazonaws\.com$`),
	"event":     regexp.MustCompile(`^[A-Za-z0-9_]+$`),
	"error":     regexp.MustCompile(`^[\w\s.,\-:\[\]]+$`),
}

// size is what the bounds of a value are about, and how that is said.
func size(v reflect.Value) (n int64, what string) {
	switch v.Kind() {
	case reflect.String:
		return int64(utf8.RuneCountInString(v.String())), "has a length of"
	case reflect.Slice, reflect.Map:
		return int64(v.Len()), "has a length of"
	}
	return v.Int(), "is"
}

// Time is a time as AWS writes it: a number of seconds since 1970, with milliseconds.
type Time struct{ time.Time }

// at is a pointer to a time, nil for the zero one: it is left out then.
func at(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t}
}

// MarshalJSON is json.Marshaler's.
func (t Time) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', -1, 64), nil
}

// latest bounds the times that are understood, to the year 9999.
const latest = 253402300800

// UnmarshalJSON is json.Unmarshaler's.
func (t *Time) UnmarshalJSON(b []byte) error {
	seconds, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.Abs(seconds) >= latest {
		return fmt.Errorf("%.40q is not a time: a number of seconds since 1970", b)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}
