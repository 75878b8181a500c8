-- element_at(map, key) and element_at(list, n): NULL where there is none; the first is 1.
CREATE MACRO element_at(c, k) AS c[k];
-- cardinality(map) and cardinality(list): the number of elements.
CREATE MACRO cardinality(c MAP(VARCHAR, VARCHAR)) AS len(map_keys(c)), (c) AS len(c);
-- arbitrary(x): any value, but not NULL where there is another.
CREATE MACRO arbitrary(x) AS any_value(x);
-- approx_distinct(x): about how many different values.
CREATE MACRO approx_distinct(x) AS approx_count_distinct(x);
-- approx_percentile(x, p): about the value below which the share p lies.
CREATE MACRO approx_percentile(x, p) AS approx_quantile(x, p);
