-- tarn_url is part n of a URL as RFC 3986 (appendix B) takes it apart; NULL if a letter cannot be in a URL.
CREATE MACRO tarn_url(u, n) AS CASE WHEN regexp_full_match(u, '[!#-;=?-\[\]_a-z~]*')
    THEN system.main.regexp_extract(u, '^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?', n) END;
-- url_extract_protocol(url): https of https://a:80/b?c#d; empty where there is none, as with the others.
CREATE MACRO url_extract_protocol(u) AS tarn_url(u, 2);
-- url_extract_host(url): a of https://a:80/b?c#d.
CREATE MACRO url_extract_host(u) AS system.main.regexp_extract(system.main.regexp_replace(tarn_url(u, 4), '^.*@', ''), '^(\[[^\]]*\]|[^:]*)', 1);
-- url_extract_port(url): 80 of https://a:80/b?c#d, NULL where there is none.
CREATE MACRO url_extract_port(u) AS TRY_CAST(system.main.regexp_extract(tarn_url(u, 4), ':(\d+)$', 1) AS BIGINT);
-- url_extract_path(url): /b of https://a:80/b?c#d.
CREATE MACRO url_extract_path(u) AS system.main.url_decode(tarn_url(u, 5));
-- url_extract_query(url): c of https://a:80/b?c#d.
CREATE MACRO url_extract_query(u) AS system.main.url_decode(tarn_url(u, 7));
-- url_extract_fragment(url): d of https://a:80/b?c#d.
CREATE MACRO url_extract_fragment(u) AS system.main.url_decode(tarn_url(u, 9));
-- url_extract_parameter(url, name): 1 of https://a/?x=1 for x; NULL where there is none.
CREATE MACRO url_extract_parameter(u, p) AS url_decode(regexp_extract(tarn_url(u, 7), '(?:^|&)' || regexp_escape(p) || '(?:=([^&]*)|$|&)', 1));
-- url_encode(text): as in a form: a space is +, all but letters, digits and -_.* are %XX.
CREATE MACRO url_encode(t) AS system.main.replace(system.main.replace(system.main.replace(system.main.url_encode(t), '%20', '+'), '~', '%7E'), '%2A', '*');
-- url_decode(text): the way back from url_encode.
CREATE MACRO url_decode(t) AS system.main.url_decode(system.main.replace(t, '+', ' '));
