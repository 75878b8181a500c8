"""ClickHouse as chDB, in a process of its own: statements come on standard input, a line
of JSON each, and a line with the rows and the time goes back for each."""

import json
import sys
import time

from chdb import session

s = session.Session(sys.argv[1])
s.query("SET session_timezone = 'UTC'")
s.query(f"SET max_threads = {sys.argv[2]}, max_insert_threads = {sys.argv[2]}")
for line in sys.stdin:
    start = time.perf_counter()
    answer = {"rows": []}
    try:
        said = bytes(s.query(json.loads(line), "JSONEachRow").bytes() or b"")
        answer["ms"] = (time.perf_counter() - start) * 1e3
        answer["rows"] = [json.loads(row) for row in said.splitlines()]
    except Exception as e:
        answer["error"] = str(e)
    print(json.dumps(answer), flush=True)
s.close()
