"""Labels made while training: a teacher labels each crop of a picture, live or once for all (Label Refinery).

python examples/crops.py
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from softlabel import CropStore, LabelRefinery, StoredCrops, TorchClassifier, label_crops


def main() -> None:
    digits = load_digits()
    X, y = (digits.images * 15.9).astype(np.uint8), digits.target  # (n, 8, 8) pictures, 0 to 255
    train, test = slice(0, 500), slice(500, 1000)
    network = TorchClassifier(
        "small_cnn", epochs=6, batch_size=32, optimizer="adamw", lr=0.01, augment="resized_crop:0.4", device="cpu"
    )

    refinery = LabelRefinery(network, n_generations=2, random_state=0).fit(X[train], y[train])
    for entry, generation in zip(refinery.history_, refinery.generations_, strict=True):
        right = (generation.teachers.models[0].predict(X[test]) == y[test]).mean()
        print(
            f"generation {entry['generation']}: test accuracy {right:.3f}, entropy of its labels {entry['entropy']:.2f} nats"
        )

    with tempfile.TemporaryDirectory() as folder:  # ask the teacher once, and train any number of students
        store = Path(folder) / "labels"
        label_crops(refinery.teachers_[0], X[train], store, n_crops=8, recipe="resized_crop:0.4", seed=0)
        taught = LabelRefinery(network, StoredCrops(store), n_generations=1, random_state=0).fit(X[train], y[train])
        right = (taught.predict(X[test]) == y[test]).mean()
        print(f"from {CropStore(store).n_crops} stored crops a picture: test accuracy {right:.3f}")


if __name__ == "__main__":
    main()
