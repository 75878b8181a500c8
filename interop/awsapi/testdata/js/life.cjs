// What a program does with CloudTrail Lake by the SDK for JavaScript, as it comes. The
// argument is how many events cloudtrail has.
const assert = require("node:assert/strict");
const sdk = require("@aws-sdk/client-cloudtrail");

const trail = new sdk.CloudTrailClient({});
const send = (Command, input = {}) => trail.send(new Command(input));

async function rows(statement, size) {
  const { QueryId } = await send(sdk.StartQueryCommand, { QueryStatement: statement });
  let status;
  do ({ QueryStatus: status } = await send(sdk.DescribeQueryCommand, { QueryId }));
  while (status === "QUEUED" || status === "RUNNING");
  assert.equal(status, "FINISHED");
  const found = [];
  for await (const page of sdk.paginateGetQueryResults({ client: trail, pageSize: size }, { QueryId }))
    for (const row of page.QueryResultRows) found.push(Object.assign({}, ...row));
  return found;
}

async function refused(name, Command, input) {
  await assert.rejects(send(Command, input), (error) => {
    assert.equal(error.name, name);
    assert.ok(sdk[name] === undefined || error instanceof sdk[name]);
    return true;
  });
}

async function main(wanted) {
  const made = await send(sdk.CreateEventDataStoreCommand, { Name: "team", RetentionPeriod: 90, TerminationProtectionEnabled: false,
    TagsList: [{ Key: "team", Value: "red" }] });
  assert.ok(made.CreatedTimestamp instanceof Date);
  const arn = made.EventDataStoreArn;
  assert.equal((await send(sdk.GetEventDataStoreCommand, { EventDataStore: arn })).RetentionPeriod, 90);
  assert.deepEqual((await send(sdk.ListTagsCommand, { ResourceIdList: [arn] })).ResourceTagList[0].TagsList, [{ Key: "team", Value: "red" }]);
  await refused("EventDataStoreAlreadyExistsException", sdk.CreateEventDataStoreCommand, { Name: "team" });
  await refused("EventDataStoreNotFoundException", sdk.GetEventDataStoreCommand, { EventDataStore: arn.replace(/.{4}$/, "0000") });
  console.log("store");

  const found = await rows("SELECT eventID, eventTime FROM cloudtrail ORDER BY 1", 10);
  assert.equal(found.length, wanted);
  assert.equal(found[0].eventID, "e00");
  await refused("InvalidQueryStatementException", sdk.StartQueryCommand, { QueryStatement: "SELECT nothing FROM cloudtrail" });
  console.log("query");

  const seen = [];
  for await (const page of sdk.paginateLookupEvents({ client: trail, pageSize: 10 }, { LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "PutObject" }] }))
    seen.push(...page.Events);
  assert.equal(seen.length, wanted);
  assert.ok(seen[0].EventTime instanceof Date && seen[0].EventTime >= seen[1].EventTime);
  console.log("lookup");

  const board = await send(sdk.CreateDashboardCommand, { Name: "board", Widgets: [
    { QueryStatement: "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1", ViewProperties: { View: "Table" } }] });
  await send(sdk.GetDashboardCommand, { DashboardId: board.DashboardArn });
  await send(sdk.DeleteDashboardCommand, { DashboardId: board.DashboardArn });
  console.log("configuration");

  await send(sdk.DeleteEventDataStoreCommand, { EventDataStore: arn });
  assert.equal((await send(sdk.RestoreEventDataStoreCommand, { EventDataStore: arn })).Status, "ENABLED");
  await send(sdk.DeleteEventDataStoreCommand, { EventDataStore: arn });
  console.log("deleted");
}

main(Number(process.argv[2])).catch((error) => {
  console.error(error);
  process.exit(1);
});
