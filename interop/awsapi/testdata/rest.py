"""The operations around a lake, by boto3 as it comes: resource policies, configurations,
trails, dashboards, the event history and generated queries. The arguments are the server's
address."""

import json
import sys
import time

import boto3

trail = boto3.client("cloudtrail", endpoint_url=sys.argv[1])


def refused(code, call, **given):
    try:
        call(**given)
    except trail.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        if hasattr(trail.exceptions, code):
            assert isinstance(e, getattr(trail.exceptions, code)), e
        return
    raise AssertionError(code)


arn = next(s["EventDataStoreArn"] for s in trail.list_event_data_stores()["EventDataStores"] if s["Name"] == "cloudtrail")
deny = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "cloudtrail:StartQuery", "Resource": arn}]})
assert trail.put_resource_policy(ResourceArn=arn, ResourcePolicy=deny)["ResourcePolicy"] == deny
refused("EventDataStoreNotFoundException", trail.start_query, QueryStatement="SELECT count(*) FROM cloudtrail")
assert trail.get_resource_policy(ResourceArn=arn)["ResourcePolicy"] == deny
trail.delete_resource_policy(ResourceArn=arn)
refused("ResourcePolicyNotFoundException", trail.get_resource_policy, ResourceArn=arn)
print("policies")

trail.put_event_configuration(EventDataStore=arn, MaxEventSize="Large", ContextKeySelectors=[{"Type": "TagContext", "Equals": ["team"]}])
assert trail.get_event_configuration(EventDataStore=arn)["MaxEventSize"] == "Large"
refused("InsightNotEnabledException", trail.get_insight_selectors, EventDataStore=arn)
print("configurations")

made = trail.create_trail(Name="main", S3BucketName="logs", TagsList=[{"Key": "team", "Value": "x"}])
status = trail.get_trail_status(Name=made["TrailARN"])
assert status["IsLogging"] is False and "nothing is delivered" in status["LatestDeliveryError"], status
refused("UnsupportedOperationException", trail.start_logging, Name="main")
trail.put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}])
assert trail.describe_trails()["trailList"][0]["HasCustomEventSelectors"]
assert [t["Name"] for p in trail.get_paginator("list_trails").paginate() for t in p["Trails"]] == ["main"]
trail.delete_trail(Name="main")
refused("TrailNotFoundException", trail.get_trail, Name="main")
print("trails")

widget = {"QueryStatement": "SELECT count(*) AS n FROM ? WHERE eventTime > '?'", "QueryParameters": ["$EventDataStoreId$", "$StartTime$"], "ViewProperties": {"View": "Table"}}
trail.create_dashboard(Name="main", Widgets=[widget])
refresh = trail.start_dashboard_refresh(DashboardId="main", QueryParameterValues={"$EventDataStoreId$": arn[-36:], "$StartTime$": "2000-01-01 00:00:00"})["RefreshId"]
shown = trail.get_dashboard(DashboardId="main")
assert shown["LastRefreshId"] == refresh and shown["Type"] == "CUSTOM", shown
asked = trail.describe_query(QueryAlias=shown["Widgets"][0]["QueryAlias"], RefreshId=refresh)
while asked["QueryStatus"] in ("QUEUED", "RUNNING"):
    asked = trail.describe_query(QueryId=asked["QueryId"])
assert trail.get_query_results(QueryId=asked["QueryId"])["QueryResultRows"] == [[{"n": sys.argv[2]}]]
trail.delete_dashboard(DashboardId="main")
print("dashboards")

deadline = time.monotonic() + 60
events = []
while len(events) < int(sys.argv[2]) and time.monotonic() < deadline:
    events = [e for p in trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 7}) for e in p["Events"]]
assert len(events) == int(sys.argv[2]), len(events)
assert all(json.loads(e["CloudTrailEvent"])["eventID"] == e["EventId"] and e["EventTime"] for e in events)
assert events == sorted(events, key=lambda e: (-e["EventTime"].timestamp(), e["EventId"]))
one = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": events[3]["EventId"]}])["Events"]
assert one == [events[3]], one
refused("InvalidLookupAttributesException", trail.lookup_events, LookupAttributes=[{"AttributeKey": "ReadOnly", "AttributeValue": "x"}])
assert trail.list_insights_metric_data  # in the model
print("history")

made = trail.generate_query(EventDataStores=[arn], Prompt="what did the root user do last week")
assert made["QueryAlias"] == "root-activity", made
trail.start_query(QueryStatement=made["QueryStatement"])
print("generated")
