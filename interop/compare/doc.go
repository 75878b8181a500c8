// Compare asks Tarn and the systems that somebody would take in its place the same
// questions over the same generated events, on one machine in one run: how fast events
// are taken in, what they take on disk and in memory, how long the ten audit questions
// and a few needles take, in a process that has just started and in one that stays.
//
// A time counts only where the answer is right: all answers to a question must be the
// same. What was measured is kept as it is in results.json; the tables and pictures
// beside it are made of that file and nothing else, and -draw makes them again.
//
// A system that is not on this machine is left out, and the results say so. How those
// that are there were set up is in their files here, and in the results.
package main
