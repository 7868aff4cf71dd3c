"""Results on stdout: what a run brought, as text or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from softlabel.cli.score_tables import console, print_reference, print_rounds, print_test, thresholds_line
from softlabel.cli.task_words import Words, words_for
from softlabel.cli.wording import count, rows_text, score_text, share_text
from softlabel.run.config import RefineConfig
from softlabel.run.finished import Run
from softlabel.run.refine import Finished

if TYPE_CHECKING:
    import pandas as pd

_PAIRS_SHOWN = 5


def print_refined(config: RefineConfig, finished: Finished) -> None:
    """Print the closing summary of ``refine``."""
    metrics, say = finished.metrics, console().print
    words = words_for(metrics.get("task"))
    if finished.already:
        say(f"{config.out} is done already; nothing was changed (more --rounds would extend it)", markup=False)
    say(_moved_line(metrics, words), markup=False)
    if metrics["suspicious"] > metrics["n_rows"] / 2:
        say(_doubt_line(metrics, words), markup=False)
    if metrics["confused"]:
        pairs = ", ".join(
            f"{given} -> {suggested} ({rows})" for given, suggested, rows in metrics["confused"][:_PAIRS_SHOWN]
        )
        say(f"most confused (given -> suggested): {pairs}", markup=False)
    print_rounds(metrics["rounds"], metrics.get("closing", {}), words)
    if metrics["rounds"] and "recovery" in metrics["rounds"][-1]:
        say(f"refined targets:  {_recovery_line(metrics['rounds'][-1]['recovery'], words)}", markup=False)
        say(f"suggested labels: {_recovery_line(metrics['suggested_recovery'], words)}", markup=False)
        if metrics["rounds"][0][f"true_oof_{words.score}"] is not None:
            say(_gain_line(metrics["rounds"], words), markup=False)
    if "reference" in metrics:
        print_reference(metrics["reference"], metrics["refinements"])
    if "thresholds" in metrics:
        say(thresholds_line(metrics["thresholds"]), markup=False)
    if "test" in metrics:
        print_test(metrics["test"], metrics["refinements"])
    say(f"labels: {config.out / 'labels.parquet'}   model: {config.out / 'model'}", markup=False)
    say(f"next:   softlabel export {config.out} --part issues --to issues.csv", markup=False)


def print_info(run: Run, as_json: bool) -> None:
    """Print what a run is and how far it is."""
    record, scores = run.record, run.scores()
    if as_json:
        print(json.dumps({**record, "scores": scores}))
        return
    say = console().print
    identity = record["identity"]
    say(f"{run.path}: {record['state']}, {len(scores)} of {record['rounds']} rounds whole", markup=False)
    if record["error"]:
        say(f"stopped by: {record['error']}", markup=False)
    prints, words = record["fingerprint"]["source"], words_for(record.get("task"))
    texts = "text" in record["columns"]
    say(
        f"source: {record['source']}, "
        f"{rows_text(prints['n_rows'], prints['n_columns'], _image_shape(record), texts=texts)}, "
        f"{len(record['classes'])} {words.classes}: {', '.join(str(label) for label in record['classes'][:12])}"
        f"{' ...' if len(record['classes']) > 12 else ''}",
        markup=False,
    )
    changed = {key: value for key, value in identity.items() if value not in (None, [], {}, "")}
    say(
        "settings: " + ", ".join(f"{key.replace('_', '-')}={_short(value)}" for key, value in changed.items()),
        markup=False,
    )
    print_rounds(scores, {}, words)


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


def _moved_line(metrics: dict[str, Any], words: Words) -> str:
    guard = f" ({metrics['moved_in_guard']} of them in the guard)" if metrics.get("moved_in_guard") else ""
    took = metrics["refinements"]
    taken = "the given labels" if took == 0 else f"the targets after {count(took, 'round')}"
    return (
        f"{metrics['suspicious']} of {metrics['n_rows']} {words.labels} look wrong: the models suggest "
        f"{'other labels' if words.labels == 'rows' else 'another one'}; {metrics['moved']} have moved in the targets{guard}\n"
        f"the final model learnt from {taken}"
    )


def _doubt_line(metrics: dict[str, Any], words: Words) -> str:
    """Models that contradict most labels are seldom right about them; whoever reads the list must know."""
    score = score_text(metrics["rounds"][-1], f"oof_{words.score}") if metrics["rounds"] else "unknown"
    agree = "agree with a share of {} of the labels" if words.score == "accuracy" else f"reach a {words.long} of {{}}"
    return (
        f"that is more than half of the rows: out of fold the models {agree.format(score)}, so the list says "
        "more about the models than about the labels; train longer (--epochs), or give a stronger --estimator or more rows"
    )


def _gain_line(rounds: list[dict[str, Any]], words: Words) -> str:
    first, last = (entry[f"true_oof_{words.score}"] for entry in (rounds[0], rounds[-1]))
    after = f"after {count(rounds[-1]['refinements'], 'refinement')}"
    if words.score == "accuracy":
        return (
            f"models trained on the labels as given are right on {share_text(first)} of all rows (out of fold, true labels); "
            f"{after} on {share_text(last)}"
        )
    return (
        f"models trained on the labels as given reach a {words.long} of {first:.3f} (out of fold, true labels); "
        f"{after} {'-' if last is None else f'{last:.3f}'}"
    )


def _recovery_line(recovery: dict[str, Any], words: Words) -> str:
    n_right = recovery["n"] - recovery["n_wrong"]
    return (
        f"of {recovery['n_wrong']} {words.wrong} made wrong {recovery['n_found']} found, {recovery['n_corrected']} corrected "
        f"({share_text(recovery['share_corrected'])}); of {n_right} right ones {recovery['n_spoiled']} spoiled "
        f"({share_text(recovery['share_spoiled'])})"
    )


def _short(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (list, dict)) else str(value)
