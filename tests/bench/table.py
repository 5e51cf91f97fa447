"""Collects what was measured and prints the one table."""

import statistics


class Measured:
    def __init__(self, figures):
        self.figures = figures
        self.pairs = {figure.key: ([], []) for figure in figures}
        self.reasons = {}

    def figure(self, key, value):
        self.pairs[key][0].append(value)

    def reference(self, key, value):
        self.pairs[key][1].append(value)

    def leave_out(self, figures, reason):
        """Why these rows stay empty; the first reason is kept."""
        for figure in figures:
            self.reasons.setdefault(figure.key, reason)

    def leave_out_rest(self, figures, reason):
        """The same for those rows of them that have nothing to show."""
        self.leave_out([figure for figure in figures
                        if not all(self.pairs[figure.key])], reason)

    def row(self, figure):
        values, references = self.pairs[figure.key]
        if figure.key in self.reasons or not values or not references:
            reason = self.reasons.get(figure.key, "left out of this run")
            return [f"{figure.name}: {reason}", figure.reference, "-",
                    str(figure.goal), "not met"]
        value = statistics.median(values)
        reference = statistics.median(references)
        ratio = figure.goal.ratio(value, reference, figure.less_is_better)
        return [f"{figure.name}: {amount(value, figure.unit)}",
                f"{figure.reference}: {amount(reference, figure.unit)}",
                f"{ratio:.4g}x", str(figure.goal),
                "met" if figure.goal.holds(ratio) else "not met"]


def amount(value, unit):
    """Three digits that count, in a unit people read."""
    if unit == "s":
        scale, name = ((1, "s") if value >= 1 else
                       (1e3, "ms") if value >= 1e-3 else (1e6, "us"))
        return f"{value * scale:.3g} {name}"
    if unit == "ms":
        return f"{value:.3g} ms"
    if unit == "/s":
        return f"{value:,.0f} /s"
    return f"{value:,.0f} bytes"


def render(measured):
    head = ["figure", "reference", "ratio", "goal", "verdict"]
    rows = [measured.row(figure) for figure in measured.figures]
    widths = [max(len(row[i]) for row in [head] + rows)
              for i in range(len(head))]

    def line(cells):
        return "| " + " | ".join(
            cell.ljust(width) for cell, width in zip(cells, widths)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(head), rule] + [line(row) for row in rows])
