import numpy as np
import pytest

from coloured_pictures import coloured
from softlabel import CropStore, LabelRefinery, StoredCrops, TorchClassifier, label_crops
from softlabel.errors import InputError
from softlabel.methods.stored_teacher import StoredTeacher, as_stored_teacher


def network(**options):
    base = {"network_options": {"width": 4}, "epochs": 1, "batch_size": 8, "augment": None}
    return TorchClassifier("small_cnn", **(base | options), device="cpu", random_state=0)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    X, y = coloured(10)
    folder = tmp_path_factory.mktemp("crops") / "store"
    label_crops(network().fit(X, y), X, folder, n_crops=4, recipe="resized_crop:0.5+flip", seed=0)
    return X, y, folder


def test_what_it_says_of_a_picture_is_the_mean_of_its_crops(stored):
    X, _, folder = stored
    said = StoredTeacher(StoredCrops(folder)).predict_targets(X[[3, 11]])
    assert np.allclose(said, CropStore(folder).read([3, 11]).targets().mean(axis=1))


def test_other_pictures_are_told(stored):
    with pytest.raises(InputError, match=r"20 of 20 pictures have no labels in .*; label these pictures"):
        StoredTeacher(StoredCrops(stored[2])).predict_targets(coloured(10, seed=5)[0])


def test_a_store_or_a_setting_that_repeats_one_is_a_teacher(stored):
    folder = stored[2]
    assert as_stored_teacher(CropStore(folder)).labeler == StoredCrops(folder)
    assert as_stored_teacher(StoredCrops(folder, 2)).labeler.crops_per_image == 2
    assert as_stored_teacher(network()) is None
    assert as_stored_teacher(None) is None


def test_a_refinery_that_a_store_teaches_is_a_training_on_its_crops(stored):
    X, y, folder = stored
    refinery = LabelRefinery(network(), StoredCrops(folder, 2), n_generations=1, random_state=3).fit(X, y)
    student = network(labeler=StoredCrops(folder, 2)).set_params(random_state=refinery.estimator_.random_state)
    # Alone it takes as many threads as torch likes, which changes the last bits of sums.
    assert np.allclose(refinery.predict_proba(X), student.fit(X, y).predict_proba(X), atol=1e-5)
    assert np.allclose(refinery.label_distributions_, CropStore(folder).read(np.arange(20)).targets().mean(axis=1))
    assert refinery.estimator_.labeler is None  # it is not stored with the model


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "hard_dynamic"}, r"labels='hard_dynamic' asks for what .* does not hold: soft labels of crops"),
        ({"adversarial": 1.0}, r"adversarial jitter moves what .* does not hold"),
    ],
    ids=["hard", "jitter"],
)
def test_what_stored_labels_cannot_do_is_refused(stored, options, message):
    X, y, folder = stored
    with pytest.raises(InputError, match=message):
        LabelRefinery(network(), CropStore(folder), n_generations=1, **options).fit(X, y)


def test_a_store_labels_alone(stored):
    X, y, folder = stored
    with pytest.raises(InputError, match=r"is a store of crops .* and others; give the store alone"):
        LabelRefinery(network(), [CropStore(folder), network().fit(X, y)], n_generations=1).fit(X, y)
