// Package retention ages the lake: it plans what expires and says why not yet, and
// applies the plan. What may expire decides package lake, by the log of record;
// this room puts it in order, for people.
package retention
