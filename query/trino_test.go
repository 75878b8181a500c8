package query_test

import "testing"

func TestNumbersDivideAsInTrino(t *testing.T) {
	prove(t, []claim{
		{"whole numbers are cut towards zero", "SELECT 7/2, -7/2, 7/-2, 7 % 2, -7 % 2", []string{"3 | -3 | -3 | 1 | -1"}},
		{"counts", "SELECT count(*) / 2, sum(1) / 2, 100 * count(*) / 7 FROM cloudtrail", []string{"1 | 1 | 42"}},
		{"a decimal without digits is whole", "SELECT CAST(1.7 AS decimal), CAST(ARRAY[1.7] AS array(decimal)), CAST(ROW(1.7, 2.5) AS row(a decimal, b decimal(3, 1))), CAST(MAP(ARRAY['a'], ARRAY[1.7]) AS map(varchar, decimal)), decimal FROM (SELECT 'x' AS decimal)", []string{`2 | [2] | {"a":2,"b":2.5} | {"a":2} | x`}},
		{"others are not", "SELECT 7.0/2, CAST(7 AS double)/2, 7/2.0, CAST(7 AS decimal(10,2))/2, avg(a) FROM (VALUES (1),(2)) t(a)", []string{"3.5 | 3.5 | 3.5 | 3.50 | 1.5"}},
		{"decimals keep their digits", "SELECT 100.0 * count(*) / 7, 2.00 / 3, sum(1.50) / count(*) FROM cloudtrail", []string{"42.9 | 0.67 | 1.50"}},
		{"by zero is NULL", "SELECT 1/0, 1 % 0, 1.0/0, CAST(1 AS double)/0", []string{"∅ | ∅ | ∅ | ∅"}},
		{"a subquery below", "SELECT count(*) / (SELECT count(*) FROM cloudtrail) FROM cloudtrail", []string{"1"}},
	})
}

func TestRegularExpressionsAsInTrino(t *testing.T) {
	prove(t, []claim{
		{"nothing fits", "SELECT regexp_extract('abc', 'x'), regexp_extract('abc', '(x)', 1), regexp_extract(NULL, 'x')", []string{"∅ | ∅ | ∅"}},
		{"something fits", "SELECT regexp_extract('abc', 'b.'), regexp_extract('abc', '(b)(c)', 2), regexp_extract('abc', 'x?')", []string{"bc | c | "}},
		{"all is replaced", "SELECT regexp_replace('a1b2', '[0-9]', '-'), regexp_replace('a1b2', '[0-9]')", []string{"a-b- | ab"}},
		{"groups", `SELECT regexp_replace('bert@home', '(\w+)@(\w+)', '$2/$1'), regexp_replace('ab', '(a)(b)', '$2$1$1'), regexp_replace('a', 'a', '\$1')`, []string{"home/bert | baa | $1"}},
		{"the engine's own options", "SELECT regexp_replace('aA', 'a', 'b', 'i'), regexp_extract('xA', 'a', 0, 'i')", []string{"bA | A"}},
		{"count and split", "SELECT regexp_count('a1b22', '[0-9]'), regexp_split('a1b22c', '[0-9]+'), regexp_like('abc', 'b')", []string{`3 | ["a","b","c"] | true`}},
		{"a column", "SELECT regexp_extract(userIdentity.arn, '[^/]+$') FROM cloudtrail ORDER BY eventID", []string{"bert", "∅", "y"}},
	})
}

func TestListsAndMapsAsInTrino(t *testing.T) {
	prove(t, []claim{
		{"any_match", "SELECT any_match(resources, r -> r.type = 'AWS::KMS::Key') FROM cloudtrail ORDER BY eventID", []string{"true", "∅", "∅"}},
		{"matches and NULLs", "SELECT any_match(ARRAY[1,NULL], x -> x > 0), any_match(ARRAY[-1,NULL], x -> x > 0), any_match(ARRAY[], x -> x > 0), all_match(ARRAY[1,2], x -> x > 0), all_match(ARRAY[1,NULL], x -> x > 0), all_match(ARRAY[-1,NULL], x -> x > 0), none_match(ARRAY[1], (x) -> x > 1)",
			[]string{"true | ∅ | false | true | ∅ | false | true"}},
		{"map_filter", "SELECT map_filter(requestParameters, (k, v) -> k = 'Host' OR v = 'x') FROM cloudtrail WHERE eventID = 'id-1'", []string{`{"Host":"a\"b"}`}},
		{"map_filter of none", "SELECT map_filter(requestParameters, (k, v) -> v = 'x') FROM cloudtrail WHERE eventID IN ('id-2', 'id-1') ORDER BY eventID", []string{"{}", "∅"}},
		{"transform_keys and transform_values", "SELECT transform_keys(m, (k, v) -> upper(k)), transform_values(m, (k, v) -> k || v) FROM (SELECT MAP {'a': '1'} AS m)", []string{`{"A":"1"} | {"a":"a1"}`}},
		{"lambdas in lambdas", "SELECT map_filter(MAP {'a': '1', 'b': '2'}, (k, v) -> any_match(ARRAY['b'], v -> v = k))", []string{`{"b":"2"}`}},
		{"maps in maps", "SELECT map_filter(MAP {'a': MAP {'a': 1}, 'b': MAP {'x': 1}}, (k, v) -> cardinality(map_filter(v, (l, w) -> l = k)) > 0)", []string{`{"a":{"a":1}}`}},
		{"map_agg", "SELECT map_agg(k, v) FROM (VALUES ('a', 1), ('b', 2), (NULL, 3)) t(k, v)", []string{`{"a":1,"b":2}`}},
		{"map_agg keeps one of a key", "SELECT cardinality(map_agg(eventSource, eventID)), element_at(map_agg('x', 7), 'x') FROM cloudtrail", []string{"3 | 7"}},
		{"array_join", "SELECT array_join(ARRAY[1, NULL, 2], ','), array_join(ARRAY['a', NULL], '/', '?')", []string{"1,2 | a/?"}},
		{"array_max and array_min", "SELECT array_max(ARRAY[1,3,2]), array_min(ARRAY['b','a']), array_max(ARRAY[1,NULL]), array_max(ARRAY[])", []string{"3 | a | ∅ | ∅"}},
		{"JSON_VALUE", `SELECT json_value('{"a":"b"}', 'lax $.a'), json_exists('{"a":1}', 'strict $.a'), json_extract_scalar('{"a":1}', '$.a')`, []string{"b | true | 1"}},
		{"slice", "SELECT slice(ARRAY[1,2,3,4], 2, 2), slice(ARRAY[1,2,3,4], -2, 2), slice(ARRAY[1,2], 5, 1), slice(ARRAY[1,2], -5, 1), slice(ARRAY[1,2], 1, 0)", []string{"[2,3] | [3,4] | [] | [] | []"}},
		{"sequence", "SELECT sequence(1, 3), sequence(3, 1), sequence(1, 7, 3)", []string{"[1,2,3] | [3,2,1] | [1,4,7]"}},
		{"sequence of days", "SELECT d FROM UNNEST(sequence(DATE '2023-07-09', DATE '2023-07-11')) AS t(d)", []string{"2023-07-09", "2023-07-10", "2023-07-11"}},
		{"sequence of hours", "SELECT count(*) FROM UNNEST(sequence(TIMESTAMP '2023-07-09 00:00:00', TIMESTAMP '2023-07-10 00:00:00', INTERVAL '1' HOUR)) AS t(d)", []string{"25"}},
		{"reduce", "SELECT reduce(ARRAY[1,2,3], 0, (s, x) -> s + x, s -> s), reduce(ARRAY['a','b'], 0, (s, x) -> s + 1, s -> s * 10), reduce(ARRAY[], 5, (s, x) -> s, s -> s)", []string{"6 | 20 | 5"}},
		{"reduce of NULL and of rows", "SELECT reduce(resources, '', (s, r) -> s || r.accountId, s -> upper(s || 'x')) FROM cloudtrail ORDER BY eventID", []string{"11X", "∅", "∅"}},
		{"every", "SELECT every(readOnly IS NOT NULL), bool_and(true), bool_or(readOnly) FROM cloudtrail", []string{"false | true | true"}},
		{"aggregates with FILTER and DISTINCT", "SELECT arbitrary(eventID) FILTER (WHERE readOnly), approx_distinct(DISTINCT eventID), approx_percentile(1, 0.5) FILTER (WHERE readOnly) FROM cloudtrail", []string{"id-3 | 3 | 1"}},
	})
}

func TestUnnestAsInTrino(t *testing.T) {
	prove(t, []claim{
		{"a map", "SELECT eventID, k, v FROM cloudtrail CROSS JOIN UNNEST(requestParameters) AS t(k, v) WHERE eventID = 'id-1' ORDER BY k", []string{`id-1 | Host | a"b`, "id-1 | bucketName | bucket-1"}},
		{"a map with names of other things", "SELECT t.eventName, t.eventID FROM cloudtrail c, UNNEST(c.requestParameters) AS t(eventName, eventID) WHERE c.eventID = 'id-3' AND t.eventName = 'groupId'", []string{"groupId | sg-1"}},
		{"a map of a subquery", "WITH c AS (SELECT requestParameters AS p FROM cloudtrail) SELECT k, count(*) FROM c CROSS JOIN UNNEST(p) AS t(k, v) GROUP BY 1 ORDER BY 1", []string{"Host | 1", "bucketName | 1", "groupId | 1", "ipPermissions | 1"}},
		{"events without the map are left out, or not", "SELECT count(*), count(k) FROM cloudtrail LEFT JOIN UNNEST(requestParameters) AS t(k, v) ON true", []string{"5 | 4"}},
		{"with ordinality", "SELECT n FROM cloudtrail CROSS JOIN UNNEST(requestParameters) WITH ORDINALITY AS t(k, v, n) WHERE eventID = 'id-1' ORDER BY 1", []string{"1", "2"}},
		{"a list with ordinality", "SELECT n, r.type FROM cloudtrail CROSS JOIN UNNEST(resources) WITH ORDINALITY AS t(r, n) ORDER BY 1", []string{"1 | AWS::S3::Bucket", "2 | AWS::KMS::Key"}},
		{"lists side by side", "SELECT x, y FROM UNNEST(ARRAY[1, 2], ARRAY['a']) AS t(x, y)", []string{"1 | a", "2 | ∅"}},
		{"lists with each other's names", "SELECT t.a, t.b FROM (SELECT ARRAY[1, 2] AS a, ARRAY['x', 'y'] AS b) c CROSS JOIN UNNEST(b, a) AS t(a, b)", []string{"x | 1", "y | 2"}},
		{"a list and a map", "SELECT r.type, k FROM cloudtrail CROSS JOIN UNNEST(resources, requestParameters) AS t(r, k, v) WHERE eventID = 'id-1' ORDER BY 2 DESC", []string{"AWS::S3::Bucket | bucketName", "AWS::KMS::Key | Host"}},
		{"rows spread", "SELECT b, c FROM cloudtrail CROSS JOIN UNNEST(resources) AS t(a, b, c, d) WHERE a = '1' ORDER BY b", []string{"AWS::KMS::Key | arn:aws:kms:::key", "AWS::S3::Bucket | arn:aws:s3:::bucket-1"}},
		{"a time among them", "SELECT x FROM UNNEST(ARRAY[TIMESTAMP '2023-07-10 12:00:00'], ARRAY[1]) AS t(x, y) WHERE x = '2023-07-10T14:00:00+02:00'", []string{"2023-07-10 12:00:00.000"}},
	})
}

func TestFormatsOfTimeAsInTrino(t *testing.T) {
	prove(t, []claim{
		{"date_format", "SELECT date_format(TIMESTAMP '2023-07-05 04:03:02.000001', '%Y-%m-%d %H:%i:%s|%c/%e/%y %k:%l|%M %b %W %a|%f|%T|%r|%j|%%|%p')", []string{"2023-07-05 04:03:02|7/5/23 4:4|July Jul Wednesday Wed|000001|04:03:02|04:03:02 AM|186|%|AM"}},
		{"date_parse", "SELECT date_parse('2023-07-05 4:03:02', '%Y-%m-%d %k:%i:%s'), date_parse('5 Jul 2023', '%e %b %Y'), date_parse('2023-07-05 14:00', '%Y-%m-%d %H:%i')", []string{"2023-07-05 04:03:02.000 | 2023-07-05 00:00:00.000 | 2023-07-05 14:00:00.000"}},
		{"format_datetime", "SELECT format_datetime(TIMESTAMP '2023-07-05 04:03:02.5', 'yyyy-MM-dd''T''HH:mm:ss.SSS'), format_datetime(TIMESTAMP '2023-07-05 14:03:02', 'E d MMM yy h:mm a ''o''''clock'' %')", []string{"2023-07-05T04:03:02.500 | Wed 5 Jul 23 2:03 PM o'clock %"}},
		{"parse_datetime", "SELECT parse_datetime('05/07/2023 14:03', 'dd/MM/yyyy HH:mm')", []string{"2023-07-05 14:03:00.000"}},
		{"to_iso8601", "SELECT to_iso8601(TIMESTAMP '2023-07-05 04:03:02'), to_iso8601(DATE '2023-07-05'), to_iso8601(CAST('2023-07-05 04:03:02+00' AS timestamp with time zone))", []string{"2023-07-05T04:03:02.000 | 2023-07-05 | 2023-07-05T04:03:02.000Z"}},
		{"others", "SELECT dow(DATE '2023-07-09'), last_day_of_month(DATE '2023-02-05'), from_iso8601_date('2023-07-05')", []string{"7 | 2023-02-28 | 2023-07-05"}},
	})
}

func TestURLsAndLetters(t *testing.T) {
	const url = "'https://bert@example.com:8443/a%20b/c?x=1&y=%2F#top'"
	prove(t, []claim{
		{"parts", "SELECT url_extract_protocol(u), url_extract_host(u), url_extract_port(u), url_extract_path(u), url_extract_query(u), url_extract_fragment(u), url_extract_parameter(u, 'y') FROM (SELECT " + url + " AS u)",
			[]string{"https | example.com | 8443 | /a b/c | x=1&y=/ | top | /"}},
		{"parts that are not there", "SELECT url_extract_port('https://a'), url_extract_query('https://a'), url_extract_parameter('https://a?b=1', 'a'), url_extract_host('no url'), url_extract_host(NULL), url_extract_host('http://[::1]:80/')", []string{"∅ |  | ∅ | ∅ | ∅ | [::1]"}},
		{"codepoint", "SELECT codepoint('é')", []string{"233"}},
	})
}

func TestNetworks(t *testing.T) {
	prove(t, []claim{
		{"IPv4", "SELECT contains('10.0.0.0/8', CAST('10.255.0.1' AS ipaddress)), contains('10.0.0.0/8', CAST('11.0.0.0' AS ipaddress)), contains('10.1.2.3/8', TRY_CAST('10.0.0.0' AS ipaddress)), contains('0.0.0.0/0', CAST('::1' AS ipaddress))", []string{"true | false | true | false"}},
		{"IPv6", "SELECT contains('2001:db8::/32', CAST('2001:DB8:ffff::1' AS ipaddress)), contains('2001:db8::/32', CAST('2001:db9::' AS ipaddress)), contains('::/0', CAST('1:2:3:4:5:6:7:8' AS ipaddress)), contains('fe80::/10', CAST('fe80::a:b' AS ipaddress))", []string{"true | false | true | true"}},
		{"IPv4 within IPv6", "SELECT contains('10.0.0.0/8', CAST('::ffff:10.1.2.3' AS ipaddress)), contains('::ffff:10.0.0.0/104', CAST('10.1.2.3' AS ipaddress))", []string{"true | true"}},
		{"what is no address", "SELECT contains('10.0.0.0/8', CAST(a AS ipaddress)) FROM (VALUES ('cloudtrail.amazonaws.com'), ('AWS Internal'), ('10.0.0.256'), ('10.0.0'), (''), ('1::2::3'), ('12345::'), (NULL)) t(a)", []string{"∅", "∅", "∅", "∅", "∅", "∅", "∅", "∅"}},
		{"a column", "SELECT eventID FROM cloudtrail WHERE contains('192.0.2.0/24', CAST(sourceIPAddress AS ipaddress))", []string{"id-1"}},
		{"without a cast", "SELECT eventID FROM cloudtrail WHERE contains('192.0.0.0/16', sourceIPAddress)", []string{"id-1"}},
		{"the type of the network", "SELECT contains(CAST('10.0.0.0/8' AS ipprefix), CAST('10.0.0.1' AS ipaddress)) AND NOT contains(IPPREFIX '10.0.0.0/8', IPADDRESS '11.0.0.1')", []string{"true"}},
		{"lists are still lists", "SELECT contains(ARRAY['10.0.0.0/8'], '10.0.0.0/8'), contains(ARRAY[1], 2)", []string{"true | false"}},
	})
}
