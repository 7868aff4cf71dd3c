"""Results on stdout: what a run brought, as text or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from softlabel.cli.wording import count, rows_text, score_text
from softlabel.run.config import RefineConfig
from softlabel.run.finished import Run
from softlabel.run.refine import Finished

if TYPE_CHECKING:
    import pandas as pd

_PAIRS_SHOWN = 5
_WIDTH = 120


def print_refined(config: RefineConfig, finished: Finished) -> None:
    """Print the closing summary of ``refine``."""
    metrics, say = finished.metrics, _console().print
    if finished.already:
        say(f"{config.out} is done already; nothing was changed (more --rounds would extend it)", markup=False)
    say(_moved_line(metrics), markup=False)
    if metrics["suspicious"] > metrics["n_rows"] / 2:
        say(_doubt_line(metrics), markup=False)
    if metrics["confused"]:
        pairs = ", ".join(
            f"{given} -> {suggested} ({rows})" for given, suggested, rows in metrics["confused"][:_PAIRS_SHOWN]
        )
        say(f"most confused (given -> suggested): {pairs}", markup=False)
    _print_rounds(metrics["rounds"], metrics.get("closing", {}))
    if metrics["rounds"] and "recovery" in metrics["rounds"][-1]:
        say(f"refined targets:  {_recovery_line(metrics['rounds'][-1]['recovery'])}", markup=False)
        say(f"suggested labels: {_recovery_line(metrics['suggested_recovery'])}", markup=False)
        if metrics["rounds"][0]["true_oof_accuracy"] is not None:
            say(_gain_line(metrics["rounds"]), markup=False)
    if "test" in metrics:
        _print_test(metrics["test"], metrics["refinements"])
    say(f"labels: {config.out / 'labels.parquet'}   model: {config.out / 'model'}", markup=False)
    say(f"next:   softlabel export {config.out} --part issues --to issues.csv", markup=False)


def print_info(run: Run, as_json: bool) -> None:
    """Print what a run is and how far it is."""
    record, scores = run.record, run.scores()
    if as_json:
        print(json.dumps({**record, "scores": scores}))
        return
    say = _console().print
    identity = record["identity"]
    say(f"{run.path}: {record['state']}, {len(scores)} of {record['rounds']} rounds whole", markup=False)
    if record["error"]:
        say(f"stopped by: {record['error']}", markup=False)
    prints = record["fingerprint"]["source"]
    say(
        f"source: {record['source']}, {rows_text(prints['n_rows'], prints['n_columns'], _image_shape(record))}, "
        f"{len(record['classes'])} classes: {', '.join(str(label) for label in record['classes'][:12])}"
        f"{' ...' if len(record['classes']) > 12 else ''}",
        markup=False,
    )
    changed = {key: value for key, value in identity.items() if value not in (None, [], {}, "")}
    say(
        "settings: " + ", ".join(f"{key.replace('_', '-')}={_short(value)}" for key, value in changed.items()),
        markup=False,
    )
    _print_rounds(scores, {})


def _image_shape(record: dict[str, Any]) -> Any:
    return (record.get("images") or {}).get("shape")  # runs of earlier versions have no such entry


def print_scores(scores: dict[str, float], as_json: bool) -> None:
    """Print named scores, one a line."""
    if as_json:
        print(json.dumps(scores))
        return
    width = max(len(name) for name in scores)
    for name, value in scores.items():
        print(f"{name:{width}}  {value}" if isinstance(value, int) else f"{name:{width}}  {value:.4f}")


def print_table(table: pd.DataFrame, as_json: bool) -> None:
    """Print a table as CSV, or as a JSON list of rows."""
    if as_json:
        print(table.to_json(orient="records"))
    else:
        table.to_csv(sys.stdout, index=False)


def _print_rounds(rounds: list[dict[str, Any]], closing: dict[str, float]) -> None:
    if not rounds:
        return
    watched = [name for name in ("guard", "test") if f"{name}_accuracy" in rounds[0]]
    known = "recovery" in rounds[0]
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="",
        caption="acc. = accuracy of the round's fold models, which learnt from the targets of the row above (first row: as given);\n"
        "on given and true labels out of fold",
        caption_justify="left",
        caption_style="",
    )
    headings = ["round", "labels moved", *(["wrong corrected", "right spoiled"] if known else []), "acc. given labels"]
    for heading in [*headings, *(["acc. true labels"] if known else []), *(f"acc. {name}" for name in watched)]:
        table.add_column(heading, justify="right")
    for entry in rounds:
        recovery = entry.get("recovery", {})
        table.add_row(
            str(entry["round"]),
            str(entry["moved"]),
            *((_share(recovery["share_corrected"]), _share(recovery["share_spoiled"])) if known else ()),
            score_text(entry, "oof_accuracy"),
            *((score_text(entry, "true_oof_accuracy"),) if known else ()),
            *(f"{entry[f'{name}_accuracy']:.3f}" for name in watched),
        )
    if closing:  # models trained on the last targets: there is no further round, only their score on watched rows
        blanks = [""] * (3 + 3 * known)
        table.add_row(*blanks, *(f"{closing[f'{name}_accuracy']:.3f}" for name in watched))
    _console().print(table)


def _print_test(test: dict[str, dict[str, float]], refinements: int) -> None:
    table = Table(box=box.SIMPLE_HEAD, header_style="")
    table.add_column("test set")
    for name in test["plain"]:
        table.add_column(name, justify="right")
    learnt_from = "refined labels" if refinements else "given labels"  # the guard may have chosen these
    for who, text in (("plain", "plain model, given labels"), ("final", f"final model, {learnt_from}")):
        table.add_row(text, *(f"{value:.4f}" for value in test[who].values()))
    _console().print(table)


def _moved_line(metrics: dict[str, Any]) -> str:
    guard = f" ({metrics['moved_in_guard']} of them in the guard)" if metrics.get("moved_in_guard") else ""
    took = metrics["refinements"]
    taken = "the given labels" if took == 0 else f"the targets after {count(took, 'round')}"
    return (
        f"{metrics['suspicious']} of {metrics['n_rows']} labels look wrong: the models suggest another one; "
        f"{metrics['moved']} have moved in the targets{guard}\nthe final model learnt from {taken}"
    )


def _doubt_line(metrics: dict[str, Any]) -> str:
    """Models that contradict most labels are seldom right about them; whoever reads the list must know."""
    accuracy = score_text(metrics["rounds"][-1], "oof_accuracy") if metrics["rounds"] else "unknown"
    return (
        f"that is more than half of the rows: out of fold the models agree with a share of {accuracy} of the labels, so the list says "
        "more about the models than about the labels; train longer (--epochs), or give a stronger --estimator or more rows"
    )


def _gain_line(rounds: list[dict[str, Any]]) -> str:
    first, last = rounds[0]["true_oof_accuracy"], rounds[-1]["true_oof_accuracy"]
    return (
        f"models trained on the labels as given are right on {_share(first)} of all rows (out of fold, true labels); "
        f"after {count(rounds[-1]['refinements'], 'refinement')} on {_share(last)}"
    )


def _recovery_line(recovery: dict[str, Any]) -> str:
    n_right = recovery["n"] - recovery["n_wrong"]
    return (
        f"of {recovery['n_wrong']} labels made wrong {recovery['n_found']} found, {recovery['n_corrected']} corrected "
        f"({_share(recovery['share_corrected'])}); of {n_right} right ones {recovery['n_spoiled']} spoiled "
        f"({_share(recovery['share_spoiled'])})"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"


def _short(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (list, dict)) else str(value)


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _WIDTH  # a file has no width of its own
    return console
