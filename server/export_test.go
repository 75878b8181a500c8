package server

// Bounds that tests make shorter, before a server listens.
var (
	EndTime     = &endTime
	BodyTime    = &bodyTime
	SlowTime    = &slowTime
	SilentTime  = &silentTime
	AskAgain    = &askAgain
	ReceiptTime = &receiptTime
	Streams     = &streams
	Connections = &connections
)
