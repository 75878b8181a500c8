import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.*;
import software.amazon.awssdk.services.cloudtraildata.CloudTrailDataClient;

/** What a program does with CloudTrail Lake by the SDK for Java, as it comes. */
public class Life {
    static CloudTrailClient trail;

    static void same(Object want, Object got) {
        if (!want.equals(got)) throw new AssertionError(got + "; want " + want);
    }

    static List<Map<String, String>> rows(String statement, int size) {
        String id = trail.startQuery(q -> q.queryStatement(statement)).queryId();
        QueryStatus status;
        do status = trail.describeQuery(q -> q.queryId(id)).queryStatus();
        while (status == QueryStatus.QUEUED || status == QueryStatus.RUNNING);
        same(QueryStatus.FINISHED, status);
        List<Map<String, String>> found = new ArrayList<>();
        for (GetQueryResultsResponse page : trail.getQueryResultsPaginator(q -> q.queryId(id).maxQueryResults(size)))
            for (List<Map<String, String>> row : page.queryResultRows()) {
                Map<String, String> all = new java.util.HashMap<>();
                row.forEach(all::putAll);
                found.add(all);
            }
        return found;
    }

    public static void main(String[] args) {
        int wanted = Integer.parseInt(args[0]);
        URI url = URI.create(args[1]);
        trail = CloudTrailClient.builder().endpointOverride(url).httpClient(UrlConnectionHttpClient.create()).build();
        var data = CloudTrailDataClient.builder().endpointOverride(url).httpClient(UrlConnectionHttpClient.create()).build();

        var made = trail.createEventDataStore(s -> s.name("team").retentionPeriod(90).terminationProtectionEnabled(false)
            .tagsList(Tag.builder().key("team").value("red").build())
            .advancedEventSelectors(AdvancedEventSelector.builder().name("activity")
                .fieldSelectors(AdvancedFieldSelector.builder().field("eventCategory").equalsValue("ActivityAuditLog").build()).build()));
        String arn = made.eventDataStoreArn();
        same(90, trail.getEventDataStore(s -> s.eventDataStore(arn)).retentionPeriod());
        try {
            trail.createEventDataStore(s -> s.name("team"));
            throw new AssertionError("a second store of the name");
        } catch (EventDataStoreAlreadyExistsException expected) {
            same(400, expected.statusCode());
        }
        System.out.println("store");

        var found = rows("SELECT eventID, eventTime FROM cloudtrail ORDER BY 1", 10);
        same(wanted, found.size());
        same("e00", found.get(0).get("eventID"));
        try {
            rows("SELECT nothing FROM cloudtrail", 10);
            throw new AssertionError("a statement that is wrong");
        } catch (InvalidQueryStatementException expected) {
            same(400, expected.statusCode());
        }
        System.out.println("query");

        int seen = 0;
        for (Event e : trail.lookupEventsPaginator(l -> l.maxResults(10).lookupAttributes(a -> a.attributeKey("EventName").attributeValue("PutObject"))).events()) {
            same("PutObject", e.eventName());
            seen++;
        }
        same(wanted, seen);
        System.out.println("lookup");

        String channel = trail.createChannel(c -> c.name("shop").source("Custom")
            .destinations(Destination.builder().type(DestinationType.EVENT_DATA_STORE).location(arn).build())).channelArn();
        var put = data.putAuditEvents(p -> p.channelArn(channel).auditEvents(e -> e.id("1").eventData(
            "{\"version\":\"1.0\",\"userIdentity\":{\"type\":\"User\",\"principalId\":\"p\"},\"eventSource\":\"app\",\"eventName\":\"Login\","
                + "\"eventTime\":\"2026-01-02T03:04:05Z\",\"UID\":\"u1\",\"recipientAccountId\":\"111122223333\"}")));
        same(0, put.failed().size());
        same(1, put.successful().size());
        System.out.println("audit events");

        trail.deleteChannel(c -> c.channel(channel));
        trail.deleteEventDataStore(s -> s.eventDataStore(arn));
        same(EventDataStoreStatus.PENDING_DELETION, trail.getEventDataStore(s -> s.eventDataStore(arn)).status());
        trail.restoreEventDataStore(s -> s.eventDataStore(arn));
        trail.deleteEventDataStore(s -> s.eventDataStore(arn));
        System.out.println("deleted");
    }
}
