"""Refine the labels of pictures with small networks: test-time augmentation and an ensemble label (the paper's SLR-ae).

python examples/pictures.py
"""

import numpy as np
from sklearn.datasets import load_digits

from softlabel import StochasticLabelRefinery, TorchClassifier, label_recovery


def main() -> None:
    digits = load_digits()
    X = (digits.images[:400] * 15.9).astype(np.uint8)  # (n, 8, 8) pictures, 0 to 255
    true = digits.target[:400]
    rng = np.random.default_rng(0)
    y = np.where(rng.random(len(true)) < 0.3, (true + rng.integers(1, 10, len(true))) % 10, true)

    student = TorchClassifier("small_cnn", epochs=6, batch_size=32, device="cpu")
    helper = TorchClassifier("se_resnet8", epochs=6, batch_size=32, device="cpu")
    refinery = StochasticLabelRefinery(
        [student, helper],  # both label, the first is the student
        n_rounds=2,
        cv=3,
        final_targets="refined",  # as in the paper; the default would try other ways, too
        tta="shift",  # of the labelling alone; the student's own predictions take one view
        n_jobs="auto",
        random_state=0,
    ).fit(X, y)

    found = label_recovery(y, true, np.searchsorted(refinery.classes_, refinery.suggested_labels_))
    print(f"{found.n_wrong} labels are wrong; the networks suggest the right one for {found.n_corrected} of them")
    print(f"{found.n_spoiled} right labels would be spoiled")
    print(f"epochs of the student: {len(refinery.estimator_.history_)}")
    print(f"test-time augmentation on demand: {refinery.predict_proba(X[:1], tta='shift').shape}")


if __name__ == "__main__":
    main()
