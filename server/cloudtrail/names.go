package cloudtrail

import "strings"

// Names are the names of all operations that CloudTrail has, in their order.
func Names() []string {
	return strings.Fields(`AddTags CancelQuery CreateChannel CreateDashboard CreateEventDataStore CreateTrail
		DeleteChannel DeleteDashboard DeleteEventDataStore DeleteResourcePolicy DeleteTrail
		DeregisterOrganizationDelegatedAdmin DescribeQuery DescribeTrails DisableFederation EnableFederation
		GenerateQuery GetChannel GetDashboard GetEventConfiguration GetEventDataStore GetEventSelectors GetImport
		GetInsightSelectors GetQueryResults GetResourcePolicy GetTrail GetTrailStatus ListChannels ListDashboards
		ListEventDataStores ListImportFailures ListImports ListInsightsData ListInsightsMetricData ListPublicKeys
		ListQueries ListTags ListTrails LookupEvents PutEventConfiguration PutEventSelectors PutInsightSelectors
		PutResourcePolicy RegisterOrganizationDelegatedAdmin RemoveTags RestoreEventDataStore SearchSampleQueries
		StartDashboardRefresh StartEventDataStoreIngestion StartImport StartLogging StartQuery
		StopEventDataStoreIngestion StopImport StopLogging UpdateChannel UpdateDashboard UpdateEventDataStore
		UpdateTrail`)
}
