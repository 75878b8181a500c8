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

// An event data store's life, as a program has it that was written for CloudTrail Lake.
func TestTheSDKMakesChangesDeletesAndRestoresAStore(t *testing.T) {
	api := newHost(t).client()
	made, err := api.CreateEventDataStore(t.Context(), &cloudtrail.CreateEventDataStoreInput{
		Name: aws.String("prod"), RetentionPeriod: aws.Int32(90), TerminationProtectionEnabled: aws.Bool(false),
		AdvancedEventSelectors: []types.AdvancedEventSelector{{Name: aws.String("management"), FieldSelectors: []types.AdvancedFieldSelector{
			{Field: aws.String("eventCategory"), Equals: []string{"Management"}}}}},
	})
	if err != nil || made.Status != types.EventDataStoreStatusEnabled || len(made.AdvancedEventSelectors) != 1 {
		t.Fatalf("CreateEventDataStore: %+v, %v", made, err)
	}
	arn := made.EventDataStoreArn
	changed, err := api.UpdateEventDataStore(t.Context(), &cloudtrail.UpdateEventDataStoreInput{EventDataStore: arn, RetentionPeriod: aws.Int32(365)})
	if err != nil || aws.ToInt32(changed.RetentionPeriod) != 365 {
		t.Errorf("UpdateEventDataStore: %+v, %v", changed, err)
	}
	if _, err := api.StopEventDataStoreIngestion(t.Context(), &cloudtrail.StopEventDataStoreIngestionInput{EventDataStore: arn}); err != nil {
		t.Error(err)
	}
	one, err := api.GetEventDataStore(t.Context(), &cloudtrail.GetEventDataStoreInput{EventDataStore: arn})
	if err != nil || one.Status != types.EventDataStoreStatusStoppedIngestion {
		t.Errorf("stopped, it is %+v, %v", one, err)
	}
	if _, err := api.StartEventDataStoreIngestion(t.Context(), &cloudtrail.StartEventDataStoreIngestionInput{EventDataStore: arn}); err != nil {
		t.Error(err)
	}
	if _, err := api.DeleteEventDataStore(t.Context(), &cloudtrail.DeleteEventDataStoreInput{EventDataStore: arn}); err != nil {
		t.Error(err)
	}
	var inactive *types.InactiveEventDataStoreException
	if _, err := api.DeleteEventDataStore(t.Context(), &cloudtrail.DeleteEventDataStoreInput{EventDataStore: arn}); !errors.As(err, &inactive) {
		t.Errorf("deleted twice: %v", err)
	}
	back, err := api.RestoreEventDataStore(t.Context(), &cloudtrail.RestoreEventDataStoreInput{EventDataStore: arn})
	if err != nil || back.Status != types.EventDataStoreStatusEnabled || aws.ToInt32(back.RetentionPeriod) != 365 {
		t.Errorf("RestoreEventDataStore: %+v, %v", back, err)
	}
}
