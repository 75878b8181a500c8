package segment

import (
	"cmp"
	"maps"
	"slices"

	"tarn/internal/jscan"
)

// order finds the order of a row group's events. What is alike stands together:
// events of one source, name and principal, and among them time decides.
// Compression then finds nearby what it would have to look for far away: it
// takes half the time, and less remains. Questions leave out row groups by time,
// and those do follow each other in time.
type order struct {
	places                     []place
	sources, names, principals ranks
}

// place is where an event stands.
type place struct {
	source, name, principal uint32 // numbers, which become ranks
	at                      uint32 // which of the events it is, as they came: in order of time
}

// add takes in the next event. Members are taken as CloudTrail writes them; an
// event that has them otherwise only stands elsewhere.
func (o *order) add(raw []byte) {
	var source, name, identity []byte
	for it := jscan.Members(raw); source == nil || name == nil || identity == nil; {
		member, val, ok := it.Next()
		if !ok {
			break
		}
		switch string(member) {
		case "eventSource":
			source = val
		case "eventName":
			name = val
		case "userIdentity":
			identity = val
		}
	}
	o.places = append(o.places, place{o.sources.number(source), o.names.number(name),
		o.principals.number(principal(identity)), uint32(len(o.places))})
}

// take returns the places in their order, and forgets them. They are valid until
// the next add.
func (o *order) take() []place {
	sources, names, principals := o.sources.take(), o.names.take(), o.principals.take()
	for i := range o.places {
		p := &o.places[i]
		p.source, p.name, p.principal = sources[p.source], names[p.name], principals[p.principal]
	}
	slices.SortFunc(o.places, func(a, b place) int {
		if a.source != b.source {
			return cmp.Compare(a.source, b.source)
		}
		if a.name != b.name {
			return cmp.Compare(a.name, b.name)
		}
		return cmp.Or(cmp.Compare(a.principal, b.principal), cmp.Compare(a.at, b.at))
	})
	places := o.places
	o.places = o.places[:0]
	return places
}

// principal returns who an identity says it is; nil if it does not.
func principal(identity []byte) []byte {
	if len(identity) == 0 || identity[0] != '{' {
		return nil
	}
	for it := jscan.Members(identity); ; {
		member, val, ok := it.Next()
		if !ok {
			return nil
		}
		if string(member) == "principalId" {
			return val
		}
	}
}

// ranks numbers texts as they come, and ranks them when all are known: texts are
// compared once each, not once an event, and similar ones become neighbours.
type ranks struct{ numbers map[string]uint32 }

func (r *ranks) number(text []byte) uint32 {
	n, ok := r.numbers[string(text)]
	if !ok {
		if r.numbers == nil {
			r.numbers = map[string]uint32{}
		}
		n = uint32(len(r.numbers))
		r.numbers[string(text)] = n
	}
	return n
}

// take returns the rank of each number, and forgets the texts.
func (r *ranks) take() []uint32 {
	out := make([]uint32, len(r.numbers))
	for rank, text := range slices.Sorted(maps.Keys(r.numbers)) {
		out[r.numbers[text]] = uint32(rank)
	}
	clear(r.numbers)
	return out
}
