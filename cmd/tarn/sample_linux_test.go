package main

import "testing"

func TestSamplesInTheShell(t *testing.T) {
	vars := inLake(t)
	c := atTerminal(t, vars, "query")
	c.sees("tarn> ")
	c.types("\\samp\t root login\r")
	c.sees("root-activity")
	c.sees("tarn> ")
	c.types("\\samples calls-by-h\t from=2020-01-01 to=2100-01-01\r")
	c.sees("At which hours of the day is how much going on?")
	c.sees("in_console")
	c.sees("; 2 of 2 segments, ")
	c.types("\\samples access-key-activity\r")
	c.sees("key has no value")
	c.sees("hint: --param key=..., or in tarn's shell key=...")
	c.sees("tarn> ")
	c.types("\\samples root-activity from=yesterday\r")
	c.sees("hint: write a day")
	c.sees("tarn> ")
	c.types(ctrlD)
}
