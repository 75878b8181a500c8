package export

// Small is the same export with little in memory and in a file.
func Small(o Options) Options {
	o.window, o.file = 20_000, 1_500
	return o
}
