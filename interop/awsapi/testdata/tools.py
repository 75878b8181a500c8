"""Asks the MCP server for CloudTrail, unmodified, over its own pipe: each of its tools."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def told(result):
    """What a tool answers, as JSON."""
    wrong = getattr(result, "isError", None) or getattr(result, "is_error", None)
    texts = [part.text for part in result.content if part.type == "text"]
    if wrong:
        return {"error": "".join(texts)}
    return json.loads(texts[0]) if len(texts) == 1 else [json.loads(text) for text in texts]


async def main(server, environment):
    parameters = StdioServerParameters(command=server, args=[], env=environment)
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = sorted(tool.name for tool in (await session.list_tools()).tools)
        print(" ".join(tools))

        events = told(await session.call_tool("lookup_events", {"start_time": "2 days ago", "max_results": 10}))
        assert len(events["events"]) == 10, events
        more = told(await session.call_tool("lookup_events", {
            "start_time": events["query_params"]["start_time"], "end_time": events["query_params"]["end_time"],
            "max_results": 50, "next_token": events["next_token"]}))
        assert "error" in more or more["events"], more
        named = told(await session.call_tool("lookup_events", {"start_time": "2 days ago", "attribute_key": "EventName", "attribute_value": "PutObject", "max_results": 5}))
        assert {event["EventName"] for event in named["events"]} == {"PutObject"}, named
        print("lookup", len(events["events"]), len(named["events"]))

        stores = told(await session.call_tool("list_event_data_stores", {}))
        print("stores", "cloudtrail" in json.dumps(stores))

        done = told(await session.call_tool("lake_query", {"sql": "SELECT eventName, count(*) AS n FROM cloudtrail GROUP BY 1"}))
        print("query", done["query_status"], json.dumps(done["query_result_rows"]))
        begun = told(await session.call_tool("lake_query", {"sql": "SELECT count(*) AS n FROM cloudtrail", "wait_for_completion": False}))
        status = {}
        while status.get("query_status") not in ("FINISHED", "FAILED", "CANCELLED", "TIMED_OUT"):
            status = told(await session.call_tool("get_query_status", {"query_id": begun["query_id"]}))
        rows = told(await session.call_tool("get_query_results", {"query_id": begun["query_id"]}))
        print("later", status["query_status"], json.dumps(rows["query_result_rows"]))
        wrong = told(await session.call_tool("lake_query", {"sql": "SELECT nothing FROM cloudtrail"}))
        print("refused", "error" in wrong)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
