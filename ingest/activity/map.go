package activity

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"tarn/internal/jscan"
	"tarn/schemas"
)

// Map says how the audit events of one source become activity events. One that
// was parsed is never changed; several goroutines may use it.
type Map struct {
	// Name is what the map is called, and what records name it.
	Name string
	// About says in a line which source it is for.
	About string
	// Text is the map as it is written.
	Text []byte

	list   []path // members of a wrapper that hold the events
	inside path   // the member of a record that holds the event; nil if it is the record
	rules  []*rule
}

// Records returns the records that a JSON value holds: itself, or the elements of
// the list that the map knows wrappers to have.
func (m *Map) Records(value []byte) [][]byte {
	for _, p := range m.list {
		v := p.find(value)
		if len(v) == 0 || v[0] != '[' {
			continue
		}
		var records [][]byte
		for it := jscan.Members(v); ; {
			r, ok := it.Elem()
			if !ok {
				return records
			}
			records = append(records, r)
		}
	}
	return [][]byte{value}
}

// Event makes an activity event of a record, or says why there is none.
func (m *Map) Event(raw []byte, o Origin) (Event, error) {
	whole, err := parseObject(raw)
	if err != nil {
		return Event{}, err
	}
	event := whole
	if m.inside != nil {
		if event, err = parseObject(holds(whole.find(m.inside))); err != nil {
			return Event{}, fmt.Errorf("no event in %s: map %s wants a JSON object there, or a text with one", m.inside, m.Name)
		}
	}
	values := make([][]byte, len(m.rules))
	all := Fields()
	for i, r := range m.rules {
		if r != nil {
			values[i] = r.give(event, all[i].take)
		}
	}
	if values[fieldTime] == nil {
		return Event{}, m.noTime(event)
	}
	if values[fieldName] == nil {
		return Event{}, fmt.Errorf("no eventName: map %s looks for it in %s", m.Name, m.rules[fieldName])
	}
	m.complete(values, whole.text, o)
	micros, _ := schemas.ParseTime([]byte(plain(values[fieldTime]))) // as instant wrote it
	return record{
		origin: o, data: eventData(all, values), source: plain(values[fieldSource]),
		account: plain(values[fieldAccount]), uid: plain(values[fieldUID]), time: micros,
		mapped: m.Name, original: whole.text,
	}.build()
}

// complete gives the fields that every event has a value.
func (m *Map) complete(values [][]byte, raw []byte, o Origin) {
	if values[fieldVersion] == nil {
		values[fieldVersion] = []byte(`"1.0"`)
	}
	if values[fieldSource] == nil {
		values[fieldSource] = quote(m.Name)
	}
	if values[fieldUID] == nil {
		sum := sha256.Sum256(raw)
		values[fieldUID] = quote("sha256:" + hex.EncodeToString(sum[:]))
	}
	if values[fieldAccount] == nil {
		account := o.Account
		if account == "" {
			account = Account
		}
		values[fieldAccount] = quote(account)
	}
}

// noTime says why a record has no eventTime.
func (m *Map) noTime(event object) error {
	r := m.rules[fieldTime]
	v := r.found(event)
	switch {
	case v == nil:
		return fmt.Errorf("no eventTime: map %s looks for it in %s", m.Name, r)
	case isNumber(v):
		return fmt.Errorf("eventTime %.40s is no time: map %s has no unit for it, or another one", v, m.Name)
	}
	return fmt.Errorf("eventTime %.60s is not a time such as \"2026-01-31T23:59:59Z\"", v)
}

// eventData writes the fields that have a value. Those of one struct follow each
// other.
func eventData(all []Field, values [][]byte) []byte {
	b := []byte{'{'}
	within := ""
	for i, f := range all {
		if values[i] == nil {
			continue
		}
		outer, name, nested := strings.Cut(f.Name, ".")
		if !nested {
			outer, name = "", f.Name
		}
		if outer != within {
			if within != "" {
				b = append(b, '}')
			}
			if outer != "" {
				b = append(comma(b), `"`+outer+`":{`...)
			}
			within = outer
		}
		b = append(append(comma(b), `"`+name+`":`...), values[i]...)
	}
	return append(b, '}')
}

// comma separates what follows from what is there.
func comma(b []byte) []byte {
	if b[len(b)-1] == '{' {
		return b
	}
	return append(b, ',')
}
