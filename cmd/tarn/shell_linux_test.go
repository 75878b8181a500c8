package main

import (
	"os"
	"strings"
	"testing"
)

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
	ctrlG = "\x07"
	ctrlR = "\x12"
	up    = "\x1b[A"
)

func TestShellAtATerminal(t *testing.T) {
	vars := inLake(t)
	c := atTerminal(t, vars, "query")
	c.sees("1 event data store, 2 events")

	// TAB completes keywords, stores, columns; the statement ends with ; on the next line.
	c.sees("tarn> ")
	c.types("SEL\teventNa\tFROM clou\t\r")
	c.sees("SELECT ")
	c.sees("eventName ")
	c.sees("cloudtrail")
	c.sees("  -> ")
	c.types("WHERE eventID = 'a';\r")
	c.sees("PutObject")
	c.sees("(1 row, ")
	c.sees("; 1 of 2 segments, ")

	// Two TABs list what is possible.
	c.types("SELECT eventT\t\t")
	c.sees("eventTime")
	c.sees("eventType")

	// ^C forgets the line, an error ends nothing.
	c.types(ctrlC)
	c.sees("^C")
	c.sees("tarn> ")
	c.types("SELECT nothing FROM cloudtrail;\r")
	c.sees("no column \"nothing\"")
	c.sees("       ^")

	// ^C stops a statement that runs.
	c.sees("tarn> ")
	c.types("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5;\r")
	c.sees("% 5;\r\n")
	c.sees("\x1b[?2004l")   // the terminal is given back: now ^C is a signal
	c.sees("query  0 rows") // and somebody who waits sees the time
	c.types(ctrlC)
	c.sees("cancelled")

	// The arrow up brings the statement back, on one line; ^R finds an older one.
	c.sees("tarn> ")
	c.types(ctrlC + up + up + up)
	c.sees("SELECT eventName FROM cloudtrail WHERE eventID = 'a';")
	c.types("\r")
	c.sees("(1 row, ")
	c.sees("tarn> ")
	c.types(ctrlR)
	c.sees("(reverse-i-search)'': ")
	c.types("nothing")
	c.sees("(reverse-i-search)'nothing': ")
	c.sees("SELECT nothing FROM cloudtrail;")
	c.types(ctrlG)
	c.sees("tarn> ")
	c.types(ctrlR + "put" + ctrlR)
	c.sees("(failed reverse-i-search)'put': ")
	c.types("\x7f\x7f\x7feventID = 'a'\r")
	c.sees("PutObject")
	c.sees("tarn> ")

	// A line of which the editor would lose the end does not run.
	c.types("SELECT '" + strings.Repeat("x", 5000) + "';\r")
	c.sees("the line is longer than the editor keeps")
	c.sees("tarn> ")
	c.types(ctrlD)
	if code := c.ends(); code != exitDone {
		t.Errorf("^D ends the shell with %d", code)
	}

	// The next shell remembers, and nobody else can read it.
	if st, err := os.Stat(vars["TARN_HISTORY"]); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the history's file: %v, %v; want mode 0600", st, err)
	}
	c = atTerminal(t, vars, "query", "--format", "csv")
	c.sees("tarn> ")
	c.types(up + "\r")
	c.sees("eventName\r\nPutObject\r\n")
	c.sees("tarn> ")
	c.types("\\q\r")
	if code := c.ends(); code != exitDone {
		t.Errorf("\\q ends the shell with %d", code)
	}
}

func TestShellPagesWhatIsHigherThanTheScreen(t *testing.T) {
	vars := inLake(t)
	vars["TARN_PAGER"] = "sed s/^/paged:/"
	c := atTerminal(t, vars, "query")
	c.sees("tarn> ")
	c.types("SELECT * FROM range(100);\r")
	c.sees("paged:   99")
	c.sees("(100 rows, ")
	c.sees("tarn> ")
	c.types("SELECT * FROM range(3);\r")
	c.sees("\n----")
	c.sees("(3 rows, ")
	c.sees("tarn> ")
	// What is too wide for the screen takes a line for each column.
	c.types("SELECT * FROM cloudtrail WHERE eventID = 'a';\r")
	c.sees("paged:-- row 1 ---")
	c.sees("(1 row, ")
	c.sees("tarn> ")
	c.types("\\q\r")
	c.ends()
	// A pager that cannot be run keeps nothing back.
	for _, answer := range []struct{ rows, last string }{{"100", "  99"}, {"100000", "99999"}} {
		vars["TARN_PAGER"] = "nosuchpager -x"
		c = atTerminal(t, vars, "query")
		c.sees("tarn> ")
		c.types("SELECT * FROM range(" + answer.rows + ");\r")
		c.sees(`note: no pager "nosuchpager -x" here`)
		c.sees("   0\r\n")
		c.sees(answer.last + "\r\n")
		c.sees("(" + answer.rows[:3])
		c.sees("tarn> ")
		c.types(ctrlD)
		c.ends()
	}
	// A reader who leaves early is no error.
	vars["TARN_PAGER"] = "head -n 1"
	c = atTerminal(t, vars, "query")
	c.sees("tarn> ")
	c.types("SELECT * FROM range(100000);\r")
	c.sees("range\r\n")
	c.sees("tarn> ")
	c.types("SELECT 42 AS n;\r")
	c.sees("42")
	c.sees("tarn> ")
	c.types(ctrlD)
	c.ends()
}
