package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a document.
const (
	// MaxCharacters is how long one is.
	MaxCharacters = 8192
	maxStatements = 20
	maxPrincipals = 50
)

const (
	// account is that of the lake's ARNs.
	account = "000000000000"
	iam     = "arn:aws:iam::" + account + ":"
	userARN = iam + "user/access/"
	roleARN = iam + "role/"
	// service is the one service that a statement may name.
	service = "cloudtrail.amazonaws.com"
	// externalID is the condition on what a sender of audit events calls themselves.
	externalID = "cloudtrail:externalid"
)

// keyID is the id of an access key or token.
var keyID = regexp.MustCompile(`^TARN[A-Z2-7]{16}$`)

// Document is a policy that was checked.
type Document struct{ statements []statement }

type statement struct {
	allow      bool
	everybody  bool
	principals []string
	actions    []string
	external   []string // one of which the external id is; nil: whatever it is
}

// Parse checks the policy of the resource of that ARN, and says what is wrong with it.
func Parse(text, arn string) (Document, error) {
	actions := Actions(arn)
	if n := utf8.RuneCountInString(text); !utf8.ValidString(text) || n == 0 || n > MaxCharacters {
		return Document{}, fmt.Errorf("a policy has 1 to %d characters of UTF-8", MaxCharacters)
	}
	top, err := object(json.RawMessage(text), "Version", "Id", "Statement")
	if err != nil {
		return Document{}, err
	}
	if version, err := texts(top["Version"]); err != nil || len(version) != 1 || version[0] != "2012-10-17" {
		return Document{}, errors.New(`its Version must be "2012-10-17"`)
	}
	if id, ok := top["Id"]; ok {
		if _, err := texts(id); err != nil {
			return Document{}, fmt.Errorf("its Id: %w", err)
		}
	}
	all, err := list(top["Statement"])
	if err != nil || len(all) == 0 || len(all) > maxStatements {
		return Document{}, fmt.Errorf("its Statement must be 1 to %d statements", maxStatements)
	}
	var d Document
	for i, raw := range all {
		s, err := parseStatement(raw, arn, actions)
		if err != nil {
			return Document{}, fmt.Errorf("its Statement[%d]: %w", i, err)
		}
		d.statements = append(d.statements, s)
	}
	return d, nil
}

func parseStatement(raw json.RawMessage, arn string, actions []string) (s statement, err error) {
	given, err := object(raw, "Sid", "Effect", "Principal", "Action", "Resource", "Condition")
	if err != nil {
		return s, err
	}
	if sid, ok := given["Sid"]; ok {
		if _, err := texts(sid); err != nil {
			return s, fmt.Errorf("its Sid: %w", err)
		}
	}
	effect, err := texts(given["Effect"])
	if err != nil || len(effect) != 1 || effect[0] != "Allow" && effect[0] != "Deny" {
		return s, errors.New("its Effect must be Allow or Deny")
	}
	s.allow = effect[0] == "Allow"
	services, err := s.parsePrincipal(given["Principal"])
	if err != nil {
		return s, fmt.Errorf("its Principal: %w", err)
	}
	if s.actions, err = actionsOf(given["Action"], actions); err != nil {
		return s, fmt.Errorf("its Action: %w", err)
	}
	resources, err := texts(given["Resource"])
	if err != nil || len(resources) == 0 || slices.ContainsFunc(resources, func(r string) bool { return r != arn }) {
		return s, fmt.Errorf("its Resource must be %s, which the policy is of", arn)
	}
	if condition, ok := given["Condition"]; ok {
		if err := s.parseCondition(condition, services, arn); err != nil {
			return s, fmt.Errorf("its Condition: %w", err)
		}
	}
	return s, nil
}

// parsePrincipal reads whom a statement is about. services says that it is about a
// service alone, which is nobody who asks.
func (s *statement) parsePrincipal(raw json.RawMessage) (services bool, err error) {
	if one, err := texts(raw); err == nil && len(one) == 1 && one[0] == "*" {
		s.everybody = true
		return false, nil
	}
	given, err := object(raw, "AWS", "Service")
	if err != nil {
		return false, err
	}
	var named int
	for kind, value := range given {
		all, err := texts(value)
		if err != nil {
			return false, fmt.Errorf("%s: %w", kind, err)
		}
		named += len(all)
		for _, name := range all {
			if kind == "Service" && name == service {
				continue
			}
			if err := s.parseName(kind, name); err != nil {
				return false, err
			}
		}
	}
	if named == 0 || named > maxPrincipals {
		return false, fmt.Errorf("a statement names 1 to %d principals", maxPrincipals)
	}
	return !s.everybody && len(s.principals) == 0, nil
}

func (s *statement) parseName(kind, name string) error {
	user, isUser := strings.CutPrefix(name, userARN)
	role, isRole := strings.CutPrefix(name, roleARN)
	switch {
	case kind != "AWS":
		return fmt.Errorf("%q is no service here; %s is", name, service)
	case name == "*" || name == account || name == iam+"root":
		s.everybody = true
	case keyID.MatchString(name), isUser && user != "", isRole && role != "":
		s.principals = append(s.principals, name)
	default:
		return fmt.Errorf("%q is nobody here: a principal is the id of an access key or token, %sNAME, %sROLE, or *", name, userARN, roleARN)
	}
	return nil
}

func actionsOf(raw json.RawMessage, there []string) (all []string, err error) {
	given, err := texts(raw)
	if err != nil {
		return nil, err
	}
	for _, name := range given {
		i := slices.IndexFunc(there, func(a string) bool { return strings.EqualFold(a, name) })
		if i < 0 {
			return nil, fmt.Errorf("%q is nothing that a policy of this resource is about; %s", name, strings.Join(there, ", "))
		}
		all = append(all, there[i])
	}
	if len(all) == 0 {
		return nil, errors.New("is missing")
	}
	return all, nil
}

// parseCondition takes the one condition that there is, and for a service, whose
// statements say nothing here, those that AWS's documents have.
func (s *statement) parseCondition(raw json.RawMessage, services bool, arn string) error {
	operators, err := object(raw)
	if err != nil {
		return err
	}
	for operator, of := range operators {
		keys, err := object(of)
		if err != nil {
			return err
		}
		for key, value := range keys {
			wanted, err := texts(value)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			source := strings.EqualFold(key, "aws:SourceArn") || strings.EqualFold(key, "aws:SourceAccount")
			likes := []string{"StringEquals", "StringLike", "ArnEquals", "ArnLike"}
			switch {
			case services && source && slices.Contains(likes, operator):
			case operator == "StringEquals" && strings.EqualFold(key, externalID) && kindOf(arn) == "channel" && s.external == nil && len(wanted) > 0:
				s.external = wanted
			default:
				return fmt.Errorf("%s of %s is not known here; of channels there is StringEquals of cloudtrail:ExternalId, once", operator, key)
			}
		}
	}
	return nil
}

// object is a JSON object of which each member is there once, as it is spelt, and has
// one of the names; without names it may have any.
func object(raw json.RawMessage, names ...string) (map[string]json.RawMessage, error) {
	in := json.NewDecoder(bytes.NewReader(raw))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("is not a JSON object")
	}
	all := map[string]json.RawMessage{}
	for in.More() {
		t, err := in.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, errors.New("is not a JSON object")
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		if len(names) > 0 && !slices.Contains(names, name) {
			return nil, fmt.Errorf("%q is not known here; members are %s", name, strings.Join(names, ", "))
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return nil, errors.New("is not JSON")
		}
		all[name] = value
	}
	if _, err := in.Token(); err != nil {
		return nil, errors.New("is not JSON")
	}
	if in.InputOffset() != int64(len(bytes.TrimRight(raw, " \t\r\n"))) {
		return nil, errors.New("something stands behind the JSON")
	}
	return all, nil
}

// list is what is in a list, or the one thing that is there instead.
func list(raw json.RawMessage) (all []json.RawMessage, err error) {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		err = json.Unmarshal(raw, &all)
		return all, err
	}
	if len(raw) == 0 {
		return nil, nil
	}
	return []json.RawMessage{raw}, nil
}

// texts are the texts of a list, or the one that is there instead.
func texts(raw json.RawMessage) (all []string, err error) {
	each, err := list(raw)
	if err != nil {
		return nil, err
	}
	for _, one := range each {
		var text *string
		if err := json.Unmarshal(one, &text); err != nil || text == nil {
			return nil, errors.New("is not a text")
		}
		all = append(all, *text)
	}
	return all, nil
}
