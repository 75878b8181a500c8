package cloudtrail

import (
	"context"
	"time"

	"tarn/server/access"
	"tarn/server/fault"
)

type listPublicKeysInput struct {
	StartTime Time
	EndTime   Time
	NextToken string
}

type publicKey struct {
	Value             []byte // PKCS #1
	ValidityStartTime *Time
	ValidityEndTime   *Time
	Fingerprint       string
}

type listPublicKeysOutput struct{ PublicKeyList []publicKey }

// listPublicKeys tells of the keys that sign results of queries and exports, all at once: there is
// one a year. Without times it is about now.
func (a *API) listPublicKeys(_ context.Context, _ access.Principal, in *listPublicKeysInput) (*listPublicKeysOutput, error) {
	if in.NextToken != "" {
		return nil, fault.New("InvalidTokenException", "NextToken is not one that was given out")
	}
	from, to := in.StartTime.Time, in.EndTime.Time
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		return nil, fault.New("InvalidTimeRangeException", "EndTime is before StartTime")
	}
	if from.IsZero() && to.IsZero() {
		from = time.Now()
	}
	keys, err := a.Courier.Keys.Public(from)
	if err != nil {
		return nil, err
	}
	out := &listPublicKeysOutput{PublicKeyList: []publicKey{}}
	for _, k := range keys {
		out.PublicKeyList = append(out.PublicKeyList, publicKey{k.Public, at(k.Since), at(k.Until), k.Fingerprint})
	}
	return out, nil
}
