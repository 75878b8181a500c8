package selector

import (
	"bytes"
	"iter"
	"strings"

	"tarn/internal/jscan"
)

// values are what an event has in the fields that selectors speak of. They are
// what its columns hold: names without case, of repeated members the first, text
// of texts, numbers and booleans, and nothing of what has another shape.
type values struct {
	texts     [fields][]byte // nil where there is none
	resources []byte
}

// valuesOf walks over the event until it has met all the fields.
func valuesOf(raw []byte, needs fieldSet) (v values) {
	left := needs &^ (1 << resourcesARN)
	if needs.has(resourcesARN) {
		left |= 1 << resourcesType // they stand in one member
	}
	for it := jscan.Members(raw); left != 0; {
		key, ok := it.Key()
		if !ok {
			break
		}
		val := it.Value()
		f := member(key)
		if f == fields || !left.has(f) {
			continue
		}
		left &^= 1 << f
		switch f {
		case resourcesType:
			v.resources = val
		case identityARN:
			v.texts[f] = text(find(val, "arn"))
		default:
			v.texts[f] = text(val)
		}
	}
	return v
}

// member returns the field that a member of an event holds; for resources, their
// type; fields for others.
func member(key []byte) field {
	switch string(key) {
	case "eventName":
		return eventName
	case "eventSource":
		return eventSource
	case "eventType":
		return eventType
	case "readOnly":
		return readOnly
	case "resources":
		return resourcesType
	case "sessionCredentialFromConsole":
		return fromConsole
	case "userIdentity":
		return identityARN
	case "errorCode":
		return errorCode
	case "vpcEndpointId":
		return vpcEndpointID
	}
	return oddMember(key)
}

// members are what member knows, for names in another case.
var members = [...]struct {
	name string
	of   field
}{
	{"eventName", eventName}, {"eventSource", eventSource}, {"eventType", eventType}, {"readOnly", readOnly},
	{"resources", resourcesType}, {"sessionCredentialFromConsole", fromConsole}, {"userIdentity", identityARN},
	{"errorCode", errorCode}, {"vpcEndpointId", vpcEndpointID},
}

func oddMember(key []byte) field {
	key = plain(key)
	for i := range members {
		if alike(key, members[i].name) {
			return members[i].of
		}
	}
	return fields
}

// plain is a member's name without escapes.
func plain(key []byte) []byte {
	if bytes.IndexByte(key, '\\') < 0 {
		return key
	}
	return jscan.Unescape(nil, key)
}

// alike compares names without case.
func alike(key []byte, name string) bool {
	return len(key) == len(name) && key[0]|0x20 == name[0]|0x20 && strings.EqualFold(string(key), name)
}

// find returns the first member of that name of an object; nil if there is none.
func find(object []byte, name string) []byte {
	if len(object) == 0 || object[0] != '{' {
		return nil
	}
	for it := jscan.Members(object); ; {
		key, val, ok := it.Next()
		if !ok {
			return nil
		}
		if alike(plain(key), name) {
			return val
		}
	}
}

// text is the text of a value as a text column has it; nil where that is NULL.
func text(v []byte) []byte {
	if len(v) == 0 {
		return nil
	}
	switch jscan.KindOf(v) {
	case jscan.Text:
		body := v[1 : len(v)-1]
		if bytes.IndexByte(body, '\\') >= 0 {
			body = jscan.Unescape(nil, body)
		}
		return body
	case jscan.Number, jscan.Bool:
		return v
	}
	return nil
}

// resource is an element of an event's resources.
type resource struct{ typ, arn []byte }

// maxResources is the number from which the column is NULL (schemas/columns).
const maxResources = 10_000

// resources walks over an event's resources. One that has no ARN is known by its
// ARNPrefix: that is how S3 writes requests about many objects.
func resources(list []byte) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		if len(list) == 0 || list[0] != '[' || count(list) > maxResources {
			return
		}
		for it := jscan.Members(list); ; {
			e, ok := it.Elem()
			if !ok {
				return
			}
			res := resource{typ: text(find(e, "type")), arn: text(find(e, "ARN"))}
			if res.arn == nil {
				res.arn = text(find(e, "ARNPrefix"))
			}
			if e[0] == '{' && !yield(res) {
				return
			}
		}
	}
}

func count(list []byte) (n int) {
	for it := jscan.Members(list); n <= maxResources; n++ {
		if _, ok := it.Elem(); !ok {
			break
		}
	}
	return n
}

// oldCategory is the category of an event that says none, as those before version
// 1.07: a data event if it says that it is no management event.
func oldCategory(raw []byte) string {
	if string(text(find(raw, "managementEvent"))) == "false" {
		return "Data"
	}
	return "Management"
}
