"""Results on stdout: what a run brought, as text or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.cli.noise_summary import Noise, noise_lines, noise_record
from softlabel.cli.score_tables import (
    console,
    print_generations,
    print_reference,
    print_reference_rounds,
    print_rounds,
    print_test,
    thresholds_line,
)
from softlabel.cli.task_words import Words, words_for
from softlabel.cli.wording import choice_line, count, counted, rows_text, score_text, share_text
from softlabel.methods.auto_settings import RULE
from softlabel.methods.trusted_evidence import ENOUGH_TRUSTED
from softlabel.run.config import RefineConfig
from softlabel.run.estimators import train_in_epochs
from softlabel.run.finished import Run
from softlabel.run.refine import Finished
from softlabel.run.thresholds import with_thresholds

if TYPE_CHECKING:
    import pandas as pd

_PAIRS_SHOWN = 5


def print_refined(config: RefineConfig, finished: Finished) -> None:
    """Print the closing summary of ``refine``."""
    metrics, say = finished.metrics, console().print
    words = words_for(metrics.get("task"))
    if finished.already:
        more = {"slr": " (more --rounds would extend it)", "label-refinery": " (more --generations would extend it)"}
        say(f"{config.out} is done already; nothing was changed{more.get(config.method, '')}", markup=False)
    say(_moved_line(metrics, words), markup=False)
    if metrics.get("choice"):
        say(choice_line(metrics["choice"]), markup=False)
    elif config.final_targets == "auto" and config.rounds > 0 and "choice" in metrics:
        say(
            "choice: the given labels; there are too few rows to choose on (give --final-targets pruned --momentum 0, say)",
            markup=False,
        )
    if "n_trusted" in metrics:
        say(_trusted_line(metrics, words), markup=False)
    if metrics["suspicious"] > metrics["n_rows"] / 2:
        epochs = train_in_epochs(config, finished.store.record["identity"]["estimator"])
        say(_doubt_line(metrics, words, epochs=epochs), markup=False)
    if metrics["confused"]:
        pairs = ", ".join(
            f"{given} -> {suggested} ({rows})" for given, suggested, rows in metrics["confused"][:_PAIRS_SHOWN]
        )
        say(f"most confused (given -> suggested): {pairs}", markup=False)
    print_rounds(metrics["rounds"], metrics.get("closing", {}), words)
    print_generations(metrics.get("generations", []), words)
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
        print_test(metrics["test"], _learnt_from(metrics))
    say(f"labels: {config.out / 'labels.parquet'}   model: {config.out / 'model'}", markup=False)
    if metrics["rounds"] or metrics.get("generations"):
        say(f"next:   softlabel export {config.out} --part issues --to issues.csv", markup=False)
    if metrics["rounds"]:  # contradicted is not wrong: models err too, and this says how often
        say(f"        softlabel info {config.out} --noise   (how many labels are likely wrong)", markup=False)


def print_info(run: Run, as_json: bool, noise: Noise | None = None) -> None:
    """Print what a run is and how far it is, and what is known of its wrong labels where that was asked for."""
    record, scores, thresholds = run.record, run.scores(), _of_metrics(run, "thresholds")
    if as_json:
        told = {} if noise is None else {"noise": noise_record(noise)}
        print(json.dumps({**record, "scores": scores} | _final_task(run, thresholds) | told))
        return
    say = console().print
    identity = record["identity"]
    generations = identity.get("method", "slr") != "slr"
    steps = "generations" if generations else "rounds"
    say(f"{run.path}: {record['state']}, {len(scores)} of {record['rounds']} {steps} whole", markup=False)
    if record["error"]:
        say(f"stopped by: {record['error']}", markup=False)
    prints, words = record["fingerprint"]["source"], words_for(record.get("task"))
    texts = "text" in record["columns"]
    say(
        f"source: {record['source']}, "
        f"{rows_text(prints['n_rows'], prints['n_columns'], _image_shape(record), texts=texts, what='columns')}, "
        f"{len(record['classes'])} {words.classes}: {', '.join(str(label) for label in record['classes'][:12])}"
        f"{' ...' if len(record['classes']) > 12 else ''}",
        markup=False,
    )
    changed = {key: value for key, value in identity.items() if value not in (None, [], {}, "") and key != RULE}
    say(
        "settings: " + ", ".join(f"{key.replace('_', '-')}={_short(key, value)}" for key, value in changed.items()),
        markup=False,
    )
    if choice := _of_metrics(run, "choice"):
        say(choice_line(choice), markup=False)
    if generations:
        print_generations(scores, words)
    else:
        print_rounds(scores, _of_metrics(run, "closing"), words)
    print_reference_rounds(_of_metrics(run, "reference").get("given"), scores)
    if thresholds:
        say(thresholds_line(thresholds), markup=False)
    for line in [] if noise is None else noise_lines(noise):
        say(line, markup=False)


def _of_metrics(run: Run, part: str) -> dict[str, Any]:
    """Return a part of metrics.json; empty where it has none, or is out of date because the run goes on."""
    return run.metrics().get(part) or {} if run.done and (run.path / "metrics.json").exists() else {}


def _final_task(run: Run, thresholds: dict[str, Any]) -> dict[str, Any]:
    """Return the task of the final model in place of the record's, where thresholds were fitted for it."""
    if not thresholds:
        return {}
    return {"task": with_thresholds(run.task, np.asarray(thresholds["fitted"])).record()}


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
    if "generations" in metrics:
        return (
            f"the models that taught the last generation contradict {metrics['suspicious']} of {counted(metrics['n_rows'], words.labels)} "
            f"(rows that they trained on, unless folds taught)\n"
            f"the final model is generation {metrics['generations'][-1]['generation']}"
        )
    if not metrics["rounds"]:
        return (
            "no round was made, so that nothing is known of single labels\nthe final model learnt from the given labels"
        )
    took = metrics["refinements"]
    taken = "the given labels" if took == 0 else _taken(metrics, took, words)
    have = "has" if metrics["moved"] == 1 else "have"
    return (
        f"the models contradict {metrics['suspicious']} of {counted(metrics['n_rows'], words.labels)}; {metrics['moved']} {have} moved "
        f"in the targets{guard}\n"
        f"the final model learnt from {taken}"
    )


def _taken(metrics: dict[str, Any], took: int, words: Words) -> str:
    """Say what the final fit took of the targets."""
    after = f"the targets after {count(took, 'round')}"
    policy = metrics.get("final_targets", "refined")  # runs of earlier versions knew no other
    if policy == "pruned":
        return f"the given labels without {counted(metrics['left_out'], words.labels)} that {after} speak against"
    if policy == "weighted":
        return f"the given labels, weighted by {after}"
    return {"refined": after, "sharpened": f"{after}, sharpened", "corrected": f"the labels that {after} speak for"}[
        policy
    ]


def _learnt_from(metrics: dict[str, Any]) -> str:
    """Return in two words what the final model learnt from: "pruned labels"."""
    return f"{metrics.get('final_targets', 'refined') if metrics['refinements'] else 'given'} labels"


def _trusted_line(metrics: dict[str, Any], words: Words) -> str:
    told = f"{counted(metrics['n_trusted'], words.labels)} trusted"
    if "n_replaced" in metrics:
        told += f", {metrics['n_replaced']} of them as the file of trusted rows has them and the data do not"
    told += "; refining leaves them as they are"
    rate = metrics.get("trusted_noise", {}).get("rate")
    if isinstance(rate, float) and metrics["n_trusted"] >= ENOUGH_TRUSTED:  # fewer say too little
        told += f"\nby them, about {share_text(rate)} of the other labels are wrong"
    return told


def _doubt_line(metrics: dict[str, Any], words: Words, *, epochs: bool) -> str:
    """Models that contradict most labels are seldom right about them; whoever reads the list must know."""
    score, where = _last_score(metrics, words)
    agree = "agree with a share of {} of the labels" if words.score == "accuracy" else f"reach a {words.long} of {{}}"
    return (
        f"more than half of the rows are contradicted: {where} the models {agree.format(score)}, so the list of issues says "
        f"more about the models than about the labels; {'train longer (--epochs), or ' if epochs else ''}give a stronger "
        "--estimator or more rows"
    )


def _last_score(metrics: dict[str, Any], words: Words) -> tuple[str, str]:
    """Return the score of the last models against the given labels, and on what rows that is."""
    if metrics["rounds"]:
        return score_text(metrics["rounds"][-1], f"oof_{words.score}"), "out of fold"
    if not metrics.get("generations"):
        return "unknown", "out of fold"
    return score_text(metrics["generations"][-1], f"in_sample_{words.score}"), "even on their own rows"


def _gain_line(rounds: list[dict[str, Any]], words: Words) -> str:
    first, last = (entry[f"true_oof_{words.score}"] for entry in (rounds[0], rounds[-1]))
    after = f"after {count(rounds[-1]['refinements'], 'refinement')}"
    if words.score == "accuracy":
        told = f"models trained on the labels as given are right on {share_text(first)} of all rows (out of fold, true labels)"
        compared = f"; {after} on {share_text(last)}"
    else:
        told = f"models trained on the labels as given reach a {words.long} of {first:.3f} (out of fold, true labels)"
        compared = f"; {after} {'-' if last is None else f'{last:.3f}'}"
    return told + compared if rounds[-1]["refinements"] else told  # those of the first round learnt from no others


def _recovery_line(recovery: dict[str, Any], words: Words) -> str:
    n_right = recovery["n"] - recovery["n_wrong"]
    return (
        f"of {counted(recovery['n_wrong'], words.wrong)} made wrong {recovery['n_found']} found, {recovery['n_corrected']} corrected "
        f"({share_text(recovery['share_corrected'])}); of {n_right} right {'one' if n_right == 1 else 'ones'} "
        f"{recovery['n_spoiled']} spoiled ({share_text(recovery['share_spoiled'])})"
    )


def _short(key: str, value: Any) -> str:
    """Return a setting as it is typed, estimators by name and what is set of them."""
    if key == "estimator" and isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value):
        return " and ".join(f"{name} {json.dumps(settings)}" if settings else str(name) for name, settings in value)
    return json.dumps(value) if isinstance(value, (list, dict)) else str(value)
