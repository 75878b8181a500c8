package cloudtrail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tarn/server/fault"
)

// read reads the JSON of an input into a struct, and checks it against the bounds in
// the struct's tags:
//
//	aws:"required"     the member must be there
//	aws:"min=1,max=9"  bounds of a number, of the characters of a text, or of the
//	                   elements of a list; only where the member is there
//
// A member that may be left out and whose zero value means something is a pointer.
// Members that are not known are left out, as AWS does.
func read(input []byte, into any) error {
	if len(bytes.TrimSpace(input)) == 0 {
		input = []byte("{}")
	}
	if err := json.Unmarshal(input, into); err != nil {
		return fault.New("SerializationException", "%s", plainly(err))
	}
	return check("", reflect.ValueOf(into).Elem())
}

// plainly says what is wrong with an input without naming our types.
func plainly(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("the member %s cannot be a %s", wrong.Field, wrong.Value)
	}
	return "the input is not JSON as it should be: " + strings.TrimPrefix(err.Error(), "json: ")
}

// check holds the value of a member against the tags of what is in it.
func check(at string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return check(at, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if err := check(at+"["+strconv.Itoa(i)+"]", v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name
			}
			name = strings.TrimPrefix(at+"."+name, ".")
			if err := bound(name, f.Tag.Get("aws"), v.Field(i)); err != nil {
				return err
			}
			if err := check(name, v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// bound checks a member against its tag.
func bound(name, tag string, v reflect.Value) error {
	if tag == "" {
		return nil
	}
	for rule := range strings.SplitSeq(tag, ",") {
		if rule == "required" && v.IsZero() {
			return fault.New("ValidationException", "%s is missing or empty", name)
		}
		kind, text, _ := strings.Cut(rule, "=")
		limit, err := strconv.ParseInt(text, 10, 64)
		if v.IsZero() || err != nil {
			continue
		}
		n, what := size(reflect.Indirect(v))
		if kind == "min" && n < limit || kind == "max" && n > limit {
			return fault.New("ValidationException", "%s %s %d; its %s is %s", name, what, n, kind, text)
		}
	}
	return nil
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
