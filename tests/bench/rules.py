"""The nightly job's settings, written once: the engine's YAML and the SQL of
the references are both made from what stands here.

Day 2024-12-31 of a history of 24 months, seven states, twelve labels over three
months, twenty segments. Labels are bits 1 to 12 in SQL, names in YAML."""

from dataclasses import dataclass

BEHAVIORS = [
    "article_view", "search", "comment", "share", "favorite", "video_play",
    "order_create", "coupon_use", "message_send", "profile_edit",
    "live_watch", "invite_friend"]
STATES = ["new", "previous_new", "active", "woken", "returned", "dormant",
          "churned"]  # numbered from 1 in SQL
LAST_MONTH = 23  # months are numbered from 2023-01


@dataclass(frozen=True)
class Rule:
    """Who is in a segment; states and labels are numbers from 1."""
    states: tuple
    inactive_from: int = 0
    inactive_to: int = 99
    all_of: tuple = ()
    any_of: tuple = ()
    none_of: tuple = ()


NEW, PREVIOUS_NEW, ACTIVE, WOKEN, RETURNED, DORMANT, CHURNED = range(1, 8)
MAU = (NEW, PREVIOUS_NEW, ACTIVE, WOKEN, RETURNED)
EVERYBODY = MAU + (DORMANT, CHURNED)
ALL_LABELS = tuple(range(1, 13))

RULES = [
    Rule((DORMANT,), inactive_from=1, all_of=(3,)),
    Rule((CHURNED,), inactive_from=3),
    Rule((ACTIVE,), all_of=(1, 2)),
    Rule((NEW,), all_of=(1,)),
    Rule((PREVIOUS_NEW,), none_of=(1,)),
    Rule((ACTIVE,), none_of=(5,)),
    Rule((WOKEN,), all_of=(2,)),
    Rule((RETURNED,), all_of=(1,)),
    Rule((CHURNED,), inactive_from=6),
    Rule((CHURNED,), inactive_from=2, all_of=(1,)),
    Rule(MAU, all_of=(12,)),
    Rule((DORMANT,), none_of=ALL_LABELS),
    Rule((ACTIVE, WOKEN), all_of=(4,)),
    Rule((NEW, PREVIOUS_NEW), all_of=(3,)),
    Rule((ACTIVE,), all_of=(1,), none_of=(3,)),
    Rule((DORMANT,), all_of=(2,)),
    Rule((CHURNED,), inactive_from=3, inactive_to=6),
    Rule((WOKEN, RETURNED), none_of=ALL_LABELS),
    Rule((ACTIVE,), any_of=(6, 7)),
    Rule(EVERYBODY, all_of=(8, 9)),
]

# Parts of states: what was done in the last so many months.
SUBSTATES = [("churned", "buyers", "order_create", 3),
             ("dormant", "talkers", "comment", 2)]

# The rule of the row "the users of one rule"; not part of the nightly job.
SELECTED = ("{did: {behavior: search, within: 2 months, days: {gte: 3}},"
            " did_not: {behavior: order_create, within: 3 months}}")
SELECTED_MONTHS = 2 + 3

# What a user takes where it is small, dense and in memory: a byte that counts
# the days of a behavior (and of activity), the bits of 24 months, the mask of
# one month's days.
COUNTER_BYTES, MONTHS_BYTES, MASK_BYTES = 1, 3, 4


def job_bytes(users):
    """What the nightly job has to look at."""
    counters = (len(BEHAVIORS) + 1) * COUNTER_BYTES
    masks = sum(months for *_, months in SUBSTATES) * MASK_BYTES
    return users * (counters + MONTHS_BYTES + masks)


def selected_bytes(users):
    """The columns that the selected rule names."""
    return users * SELECTED_MONTHS * MASK_BYTES


def label(number):
    return "likes_" + BEHAVIORS[number - 1]


def months(count):
    return f"{count} month" if count == 1 else f"{count} months"


def segment_yaml(rule):
    """The rule as a condition, in flow style."""
    parts = []
    if len(rule.states) < len(STATES):
        names = ", ".join(STATES[s - 1] for s in rule.states)
        parts.append(f"lifecycle: [{names}]")
    bounds = []
    if rule.inactive_from > 0:
        bounds.append(f"at_least: {months(rule.inactive_from)}")
    if rule.inactive_to < 99:
        bounds.append(f"less_than: {months(rule.inactive_to + 1)}")
    if bounds:
        parts.append(f"inactive: {{{', '.join(bounds)}}}")
    if rule.all_of:
        each = ", ".join(f"{{prefers: {label(n)}}}" for n in rule.all_of)
        parts.append(f"all: [{each}]")
    if rule.any_of:
        parts.append("prefers: [" + ", ".join(map(label, rule.any_of)) + "]")
    if rule.none_of:
        names = ", ".join(map(label, rule.none_of))
        parts.append(f"not: {{prefers: [{names}]}}")
    return "{" + ", ".join(parts) + "}"


def settings_yaml(data_dir, another_definition="", intake=False,
                  threshold="50%"):
    """The engine's settings. `another_definition` is an event that never
    happens, named in every behavior: it changes no answer, but makes columns
    kept under the old definition stale, so that they are rebuilt."""
    extra = f", {another_definition}" if another_definition else ""
    lines = [
        f"data_dir: {data_dir}",
        "time_zone: Asia/Shanghai",
        "activity: anything",
        "behaviors:",
        f"  anything: {{event: [{', '.join(BEHAVIORS)}{extra}]}}"]
    lines += [f"  {name}: {{event: [{name}{extra}]}}" for name in BEHAVIORS]
    lines += ["lifecycle:", "  substates:"]
    lines += [f"    {state}: {{{name}: {{did: {{behavior: {behavior},"
              f" within: {months(count)}}}}}}}"
              for state, name, behavior, count in SUBSTATES]
    lines += ["preferences:", f"  threshold: {threshold}", "  labels:"]
    lines += [f"    {label(i + 1)}: {{behavior: {name}}}"
              for i, name in enumerate(BEHAVIORS)]
    lines.append("segments:")
    lines += [f"  s{i:02}: {segment_yaml(rule)}"
              for i, rule in enumerate(RULES, 1)]
    if intake:
        lines += ["pages: {listen: \"127.0.0.1:0\"}",
                  "intake: {listen: \"127.0.0.1:0\","
                  " write_keys: [{file: write_key}]}"]
    return "\n".join(lines) + "\n"
