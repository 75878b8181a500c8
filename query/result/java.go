package result

import (
	"bytes"
	"encoding/json"
	"strings"

	"tarn/query"
)

// Shown is a value as CloudTrail Lake shows it, where every value is a text: maps and
// structs as Java writes them, {key=value, other=[1, 2]}. NULL is empty, and null
// within others.
func Shown(c query.Column, v query.Value) string {
	if v.Null || c.Kind != query.JSON || c.Type == "JSON" {
		return v.Text
	}
	in := json.NewDecoder(strings.NewReader(v.Text))
	in.UseNumber()
	var out bytes.Buffer
	if err := javaValue(in, &out); err != nil {
		return v.Text // the engine writes Infinity and NaN within others
	}
	return out.String()
}

func javaValue(in *json.Decoder, out *bytes.Buffer) error {
	t, err := in.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return javaParts(in, out, t)
	case string:
		out.WriteString(t)
	case json.Number:
		out.WriteString(t.String())
	case bool:
		out.WriteString(map[bool]string{true: "true", false: "false"}[t])
	default:
		out.WriteString("null")
	}
	return nil
}

// javaParts writes what stands between two brackets.
func javaParts(in *json.Decoder, out *bytes.Buffer, open json.Delim) error {
	out.WriteString(open.String())
	for i := 0; in.More(); i++ {
		if i > 0 {
			out.WriteString(", ")
		}
		if open == '{' {
			key, err := in.Token()
			if err != nil {
				return err
			}
			text, _ := key.(string)
			out.WriteString(text + "=")
		}
		if err := javaValue(in, out); err != nil {
			return err
		}
	}
	end, err := in.Token()
	if err == nil {
		out.WriteString(end.(json.Delim).String())
	}
	return err
}
