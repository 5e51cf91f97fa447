"""The nightly job in DuckDB, in the fastest forms found: as in ClickHouse, but
128-bit day masks, the events sorted by user (twice as fast as in order of
time), and twenty scans of the states for the segments (faster here than one
that unnests a list)."""

from .sql import (COUNTERS, FIRST_WINDOW_DAY, LABELS, M0, M1, M2, answers,
                  predicate)
from rules import LAST_MONTH, RULES


def masked(mask):
    return f"(labels & {mask})"


def load(csv):
    return f"""
CREATE TABLE events AS
SELECT user_id, ts, feature FROM read_csv('{csv}', header = false,
  columns = {{'user_id': 'UINTEGER', 'ts': 'UINTEGER', 'feature': 'UTINYINT'}})
ORDER BY user_id, ts;
CHECKPOINT"""


def month(seconds):
    time = f"make_timestamp(({seconds}::BIGINT + 28800) * 1000000)"
    return (f"((year({time}) - 2023) * 12 + month({time}) - 1)::UTINYINT")


LIFE = f"""
SELECT user_id, min(ts) AS f, max(ts) AS l,
  bit_or(CASE WHEN ts < {M2} THEN 0 WHEN ts < {M1} THEN 4 WHEN ts < {M0} THEN 2
         ELSE 1 END::UTINYINT) AS recent
FROM events GROUP BY user_id"""

COUNTED = ", ".join(f"(count(*) FILTER (feature = {n}))::UTINYINT AS c{n}"
                    for n in LABELS)
WIDE = f"""
CREATE OR REPLACE TABLE wide AS
WITH life AS ({LIFE}),
 seen AS (SELECT user_id, count(DISTINCT d)::UTINYINT AS days, {COUNTED}
          FROM (SELECT DISTINCT user_id, feature, (ts + 28800) // 86400 AS d
                FROM events WHERE ts >= {M2}) GROUP BY user_id)
SELECT user_id, {month('f')} AS first_month, {month('l')} AS last_month, recent,
  coalesce(days, 0)::UTINYINT AS days,
  {', '.join(f'coalesce(c{n}, 0)::UTINYINT AS c{n}' for n in LABELS)}
FROM life LEFT JOIN seen USING (user_id) ORDER BY user_id;
CHECKPOINT"""


def state(first, last_month_starts, month_before_starts):
    return f"""(CASE WHEN recent & 1 = 0 THEN
    CASE WHEN recent & 2 = 0 THEN 7 ELSE 6 END
  WHEN {first} >= {last_month_starts} THEN 1
  WHEN {first} >= {month_before_starts} THEN 2
  WHEN recent & 2 = 2 THEN 3 WHEN recent & 4 = 4 THEN 4 ELSE 5 END)::UTINYINT"""


SEGMENTS = "CREATE OR REPLACE TABLE seg AS\n" + "\nUNION ALL ".join(
    f"SELECT CAST({n} AS TINYINT) AS rule, user_id FROM user_state"
    f" WHERE {predicate(rule, masked)}" for n, rule in enumerate(RULES, 1))

RAW_STATES = f"""
CREATE OR REPLACE TABLE user_state AS
WITH life AS ({LIFE}),
 masks AS MATERIALIZED (
   SELECT user_id, feature, bit_or(1::HUGEINT <<
     ((ts + 28800) // 86400 - {FIRST_WINDOW_DAY})::INT) AS b
   FROM events WHERE ts >= {M2} GROUP BY ALL),
 seen AS (SELECT user_id, bit_count(bit_or(b))::INT AS n FROM masks
          GROUP BY ALL),
 liked AS (SELECT user_id, bit_or(CASE WHEN bit_count(b)::INT * 2 >= n
             THEN 1 << feature::INT ELSE 0 END)::USMALLINT AS labels
           FROM masks JOIN seen USING (user_id) GROUP BY ALL)
SELECT user_id, {state('f', M0, M1)} AS state,
  coalesce(labels, 0)::USMALLINT AS labels,
  ({LAST_MONTH} - {month('l')})::UTINYINT AS inactive
FROM life LEFT JOIN liked USING (user_id);
"""

SHARES = " | ".join(
    f"(CASE WHEN days > 0 AND c{n}::USMALLINT * 2 >= days"
    f" THEN {1 << n} ELSE 0 END)" for n in LABELS)
WIDE_STATES = f"""
CREATE OR REPLACE TABLE user_state AS
SELECT user_id,
  {state('first_month', LAST_MONTH, LAST_MONTH - 1)} AS state,
  ({SHARES})::USMALLINT AS labels,
  ({LAST_MONTH} - last_month)::UTINYINT AS inactive FROM wide;
"""

FROM_RAW = RAW_STATES + SEGMENTS + ";\nCHECKPOINT"
FROM_WIDE = WIDE_STATES + SEGMENTS + ";\nCHECKPOINT"


def read_answers(database):
    return answers(database, lambda n: f"(labels & {1 << n}) <> 0")
