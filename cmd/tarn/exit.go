package main

import (
	"context"
	"errors"

	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/tlogproof"
	"tarn/query"
	"tarn/server/socket"
)

// Exit codes are a contract with scripts. The table in README.md is compared
// with exitMeanings by a test.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitPartly      = 3
	exitNoLake      = 10
	exitInUse       = 11
	exitCorrupt     = 12
	exitInterrupted = 130
)

// exitMeaning is a row of the documented table.
type exitMeaning struct {
	code    int
	meaning string
}

func exitMeanings() []exitMeaning {
	return []exitMeaning{
		{exitDone, "done"},
		{exitFailed, "failed"},
		{exitUsage, "wrong usage, or SQL that cannot be run"},
		{exitPartly, "done in part: some records were rejected, or files not readable; the others are stored. Or a report has findings (`--fail-on`)"},
		{exitNoLake, "no lake there, or no such event data store, or it is pending deletion"},
		{exitInUse, "lake in use by another process"},
		{exitCorrupt, "lake is corrupt: bytes are not what was sealed; or a proof does not hold"},
		{exitInterrupted, "interrupted; what was committed stays, the same command goes on from there"},
	}
}

var (
	// errPartly means that the work is done but for some records.
	errPartly = errors.New("done in part")
	// errDiffers means that verification found problems.
	errDiffers = errors.New("lake is not what was sealed")
	// errInterrupted means that somebody pressed ^C, or asked the process to end.
	errInterrupted = errors.New("interrupted")
)

func exitCode(err error) int {
	var syntax *query.SyntaxError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, errUsage), errors.As(err, &syntax):
		return exitUsage
	case errors.Is(err, errPartly), errors.Is(err, errFindings):
		return exitPartly
	case errors.Is(err, lake.ErrNoLake), errors.Is(err, lake.ErrStoreNotFound), errors.Is(err, lake.ErrStoreInactive):
		return exitNoLake
	case errors.Is(err, lake.ErrLocked), errors.Is(err, lake.ErrImporting), errors.Is(err, socket.ErrRefused):
		return exitInUse
	case errors.Is(err, lake.ErrCorrupt), errors.Is(err, errDiffers), errors.Is(err, lake.ErrRolledBack), errors.Is(err, lake.ErrForgets), errors.Is(err, tlogproof.ErrNotProven):
		return exitCorrupt
	case errors.Is(err, ingest.ErrNoPath), errors.Is(err, lake.ErrStoreName), errors.Is(err, lake.ErrRetention), errors.Is(err, lake.ErrReason),
		errors.Is(err, lake.ErrBilling), errors.Is(err, lake.ErrLockMode), errors.Is(err, lake.ErrHoldNotFound), errors.Is(err, lake.ErrHoldDays),
		errors.Is(err, lake.ErrSelectors), errors.Is(err, ingest.ErrKeep), errors.Is(err, ingest.ErrRequire), errors.Is(err, lake.ErrNotKnown), errors.Is(err, lake.ErrBackupPlace), errors.Is(err, lake.ErrLakeExists):
		return exitUsage
	}
	return exitFailed
}
