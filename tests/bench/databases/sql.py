"""What the dialects share: the job's constants and the rules as predicates."""

from rules import EVERYBODY, LAST_MONTH, RULES

# Starts of the last month, the one before, the one before that (+08:00).
M0, M1, M2 = 1732982400, 1730390400, 1727712000
FIRST_WINDOW_DAY = (M2 + 28800) // 86400
LABELS = range(1, 13)

COUNTERS = ", ".join(f"c{n}" for n in LABELS)


def bits(labels):
    return sum(1 << n for n in labels)


def predicate(rule, masked):
    """The rule over a row of user_state; `masked(k)` is labels & k."""
    parts = []
    if len(rule.states) < len(EVERYBODY):
        parts.append(f"state IN ({', '.join(map(str, rule.states))})")
    if rule.inactive_from > 0:
        parts.append(f"inactive >= {rule.inactive_from}")
    if rule.inactive_to < 99:
        parts.append(f"inactive <= {rule.inactive_to}")
    if rule.all_of:
        mask = bits(rule.all_of)
        parts.append(f"{masked(mask)} = {mask}")
    if rule.any_of:
        parts.append(f"{masked(bits(rule.any_of))} <> 0")
    if rule.none_of:
        parts.append(f"{masked(bits(rule.none_of))} = 0")
    return " AND ".join(parts)


def answers(database, has_label):
    """What the engine's `answers` gives, from the tables user_state and seg;
    `has_label(n)` is a condition on a row."""
    states = {row[0]: row[1:] for row in database.sql(
        "SELECT state, count(*), sum(user_id) FROM user_state"
        " GROUP BY state ORDER BY state")["rows"]}
    segments = {row[0]: row[1:] for row in database.sql(
        "SELECT rule, count(*), sum(user_id) FROM seg"
        " GROUP BY rule ORDER BY rule")["rows"]}
    inactive = {months: users for months, users in database.sql(
        "SELECT inactive, count(*) FROM user_state"
        " GROUP BY inactive ORDER BY inactive")["rows"]}
    columns = ", ".join(
        f"sum(CASE WHEN {has_label(n)} THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {has_label(n)} THEN user_id ELSE 0 END)"
        for n in LABELS)
    labels = database.sql(f"SELECT {columns} FROM user_state")["rows"][0]
    return {
        "states": [states.get(n, [0, 0]) for n in EVERYBODY],
        "labels": [labels[i:i + 2] for i in range(0, len(labels), 2)],
        "segments": [segments.get(n, [0, 0])
                     for n in range(1, len(RULES) + 1)],
        "inactive": [inactive.get(n, 0)
                     for n in range(max(inactive, default=LAST_MONTH) + 1)]}
