package awsapi_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

func TestTheSDKFindsAnEventDataStore(t *testing.T) {
	api := newHost(t).client()
	list, err := api.ListEventDataStores(t.Context(), &cloudtrail.ListEventDataStoresInput{})
	if err != nil || len(list.EventDataStores) != 2 {
		t.Fatalf("ListEventDataStores: %+v, %v", list, err)
	}
	one, err := api.GetEventDataStore(t.Context(), &cloudtrail.GetEventDataStoreInput{EventDataStore: list.EventDataStores[0].EventDataStoreArn})
	if err != nil || aws.ToString(one.Name) != "cloudtrail" || one.Status != types.EventDataStoreStatusEnabled || one.CreatedTimestamp == nil {
		t.Errorf("GetEventDataStore: %+v, %v", one, err)
	}
	var none *types.EventDataStoreNotFoundException
	if _, err := api.GetEventDataStore(t.Context(), &cloudtrail.GetEventDataStoreInput{EventDataStore: aws.String("nothing")}); !errors.As(err, &none) {
		t.Errorf("a store that is not there: %v", err)
	}
}
