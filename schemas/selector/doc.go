// Package selector has CloudTrail's advanced event selectors: which events an
// event data store takes.
//
// A [Set] is what a store has: up to five selectors, as CloudTrail Lake writes
// them in JSON. [Parse] reads one and says everything that is wrong with it at
// once. [Set.Compile] makes a [Matcher] of it, which looks only at the members of
// a raw event that the selectors speak of, in one walk over it.
//
// An event is taken if one of the selectors takes it. A selector takes it if each
// of its fields does. A field takes it if its value meets one of the conditions
// Equals, StartsWith and EndsWith, where there are any, and none of NotEquals,
// NotStartsWith and NotEndsWith. A value that is missing meets no condition.
// docs/selectors.md has all of it.
package selector
