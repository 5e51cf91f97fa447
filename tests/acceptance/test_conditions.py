"""Conditions on what was sent and on the order and properties of events, over
the real programs: what plan shows is what run does, in one tick too."""

from support import BASE

RULES = """\
channels: {list: {type: file, dir: handoff}}
templates: {t: {list: {what: Call}}}
rules:
  - id: first
    when: {did: {behavior: app_open, within: 60 days}}
    send: {channel: list, template: t}
    schedule: daily 10:00
    priority: 10
  - id: follow
    class: transactional
    when: {touched: {rule: first, within: 3 days}}
    send: {channel: list, template: t}
    schedule: daily 10:00
  - id: fresh
    class: transactional
    when: {not_touched: {rule: first}}
    send: {channel: list, template: t}
    schedule: daily 10:00
  - id: cart
    class: transactional
    when:
      did: {behavior: trip, within: 14 days, where: {km: {gte: 10}}}
      did_not: {behavior: order, since: trip}
    send: {channel: list, template: t}
    schedule: daily 10:00
"""
EVENTS = """\
user_id,timestamp,event,km
ann,2026-02-20T09:00:00+08:00,app_open,
ben,2026-02-21T09:00:00+08:00,app_open,
ann,2026-02-22T09:00:00+08:00,order_paid,
ann,2026-02-22T10:00:00+08:00,trip_completed,12.5
ben,2026-02-22T09:00:00+08:00,trip_completed,30
ben,2026-02-22T10:00:00+08:00,order_paid,
eve,2026-02-23T10:00:00+08:00,trip_completed,9
"""
DAY = ["2026-03-02T10:00:00+08:00", "2026-03-03T10:00:00+08:00"]


def planned(world, as_of):
    return {(row["rule_id"], row["user_id"])
            for row in world.rows("plan", "--as-of", as_of)
            if row["decision"] == "send"}


def test_rules_ask_what_was_sent(world):
    world.config(BASE + RULES)
    world.write("events.csv", EVENTS)
    world.run("import", "events.csv")
    # Rules of one tick do not see each other's touches.
    first_day = {("first", "ann"), ("first", "ben"), ("fresh", "ann"),
                 ("fresh", "ben"), ("fresh", "eve"), ("cart", "ann")}
    assert planned(world, DAY[0]) == first_day
    world.run("run", "--as-of", DAY[0])
    touches = world.rows("export", "touches", "--as-of", DAY[0])
    assert {(t["rule_id"], t["user_id"]) for t in touches} == first_day

    second_day = planned(world, DAY[1])
    assert second_day == {("follow", "ann"), ("follow", "ben")}
    world.run("run", "--as-of", DAY[1])
    touches = world.rows("export", "touches", "--as-of", DAY[1])
    assert {(t["rule_id"], t["user_id"]) for t in touches} == (
        first_day | second_day)


def test_explain_shows_the_values_compared(world):
    world.config(BASE + RULES)
    world.write("events.csv", EVENTS)
    world.run("import", "events.csv")
    world.run("run", "--as-of", DAY[0])
    text = world.run("explain", "ann", "--as-of", DAY[1],
                     "--format", "text").stdout
    assert "by first through list on 2026-03-02 10:00" in text
    assert "trip last on 2026-02-22" in text
    assert "where km gte 10" in text
