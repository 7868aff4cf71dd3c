"""Label Refinery and label distribution learning on natural pictures: the rows of the papers' tables, at a size that a CPU trains.

    SOFTLABEL_DATA=... python benchmarks/label_refinery.py                       every row, 3 seeds; about two hours of one core, resumable
    SOFTLABEL_DATA=... python benchmarks/label_refinery.py --rows table4 --seeds 0
    python benchmarks/label_refinery.py --report                                 the tables of what is there, nothing computed
    python benchmarks/label_refinery.py --toy                                    a trial run on digits, a minute
    ... --device cuda --size 96 --n 9469 --student timm:resnet18 --teacher timm:resnet34 --epochs 60      on a GPU

imagenette96_train.parquet and imagenette96_test.parquet (columns ``image``, ``label``) are a 10-class part of ImageNet by fast.ai,
resized to 96 pixels; here to ``--size``. Crops of 8% to 100% of the area, and flips, as in the paper. A seed draws the training rows and
all fits; the test set is whole and chooses nothing. Each row is a cell; teachers are trained once a seed and shared, and the
seconds of a row do not count them. The paper's networks that are not here at this size: AlexNet, ResNet-50, MobileNet, VGG, Darknet19,
XNOR-Net; --student and --teacher take those that timm has (timm:resnet50, timm:mobilenetv1_100, timm:vgg16).
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from cells import machine, mean_sd, read_rows, run_cells
from softlabel import LabelDistributionLearning, LabelRefinery, LabelSmoothing, Plain, TorchClassifier
from softlabel.metrics.calibration import ece
from softlabel.metrics.scores import accuracy, nll, top_k_accuracy

HERE = Path(__file__).parent
CROPS = "resized_crop+flip"
# What is alike to what, for the row of table 5: animals, machines, buildings and things.
TREE = {
    **{"0": "animal", "1": "animal", "2": "device", "3": "tool", "4": "building", "5": "instrument", "6": "vehicle"},
    **{"7": "device", "8": "ball", "9": "vessel", "tool": "device", "instrument": "device", "vessel": "vehicle"},
    **{"device": "artefact", "vehicle": "artefact", "building": "artefact", "ball": "artefact"},
    **{"animal": "entity", "artefact": "entity"},
}  # tench, springer, cassette player, chain saw, church, French horn, garbage truck, gas pump, golf ball, parachute


class Study:
    """The data and the teachers of one seed."""

    def __init__(self, asked: argparse.Namespace, seed: int) -> None:
        self.asked, self.seed = asked, seed
        self.X, self.y, self.X_test, self.y_test = pictures(asked.n, asked.size, seed, toy=asked.toy)

    def network(self, name: str, **settings: Any) -> TorchClassifier:
        """Return an unfitted network: ``small_cnn:8`` has a width of 8."""
        base, _, width = name.partition(":") if name.startswith("small_cnn") else (name, "", "")
        options = {"network_options": {"width": int(width)}} if width else {}
        usual = {"epochs": self.asked.epochs, "batch_size": 64, "optimizer": "adamw", "lr": 5e-3, "augment": CROPS}
        return TorchClassifier(base, **options, **(usual | {"device": self.asked.device} | settings))

    @property
    def student(self) -> TorchClassifier:
        return self.network(self.asked.student)

    @cache  # noqa: B019 - one object a seed, and its teachers are what it is for
    def teacher(self, kind: str = "good") -> Any:
        """Return a trained teacher: a larger network; the student's own kind; or the larger one overfitted, without augmentation."""
        made = {
            "good": lambda: self.network(self.asked.teacher),
            "own": lambda: self.student,
            "overfitted": lambda: self.network(self.asked.teacher, augment=None, weight_decay=0.0),
        }[kind]()
        return Plain(made, random_state=1000 + self.seed).fit(self.X, self.y)

    def refinery(self, teacher: str | None = "good", **options: Any) -> LabelRefinery:
        """Return a refinery of one generation that a trained teacher labels."""
        given = None if teacher is None else self.teacher(teacher)
        options = {"n_generations": 1} | options if given is not None else options
        return LabelRefinery(self.student, given, random_state=self.seed, **options)

    def distribution(self, **options: Any) -> LabelDistributionLearning:
        """Return label distribution learning from the good teacher."""
        given = {"teacher": self.teacher()} | options
        return LabelDistributionLearning(self.student, random_state=self.seed, **given)

    def scores(self, answers: np.ndarray, train: np.ndarray) -> dict[str, float]:
        """Return scores on test pictures, and the accuracy on the pictures that were trained on."""
        return {
            "accuracy": accuracy(self.y_test, answers),
            "top5": top_k_accuracy(self.y_test, answers, k=5),
            "nll": nll(self.y_test, answers),
            "ece": ece(self.y_test, answers),
            "train_accuracy": accuracy(self.y, train),
        }


def pictures(n: int, size: int, seed: int, *, toy: bool) -> tuple[np.ndarray, ...]:
    """Return training pictures (n, size, size, 3) uint8 with labels, and test ones."""
    if toy:
        from sklearn.datasets import load_digits

        X, y = load_digits(return_X_y=True)
        rows = np.random.default_rng(seed).permutation(len(y))
        X = (X * 15).astype(np.uint8).reshape(-1, 8, 8)
        return X[rows[:300]], y[rows[:300]], X[rows[300:600]], y[rows[300:600]]
    train, y, test, y_test = _decoded(size)
    rows = np.random.default_rng(seed).permutation(len(y))[:n]
    return train[rows], y[rows], test, y_test


@lru_cache(maxsize=1)
def _decoded(size: int) -> tuple[np.ndarray, ...]:
    import pyarrow.parquet as pq
    from PIL import Image

    folder = os.environ.get("SOFTLABEL_DATA")
    if folder is None:
        raise SystemExit(
            "set SOFTLABEL_DATA to the folder that holds imagenette96_train.parquet (see benchmarks/label_refinery.py)"
        )

    def pixels(data: bytes) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((size, size), Image.Resampling.BOX))

    found = list[np.ndarray]()
    for part in ("train", "test"):
        table = pq.read_table(Path(folder) / f"imagenette96_{part}.parquet", columns=["image", "label"])
        images = [one["bytes"] if isinstance(one, dict) else one for one in table["image"].to_pylist()]
        found += [np.stack([pixels(image) for image in images]), table["label"].to_numpy().astype(np.int64)]
    return tuple(found)


# Rows by name: what each trains. "table1" and so on are those of the Label Refinery paper, "ldl" those of label distribution learning.
ROWS: dict[str, Callable[[Study], Any]] = {
    "table1 self-refinement": lambda s: s.refinery(None, n_generations=3),  # three rows: its generations
    "control equal total epochs": lambda s: Plain(
        s.network(s.asked.student, epochs=3 * s.asked.epochs), random_state=s.seed
    ),
    "table2 teacher itself": lambda s: s.teacher(),
    "table2 cross-architecture (tables 4, 6, 7: soft dynamic, good teacher, KL label to output)": lambda s: (
        s.refinery()
    ),
    "table3 adversarial": lambda s: s.refinery(adversarial=1.0),
    "table4 soft static": lambda s: s.refinery(labels="soft_static"),
    "table4 hard dynamic": lambda s: s.refinery(labels="hard_dynamic"),
    "table5 taxonomy": lambda s: s.refinery(None, labels="taxonomy", taxonomy=TREE),
    "table5 visual, categories": lambda s: s.refinery(labels="visual_category"),
    "table5 visual, images": lambda s: s.refinery(labels="soft_static", teacher_mode="eval"),
    "table6 overfitted teacher": lambda s: s.refinery("overfitted"),
    "table6 overfitted teacher itself": lambda s: s.teacher("overfitted"),
    "table6 teacher of the student's kind": lambda s: s.refinery("own"),
    "table7 l2": lambda s: s.refinery(loss="l2"),
    "table7 KL output to label": lambda s: s.refinery(loss="reverse_kl"),
    "teacher mode eval (ldl offline)": lambda s: s.refinery(teacher_mode="eval"),
    "label smoothing": lambda s: LabelSmoothing(s.student, random_state=s.seed),
    "cross-fitted dynamic (own kind, 5 folds)": lambda s: LabelRefinery(
        s.student, "folds", n_generations=2, random_state=s.seed
    ),
    "ldl online mixup": lambda s: s.distribution(mix="mixup"),
    "ldl online cutmix": lambda s: s.distribution(mix="cutmix"),
    "ldl online ricap": lambda s: s.distribution(mix="ricap"),
    "ldl online randaugment": lambda s: s.distribution(mix="randaugment"),
    "ldl online cutmix, long (+)": lambda s: s.distribution(mix="cutmix", length=2),
    "ldl online cutmix, cross-fitted (own kind, 5 folds)": lambda s: s.distribution(mix="cutmix", teacher="folds"),
    "ldl two teachers, cutmix": lambda s: s.distribution(mix="cutmix", teacher=[s.teacher(), s.teacher("own")]),
}


def compute(asked: argparse.Namespace, studies: dict[int, Study], row: str, seed: int, **size: Any) -> dict[str, Any]:
    """Train one row with one seed."""
    if seed not in studies:
        studies.clear()  # one seed's teachers at a time
        studies[seed] = Study(asked, seed)
    study = studies[seed]
    model = ROWS[row](study)
    if not hasattr(model, "estimators_"):
        model.fit(study.X, study.y)
    found = [study.scores(model.predict_proba(study.X_test), model.predict_proba(study.X))]
    generations = getattr(model, "generations_", [])
    if row.startswith("table1"):
        found = [study.scores(one.teachers.models[0].predict_proba(study.X_test), one.answers) for one in generations]
    entropy = [
        float(np.mean(-np.sum(one.answers * np.log(np.maximum(one.answers, 1e-12)), axis=1))) for one in generations
    ]
    return {"scores": found, "entropy": entropy}


def report(rows: list[dict[str, Any]]) -> str:
    """Return the table of all rows: mean and deviation over seeds, and paired differences to plain."""
    by_name: dict[str, dict[int, dict[str, float]]] = {}
    for row in rows:
        for number, scores in enumerate(row["scores"], start=1):
            several = len(row["scores"]) > 1
            name = f"{row['cell']['row']}, generation {number}" if several else row["cell"]["row"]
            by_name.setdefault(name, {})[row["cell"]["seed"]] = scores
    plain = by_name.get("table1 self-refinement, generation 1", {})
    lines = [
        "| row | seeds | accuracy | top 5 | NLL | ECE | accuracy on training pictures | accuracy less plain's |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in by_name.items():
        less = [found[seed]["accuracy"] - plain[seed]["accuracy"] for seed in sorted(found.keys() & plain.keys())]
        told = [
            mean_sd(one[key] for one in found.values()) for key in ("accuracy", "top5", "nll", "ece", "train_accuracy")
        ]
        lines.append(f"| {name} | {len(found)} | " + " | ".join(told) + f" | {_signed(less)} |")
    return "\n".join(lines)


def _signed(values: list[float]) -> str:
    """Return "+.012 (+.001 to +.020)": the mean of paired differences, and the least and the largest of them."""
    if not values:
        return "-"
    return f"{np.mean(values):+.3f} ({min(values):+.3f} to {max(values):+.3f})"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", nargs="+", default=[""], help="beginnings of names of rows; all unless given")
    options.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    options.add_argument("--n", type=int, default=2000, help="training pictures")
    options.add_argument("--size", type=int, default=32, help="side of a picture in pixels")
    options.add_argument("--epochs", type=int, default=20)
    options.add_argument("--student", default="small_cnn:8")
    options.add_argument("--teacher", default="small_cnn:24")
    options.add_argument("--device", default="cpu")
    options.add_argument("--file", type=Path, default=HERE / "results" / "label_refinery.jsonl")
    options.add_argument("--report", action="store_true", help="compute nothing")
    options.add_argument("--toy", action="store_true", help="a trial run on digits")
    asked = options.parse_args()
    if asked.toy:
        asked.epochs, asked.seeds, asked.size = 2, asked.seeds[:1], 8
        asked.file = Path("runs/label_refinery-toy.jsonl")
    if asked.device == "cpu":
        import torch

        torch.set_num_threads(1)
    same = {
        "n": asked.n,
        "size": asked.size,
        "epochs": asked.epochs,
        "student": asked.student,
        "teacher": asked.teacher,
    }
    same["toy"] = asked.toy
    names = [name for name in ROWS if any(name.startswith(beginning) for beginning in asked.rows)]
    cells = [{"row": name, "seed": seed, **same} for seed in asked.seeds for name in names]
    studies: dict[int, Study] = {}
    if asked.report:
        wanted = [row for row in read_rows(asked.file) if row["cell"] in cells]
    else:
        wanted = run_cells(asked.file, cells, lambda **cell: compute(asked, studies, **cell))
    print(machine())
    print(report(wanted))


if __name__ == "__main__":
    main()
