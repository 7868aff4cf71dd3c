"""Labels that people got wrong: plain, label smoothing, SLR of 1 to 4 rounds, SLR-a, -e and -ae on CIFAR-10N.

    python benchmarks/cifar10n.py --plan                                        what there is to do, and nothing done
    python benchmarks/cifar10n.py --labels worse                                on a CPU: 10,000 images, hours
    python benchmarks/cifar10n.py --device cuda --rows 50000 --epochs 30 --networks se_resnet20,small_cnn,se_resnet14
    python benchmarks/cifar10n.py --toy                                         a trial run on noise, a minute

The first network is the student; all of them label in SLR-e and -ae. The variants a, e and ae have one round, as in table I of
the paper. Everything is scored on the clean test set, which chooses nothing: epochs, rates and rounds are fixed beforehand.

Each fit is stored when it is done (``--work``), so a script that is stopped goes on where it was, and what methods share (the
fold models of round 1, say) is fitted once. Several processes may work on it, each with other ``--labels`` or ``--seeds``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cells import commit, machine, mean_sd, read_rows
from pictures import Pictures, cifar10, made_up
from small_networks import NETWORKS
from softlabel import Refinement, TorchClassifier, label_recovery, smooth_uniform
from softlabel.metrics.calibration import ece
from softlabel.metrics.scores import accuracy, nll
from softlabel.targets.encode import one_hot

METHODS = ("plain", "smoothing", "slr-1", "slr-2", "slr-3", "slr-4", "slr-a", "slr-e", "slr-ae")
SMOOTHING, TTA, FOLDS = 0.1, "flip+shift", 5


@dataclass(frozen=True)
class Study:
    """One seed on one kind of labels."""

    pictures: Pictures
    networks: tuple[str, ...]
    settings: dict  # of every TorchClassifier
    seed: int
    folder: Path
    k: int = 10

    def fitted(self, network: int, targets: np.ndarray, rows: np.ndarray, seen: np.ndarray, views: bool, what: str):
        """Train a network on some rows' targets; predict pictures, from one view and, if asked, from several."""
        member = self.networks[network]
        address = hashlib.sha256(
            json.dumps([member, self.settings, self.seed, what, views], sort_keys=True, default=str).encode()
            + np.ascontiguousarray(targets, np.float32).tobytes()
            + rows.tobytes()
        ).hexdigest()[:24]
        path = self.folder / f"{address}.npz"
        if path.exists():
            with np.load(path) as stored:
                return dict(stored)
        start = time.perf_counter()
        seed = int.from_bytes(hashlib.sha256(f"{self.seed} {network} {what}".encode()).digest()[:4], "little") >> 1
        model = TorchClassifier(NETWORKS.get(member, member), random_state=seed, **self.settings)
        model.fit(self.pictures.X[rows], targets)
        trained = time.perf_counter() - start
        found = {"one": model.predict_targets(seen), "seconds": np.array(trained)}
        if views:
            found["several"] = model.predict_targets(seen, tta=TTA)
        aside = path.with_suffix(".part.npz")
        np.savez(aside, **found)
        aside.rename(path)
        print(f"  {member} {what}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        return found

    def out_of_fold(self, network: int, fold, views: bool):
        """Return predictions of a fold's held-out rows."""
        held_out = self.pictures.X[fold.held_out]
        return self.fitted(network, fold.targets, fold.train, held_out, views, f"round {fold.round} fold {fold.fold}")

    def refined(self, n_rounds: int, members: int = 1, view: str = "one") -> np.ndarray:
        """Refine the given labels by hand; the seed of the folds is the study's, so methods share round 1."""
        refinement = Refinement(self.pictures.given, n_rounds=n_rounds, cv=FOLDS, random_state=self.seed)
        for fold in refinement:
            # Of round 1 both views are kept, by whichever method comes first.
            found = [self.out_of_fold(network, fold, fold.round == 1)[view] for network in range(members)]
            fold.tell(np.mean(found, axis=0))
        return refinement.targets

    def targets(self, method: str) -> np.ndarray:
        """Return the targets that the student of a method is trained on."""
        hard = one_hot(self.pictures.given, self.k)
        if method == "plain":
            return hard
        if method == "smoothing":
            return smooth_uniform(hard, SMOOTHING)
        if method in ("slr-a", "slr-e", "slr-ae"):
            members = len(self.networks) if "e" in method[4:] else 1
            return self.refined(1, members, "several" if "a" in method[4:] else "one")
        return self.refined(int(method[4:]))

    def scores(self, method: str) -> dict[str, float]:
        """Train the student of a method, and score it on the test set; score its targets against the true labels."""
        pictures, targets = self.pictures, self.targets(method)
        # One name for all methods: the student of each starts from the same weights.
        student = self.fitted(0, targets, np.arange(len(targets)), pictures.X_test, False, "student")
        predicted = student["one"]
        recovery = label_recovery(pictures.given, pictures.true, targets.argmax(axis=1))
        return {
            "accuracy": accuracy(pictures.y_test, predicted),
            "nll": nll(pictures.y_test, predicted),
            "ece": ece(pictures.y_test, predicted),
            "right_labels": float((targets.argmax(axis=1) == pictures.true).mean()),
            "corrected": recovery.n_corrected / max(recovery.n_wrong, 1),
            "spoiled": recovery.n_spoiled / max(len(targets) - recovery.n_wrong, 1),
            "seconds_of_student": float(student["seconds"]),
        }


def fits(method: str, members: int) -> int:
    """Return the fits of a method on its own."""
    if method in ("plain", "smoothing"):
        return 1
    return 1 + FOLDS * (members if "e" in method[4:] else 1) * (1 if method[4:].isalpha() else int(method[4:]))


def study_of(chosen: argparse.Namespace, labels: str, seed: int, load: Callable[[str], Pictures]) -> Study:
    """Return the study of one seed on one kind of labels."""
    settings = {
        "epochs": chosen.epochs, "batch_size": chosen.batch_size, "lr": chosen.lr, "augment": chosen.augment,
        "precision": chosen.precision, "device": chosen.device,
    }  # fmt: skip
    folder = chosen.work / ("toy" if chosen.toy else f"{labels}-{chosen.rows}")
    folder.mkdir(parents=True, exist_ok=True)
    return Study(load(labels), tuple(chosen.networks.split(",")), settings, seed, folder)


def main() -> None:
    """Measure what was not measured yet, and print the table."""
    chosen = arguments()
    if chosen.toy:
        chosen.rows, chosen.epochs, chosen.networks, chosen.labels, chosen.seeds = (
            200,
            1,
            "small_cnn,se_resnet8",
            "worse",
            "0",
        )
    loaded: dict[str, Pictures] = {}

    def load(labels: str) -> Pictures:
        if labels not in loaded:
            loaded[labels] = made_up(chosen.rows) if chosen.toy else cifar10(labels, chosen.rows)
        return loaded[labels]

    rows = [
        (labels, int(seed), method)
        for labels in chosen.labels.split(",")
        for seed in chosen.seeds.split(",")
        for method in chosen.methods.split(",")
    ]
    members = len(chosen.networks.split(","))
    cells = [
        {
            "labels": labels, "seed": seed, "method": method, "rows": chosen.rows, "networks": chosen.networks,
            "epochs": chosen.epochs, "lr": chosen.lr, "batch_size": chosen.batch_size, "augment": chosen.augment,
            "precision": chosen.precision, "device": chosen.device, "toy": chosen.toy,
        }
        for labels, seed, method in rows
    ]  # fmt: skip
    if chosen.plan:
        for cell in cells:
            print(
                f"{cell['labels']} seed {cell['seed']} {cell['method']}: {fits(cell['method'], members)} fits on its own"
            )
        print(f"{len(cells)} cells; methods share the fold models of their rounds")
        return
    done = {json.dumps(row["cell"], sort_keys=True): row for row in read_rows(chosen.out)}
    for (labels, seed, method), cell in zip(rows, cells, strict=True):
        key = json.dumps(cell, sort_keys=True)
        if key not in done:
            row = {
                "cell": cell,
                **study_of(chosen, labels, seed, load).scores(method),
                "commit": commit(),
                "machine": machine(),
            }
            chosen.out.parent.mkdir(parents=True, exist_ok=True)
            with chosen.out.open("a") as lines:
                lines.write(json.dumps(row) + "\n")
            done[key] = row
            print(f"{labels} seed {seed} {method}: accuracy {row['accuracy']:.4f}", flush=True)
    table([done[json.dumps(cell, sort_keys=True)] for cell in cells], members)


def table(found: list[dict], members: int) -> None:
    """Print means, deviations over seeds, and paired differences to plain."""
    columns = ("accuracy", "nll", "ece", "right_labels", "corrected", "spoiled")
    for labels in dict.fromkeys(row["cell"]["labels"] for row in found):
        print(
            f"\n### {labels}\n\n| method | accuracy - plain | {' | '.join(columns)} | fits |\n|{'---|' * (len(columns) + 3)}"
        )
        of_labels = [row for row in found if row["cell"]["labels"] == labels]
        plain = {row["cell"]["seed"]: row["accuracy"] for row in of_labels if row["cell"]["method"] == "plain"}
        for method in dict.fromkeys(row["cell"]["method"] for row in of_labels):
            mine = [row for row in of_labels if row["cell"]["method"] == method]
            gains = [row["accuracy"] - plain[row["cell"]["seed"]] for row in mine if row["cell"]["seed"] in plain]
            values = " | ".join(mean_sd([row[column] for row in mine]) for column in columns)
            print(f"| {method} | {mean_sd(gains)} | {values} | {fits(method, members)} |")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--labels", default="worse,aggregate")
    options.add_argument("--seeds", default="0,1,2")
    options.add_argument("--methods", default=",".join(METHODS))
    options.add_argument("--networks", default="small_cnn,strided,patches")
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--epochs", type=int, default=6)
    options.add_argument("--batch-size", type=int, default=128)
    options.add_argument("--lr", type=float, default=0.1)
    options.add_argument("--augment", default="crop+flip")
    options.add_argument("--precision", default="bf16")
    options.add_argument("--device", default="cpu")
    options.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "cifar10n.jsonl")
    options.add_argument("--work", type=Path, default=Path("runs") / "cifar10n", help="where fits are kept")
    options.add_argument("--plan", action="store_true")
    options.add_argument("--toy", action="store_true", help="a trial run on noise")
    return options.parse_args()


if __name__ == "__main__":
    main()
