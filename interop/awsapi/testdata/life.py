"""What a team's scripts do with CloudTrail Lake, by boto3 as it comes: a store, an import,
queries with pages, one that is cancelled, audit events, deletion and restoration. Arguments
are the server's address, and how many events the bucket logs has, 0 for any number."""

import json
import sys
import time

import boto3

url, wanted = sys.argv[1], int(sys.argv[2])
trail = boto3.client("cloudtrail", endpoint_url=url)
data = boto3.client("cloudtrail-data", endpoint_url=url)


def unknown_shapes(shape, value, at):
    """Members of an answer that its model does not have."""
    if shape.type_name == "structure":
        for name, member in value.items():
            if name == "ResponseMetadata":
                continue
            if name not in shape.members:
                yield f"{at}.{name}"
            else:
                yield from unknown_shapes(shape.members[name], member, f"{at}.{name}")
    elif shape.type_name == "list":
        for one in value:
            yield from unknown_shapes(shape.member, one, f"{at}[]")


def check(http_response, parsed, model, **_):
    """Looks at the members as they were sent: the parser leaves out what it does not know."""
    if http_response.status_code != 200 or model.service_model.service_name != "cloudtrail":
        return
    odd = list(unknown_shapes(model.output_shape, json.loads(http_response.content), model.name))
    assert not odd, odd


trail.meta.events.register("after-call.cloudtrail", check)


def rows(statement, size=1000):
    query = trail.start_query(QueryStatement=statement)["QueryId"]
    while trail.describe_query(QueryId=query)["QueryStatus"] in ("QUEUED", "RUNNING"):
        pass
    found, pages, more = [], 0, {}
    while True:
        page = trail.get_query_results(QueryId=query, MaxQueryResults=size, **more)
        assert page["QueryStatus"] == "FINISHED", page
        found += [{k: v for cell in row for k, v in cell.items()} for row in page["QueryResultRows"]]
        pages += 1
        if "NextToken" not in page:
            return found, pages
        more = {"NextToken": page["NextToken"]}


store = trail.create_event_data_store(Name="team", RetentionPeriod=90, TerminationProtectionEnabled=False)["EventDataStoreArn"]
eds = store.rsplit("/", 1)[1]

started = trail.start_import(Destinations=[store], ImportSource={"S3": {
    "S3LocationUri": "s3://logs/", "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": "arn:aws:iam::000000000000:role/import"}})
while True:
    brought = trail.get_import(ImportId=started["ImportId"])
    if brought["ImportStatus"] not in ("INITIALIZING", "IN_PROGRESS"):
        break
    time.sleep(0.05)
assert brought["ImportStatus"] == "COMPLETED", brought
events = brought["ImportStatistics"]["EventsCompleted"]
assert events > 0 and wanted in (0, events), (events, wanted)
assert [i["ImportId"] for i in trail.list_imports(Destination=store)["Imports"]] == [started["ImportId"]]
assert trail.list_import_failures(ImportId=started["ImportId"])["Failures"] == []
print("imported")

counted = [
    f"SELECT count(*) AS n FROM {eds}",
    f"SELECT count(*) AS n FROM {eds} WHERE eventTime > '2000-01-01 00:00:00'",
    f"SELECT sum(n) AS n FROM (SELECT eventSource, count(*) AS n FROM {eds} GROUP BY 1)",
    f"SELECT count(eventID) AS n FROM {eds} WHERE eventName LIKE '%'",
]
for statement in counted:
    assert rows(statement)[0] == [{"n": str(events)}], statement
asked = [f"SELECT {what} FROM {eds} {rest}" for what, rest in [
    ("eventName, count(*) AS n", "GROUP BY 1 ORDER BY n DESC LIMIT 10"),
    ("eventSource, awsRegion, count(*)", "GROUP BY 1, 2 ORDER BY 3 DESC"),
    ("userIdentity.arn, eventName", "WHERE errorCode IS NOT NULL ORDER BY eventTime LIMIT 20"),
    ("userIdentity.type, approx_distinct(sourceIPAddress)", "GROUP BY 1"),
    ("eventTime, eventID", "ORDER BY eventTime DESC LIMIT 50"),
    ("element_at(requestParameters, 'bucketName') AS bucket, count(*)", "GROUP BY 1 ORDER BY 2 DESC LIMIT 5"),
    ("date_trunc('hour', eventTime) AS hour, count(*)", "GROUP BY 1 ORDER BY 1"),
    ("DISTINCT recipientAccountId", ""),
    ("min(eventTime), max(eventTime)", ""),
    ("eventName", "WHERE readOnly = false AND eventCategory = 'Management' LIMIT 25"),
    ("json_extract_scalar(eventJson, '$.eventName') AS name", "LIMIT 3"),
    ("userIdentity.sessionContext.sessionIssuer.userName, count(*)", "GROUP BY 1 ORDER BY 2 DESC LIMIT 5"),
    ("count_if(errorCode = 'AccessDenied'), count(*)", ""),
    ("regexp_like(userAgent, 'boto'), count(*)", "GROUP BY 1"),
    ("cardinality(resources), count(*)", "GROUP BY 1 ORDER BY 1"),
]]
for statement in asked:
    assert rows(statement)[0], statement
everything, pages = rows(f"SELECT eventID FROM {eds} ORDER BY eventID", size=100)
assert len(everything) == events and pages == -(-events // 100), (len(everything), pages)
assert [r["eventID"] for r in everything] == sorted(r["eventID"] for r in everything)
print("asked", len(counted) + len(asked) + 1)

endless = trail.start_query(QueryStatement=f"SELECT count(*) FROM {eds} a, UNNEST(sequence(1, 10000000)) AS b(x), UNNEST(sequence(1, 10000000)) AS c(y) WHERE x % 7 = y % 5")["QueryId"]
trail.cancel_query(QueryId=endless)
while (state := trail.describe_query(QueryId=endless)["QueryStatus"]) in ("QUEUED", "RUNNING"):
    pass
assert state == "CANCELLED", state
assert endless in [q["QueryId"] for q in trail.list_queries(EventDataStore=store, QueryStatus="CANCELLED")["Queries"]]
print("cancelled")

own = trail.create_event_data_store(Name="own", TerminationProtectionEnabled=False, AdvancedEventSelectors=[
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])["EventDataStoreArn"]
channel = trail.create_channel(Name="shop", Source="Custom", Destinations=[{"Type": "EVENT_DATA_STORE", "Location": own}])["ChannelArn"]
put = data.put_audit_events(channelArn=channel, auditEvents=[{"id": str(n), "eventData": json.dumps({
    "version": "1", "userIdentity": {"type": "Clerk", "principalId": "ida"}, "eventSource": "shop.example.org", "eventName": "Sold",
    "eventTime": "2026-01-02T03:04:05Z", "UID": str(n), "recipientAccountId": "000000000000"})} for n in range(100)])
assert len(put["successful"]) == 100 and not put["failed"], put["failed"]
until = time.time() + 30
while rows(f"SELECT count(*) AS n FROM {own.rsplit('/', 1)[1]}")[0] != [{"n": "100"}]:
    assert time.time() < until
print("put")

trail.delete_event_data_store(EventDataStore=store)
assert trail.get_event_data_store(EventDataStore=store)["Status"] == "PENDING_DELETION"
try:
    trail.start_query(QueryStatement=counted[0])
    raise AssertionError("a store that is pending deletion answers")
except trail.exceptions.InactiveEventDataStoreException:
    pass
assert trail.restore_event_data_store(EventDataStore=store)["Status"] == "ENABLED"
assert rows(counted[0])[0] == [{"n": str(events)}]
print("restored")
