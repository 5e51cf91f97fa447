"""The demo plays on: a rule that really works is seen to, one that does not is
not. (plays.py repeats this many times, outside CI.)"""

from plays import EFFECTS, history, holds, play


def test_the_interval_holds_what_was_set(tmp_path):
    users = 6000
    base = history(tmp_path / "base", users)
    (tmp_path / "play").mkdir()
    rows = play(base, users, 1, tmp_path / "play")
    for rule, share in EFFECTS.items():
        assert holds(rows[rule], share), rows[rule]
    # Both arms are there, and each user was judged by assignment.
    for row in rows.values():
        assert int(row["treated_users"]) == int(row["treated"])
        assert int(row["held_out_users"]) == int(row["held_out"]) > 0
        assert row["open_windows"] == "0"
