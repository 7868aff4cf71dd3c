"""Tables of scores on stdout: round by round, on the test set, against a reference."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from softlabel.cli.task_words import Words
from softlabel.cli.wording import score_text, share_text

_WIDTH = 120
_PREFIX = "reference_"


def print_rounds(rounds: list[dict[str, Any]], closing: dict[str, float], words: Words) -> None:
    """Print the scores of rounds, a line each; nothing where there are none."""
    if not rounds:
        return
    score, short = words.score, words.short
    watched = [name for name in ("guard", "trusted", "test") if any(f"{name}_{score}" in entry for entry in rounds)]
    known = "recovery" in rounds[0]
    last = "; after: models that learnt from the last targets" if closing else ""
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="",
        caption=f"{short} = {words.long} of the round's fold models, which learnt from the targets of the row above (first row: "
        f"as given);\non given {'and true ' if known else ''}labels out of fold{last}",
        caption_justify="left",
        caption_style="",
    )
    headings = ["round", f"{words.labels} moved", *(["wrong corrected", "right spoiled"] if known else [])]
    headings += [f"{short} given labels", *([f"{short} true labels"] if known else [])]
    for heading in [*headings, *(f"{short} {name}" for name in watched)]:
        table.add_column(heading, justify="right")
    for entry in rounds:
        recovery = entry.get("recovery", {})
        table.add_row(
            str(entry["round"]),
            str(entry["moved"]),
            *((share_text(recovery["share_corrected"]), share_text(recovery["share_spoiled"])) if known else ()),
            score_text(entry, f"oof_{score}"),
            *((score_text(entry, f"true_oof_{score}"),) if known else ()),
            *(score_text(entry, f"{name}_{score}") for name in watched),
        )
    if closing:  # models trained on the last targets: there is no further round, only their score on watched rows
        blanks = [""] * (2 + 3 * known)
        table.add_row("after", *blanks, *(score_text(closing, f"{name}_{score}") for name in watched))
    console().print(table)


def print_generations(generations: list[dict[str, Any]], words: Words) -> None:
    """Print what generations say, a line each; nothing where there are none."""
    if not generations:
        return
    score, short = words.score, words.short
    told = {
        "in_sample": f"{short} own rows",
        "oof": f"{short} out of fold",
        "true": f"{short} true labels",
        "test": f"{short} test",
    }
    columns = {f"{name}_{score}": text for name, text in told.items()}
    columns |= {
        "test_top5_accuracy": "top 5 test",
        "test_nll": "NLL test",
        "test_ece": "ECE test",
        "entropy": "entropy",
    }
    shown = {name: text for name, text in columns.items() if any(name in entry for entry in generations)}
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="",
        caption=f"{short} = {words.long}; own rows: those that the model was trained on, against the given labels; entropy: of its "
        "answers to the rows,\nthe labels of the next generation, in nats",
        caption_justify="left",
        caption_style="",
    )
    for heading in ("generation", f"other {words.labels[:-1]} than given", *shown.values()):
        table.add_column(heading, justify="right")
    for entry in generations:
        values = (score_text(entry, name) if name in entry else "-" for name in shown)
        table.add_row(str(entry["generation"]), str(entry["moved"]), *values)
    console().print(table)


def print_test(test: dict[str, dict[str, float]], learnt_from: str) -> None:
    """Print the scores of the plain model and of the final one, and what that learnt from, on the test set."""
    rows = {
        "plain_midpoints": "plain model, given labels, thresholds halfway",
        "plain": "plain model, given labels",
        "final_midpoints": f"final model, {learnt_from}, thresholds halfway",
        "final": f"final model, {learnt_from}",
    }
    fitted = ", thresholds fitted" if "final_midpoints" in test else ""
    names = list(dict.fromkeys(name for scores in test.values() for name in scores))
    table = _table("test set", names)
    for who, text in rows.items():
        if who in test:
            told = text if who.endswith("_midpoints") else text + fitted
            table.add_row(told, *(_number(test[who].get(name)) for name in names))
    console().print(table)


def print_reference(reference: dict[str, dict[str, float]], refinements: int) -> None:
    """Print how far the given labels and the final targets are from true distributions."""
    names = list(reference["given"])
    table = _table("distance from the reference", names)
    learnt_from = "refined targets" if refinements else "final targets"
    for who, text in (("given", "given labels"), ("refined", learnt_from)):
        table.add_row(text, *(_number(reference[who].get(name)) for name in names))
    console().print(table)


def print_reference_rounds(given: dict[str, float] | None, rounds: list[dict[str, Any]]) -> None:
    """Print how far the targets after each round are from true distributions; nothing where these are not known.

    Parameters
    ----------
    given : dict or None
        The distances of the first targets, where they are known: once the run is done.
    rounds : list of dict
        Scores of the rounds; the distances are those that begin with ``reference_``.
    """
    lines = [] if given is None else [("given labels", given)]
    for entry in rounds:
        found = {key.removeprefix(_PREFIX): value for key, value in entry.items() if key.startswith(_PREFIX)}
        lines += [(f"targets after round {entry['round']}", found)] if found else []
    if not lines:
        return
    names = list(lines[-1][1])
    table = _table("distance from the reference", names)
    for text, distances in lines:
        table.add_row(text, *(_number(distances.get(name)) for name in names))
    console().print(table)


def thresholds_line(thresholds: dict[str, Any]) -> str:
    """Return where numbers become grades, and what that is worth out of fold."""
    fitted = ", ".join(f"{value:.3f}" for value in thresholds["fitted"])
    return (
        f"thresholds between grades: {fitted}; out of fold they reach a QWK of {thresholds['oof_qwk_fitted']:.3f}, halfway ones "
        f"{thresholds['oof_qwk_midpoints']:.3f} (fitted on these very predictions, so the first is flattered)"
    )


def console() -> Console:
    """Return what prints to stdout; a file has no width of its own."""
    made = Console(highlight=False, soft_wrap=True)
    if not made.is_terminal:
        made.width = _WIDTH
    return made


def _table(heading: str, names: list[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="")
    table.add_column(heading)
    for name in names:
        table.add_column(name, justify="right")
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
