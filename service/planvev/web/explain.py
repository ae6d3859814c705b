"""A plan shown: as one line in a header, and whole as text, for whoever asks why a query takes as long as it does."""

from __future__ import annotations

from planvev.answering.optimise import Plan


def header(plan: Plan) -> str:
    """The value of X-Planvev-Query-Plan: what was done, and what the two ways were estimated to cost."""
    parts = [plan.how.replace(" ", "-")]
    if plan.written is not None:
        parts.append(f"written-ms={plan.written:.0f}")
    if plan.run is not None:
        parts.append(f"run-ms={plan.run:.0f}")
    return "; ".join(parts)


def text(plan: Plan) -> str:
    """The plan in words, the query as it was written, and what is run instead of it."""
    lines = [f"# {plan.how}" + (f": {plan.why}" if plan.why else "")]
    if plan.written is not None:
        lines.append(f"# estimated as written: {plan.written:.0f} ms")
    if plan.run is not None:
        lines.append(f"# estimated the other way: {plan.run:.0f} ms")
    lines += [f"# {number}. {step}" for number, step in enumerate(plan.steps, 1)]
    lines += ["", "# As written:", plan.written_text]
    if plan.original:
        lines += ["", "# As run:", plan.text]
    return "\n".join(lines) + "\n"
