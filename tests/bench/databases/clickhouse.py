"""The nightly job in ClickHouse, in the fastest forms found.

From raw events: one pass for the life of each user, one over the window with
two 64-bit day masks a user and behavior. From the wide table: a pure scan, as
the table holds the window's counters of each user already. The segments are
found in one scan of the states (twenty scans, UNION ALL, take up to twice as
long), and stored, as the states are, in tables of the default kind."""

from .sql import (COUNTERS, FIRST_WINDOW_DAY, LABELS, M0, M1, M2, answers,
                  predicate)
from rules import LAST_MONTH, RULES


def masked(mask):
    return f"bitAnd(labels, {mask})"


def load(csv):
    return f"""
CREATE TABLE events (user_id UInt32, ts UInt32, feature UInt8)
ENGINE = MergeTree PARTITION BY toYYYYMM(toDateTime(ts, 'Asia/Shanghai'))
ORDER BY (user_id, ts);
INSERT INTO events SELECT * FROM file('{csv}', 'CSV',
  'user_id UInt32, ts UInt32, feature UInt8');
OPTIMIZE TABLE events FINAL"""


def month(seconds):
    time = f"toDateTime({seconds}, 'Asia/Shanghai')"
    return f"toUInt8((toYear({time}) - 2023) * 12 + toMonth({time}) - 1)"


# Of the last month (bit 0), the one before (1), the one before that (2).
RECENT = (f"toUInt8(groupBitOr(multiIf(ts < {M2}, 0, ts < {M1}, 4,"
          f" ts < {M0}, 2, 1)))")
LIFE = (f"SELECT user_id, min(ts) AS f, max(ts) AS l, {RECENT} AS recent"
        " FROM events GROUP BY user_id")

WIDE = f"""
DROP TABLE IF EXISTS wide;
CREATE TABLE wide ENGINE = MergeTree ORDER BY user_id AS
SELECT user_id, {month('f')} AS first_month, {month('l')} AS last_month, recent,
  days, {COUNTERS}
FROM ({LIFE}) AS life ANY LEFT JOIN (
  SELECT user_id, toUInt8(uniqExact(d)) AS days,
    {', '.join(f'toUInt8(countIf(feature = {n})) AS c{n}' for n in LABELS)}
  FROM (SELECT DISTINCT user_id, intDiv(ts + 28800, 86400) AS d, feature
        FROM events WHERE ts >= {M2}) GROUP BY user_id) AS seen USING user_id;
OPTIMIZE TABLE wide FINAL"""


def tables(engine):
    return f"""
DROP TABLE IF EXISTS user_state;
DROP TABLE IF EXISTS seg;
CREATE TABLE user_state (user_id UInt32, state UInt8, labels UInt16,
  inactive UInt8) {engine};
CREATE TABLE seg (rule UInt8, user_id UInt32) {engine};
"""


def state(first, last_month_starts, month_before_starts):
    return (f"multiIf(bitAnd(recent, 1) = 0, if(bitAnd(recent, 2) = 0, 7, 6),"
            f" {first} >= {last_month_starts}, 1,"
            f" {first} >= {month_before_starts}, 2,"
            " bitAnd(recent, 2) = 2, 3, bitAnd(recent, 4) = 4, 4, 5)")


# Each user once; the numbers of the rules that hold are set bits.
HOLDING = " + ".join(
    f"bitShiftLeft(toUInt32({predicate(rule, masked)}), {n})"
    for n, rule in enumerate(RULES, 1))
SEGMENTS = f"""
INSERT INTO seg
SELECT toUInt8(arrayJoin(bitPositionsToArray({HOLDING}))), user_id
FROM user_state"""

DAY_BIT = "bitShiftLeft(toUInt64(1), bitAnd(toUInt8(d), 63))"
RAW_STATES = f"""
INSERT INTO user_state
SELECT user_id, {state('f', M0, M1)}, labels, {LAST_MONTH} - {month('l')}
FROM ({LIFE}) AS life ANY LEFT JOIN (
  SELECT user_id, toUInt16(arraySum(arrayMap((x, y) ->
    if(x * 2 >= n, bitShiftLeft(toUInt16(1), y), 0), ns, fs))) AS labels
  FROM (
    SELECT user_id, groupArray(toUInt32(bitCount(b1) + bitCount(b2))) AS ns,
      groupArray(feature) AS fs,
      bitCount(groupBitOr(b1)) + bitCount(groupBitOr(b2)) AS n
    FROM (
      SELECT user_id, feature, groupBitOr(if(d < 64, {DAY_BIT}, 0)) AS b1,
        groupBitOr(if(d >= 64, {DAY_BIT}, 0)) AS b2
      FROM (SELECT user_id, feature,
              intDiv(ts + 28800, 86400) - {FIRST_WINDOW_DAY} AS d
            FROM events WHERE ts >= {M2})
      GROUP BY user_id, feature)
    GROUP BY user_id)) AS liked USING (user_id);"""

SHARES = " + ".join(f"if(c{n} * 2 >= days, {1 << n}, 0)" for n in LABELS)
WIDE_STATES = f"""
INSERT INTO user_state
SELECT user_id, {state('first_month', LAST_MONTH, LAST_MONTH - 1)},
  toUInt16(if(days = 0, 0, {SHARES})), {LAST_MONTH} - last_month FROM wide;"""

STORED = "ENGINE = MergeTree ORDER BY tuple()"
FROM_RAW = tables(STORED) + RAW_STATES + SEGMENTS
FROM_WIDE = tables(STORED) + WIDE_STATES + SEGMENTS
IN_MEMORY = tables("ENGINE = Memory") + WIDE_STATES + SEGMENTS


def read_answers(database):
    return answers(database, lambda n: f"bitAnd(labels, {1 << n}) <> 0")
