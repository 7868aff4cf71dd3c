import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch.nn import functional as F

from softlabel import CropStore, StoredCrops, TorchClassifier, label_crops
from softlabel.data.images import Images
from softlabel.errors import DamagedRunError, InputError, RunError
from softlabel.learners.augmentation.crops import cut_crops
from softlabel.learners.training.labelling_networks import LabellingNetwork
from softlabel.store.crop_writer import CropStoreWriter
from softlabel.store.model_store import load_model, save_model
from taught import pictures, small, teacher

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return label_crops(
        teacher(),
        pictures()[0],
        tmp_path_factory.mktemp("labels") / "store",
        n_crops=6,
        images_per_shard=16,
        device="cpu",
    )


def student(store, m=4, teacher=None, **settings):
    return small(labeler=StoredCrops(store, m, teacher), **settings)


def weights(model):
    return {name: values.numpy() for name, values in model.network_.state_dict().items()}


def same(first, second):
    return all(np.array_equal(values, weights(second)[name]) for name, values in weights(first).items())


def test_training_is_that_by_hand_on_the_same_crops(store):
    """The steps of plain SGD on the crops and labels of the store, in the order in which the batches say they come."""
    X, y = pictures()
    settings = {"schedule": "constant", "momentum": 0.0, "weight_decay": 0.0, "lr": 0.1, "epochs": 2}
    seen = []

    class Listening(StoredCrops):
        def begin_batches(self, *given):
            made = super().begin_batches(*given)
            object.__setattr__(self, "made", made)
            return made

    maker = Listening(store, 4)
    fitted = small(labeler=maker, **settings).fit(X, y)
    # The same first weights: a training whose steps go nowhere.
    hand = small(labeler=maker, **(settings | {"lr": 1e-30})).fit(X, y)
    network = hand.network_.to(memory_format=torch.channels_last)
    for module in network.modules():
        if hasattr(module, "reset_running_stats"):
            module.reset_running_stats()
    network.train()
    read, normalise = store.read(np.arange(40)), hand.preparation_.on(CPU, True)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for epoch in (1, 2):
        for batch in maker.made.epoch(epoch):
            rows, crop = batch.index.numpy(), batch.view.crop.numpy()
            seen.extend(zip(rows.tolist(), crop.tolist(), strict=True))
            x = cut_crops(
                torch.from_numpy(X[rows]).permute(0, 3, 1, 2),
                torch.arange(len(rows)),
                torch.from_numpy(read.boxes[rows, crop].astype(np.int64)),
                torch.from_numpy(read.flips[rows, crop]),
                (10, 10),
            )
            loss = F.cross_entropy(network(normalise(x, CPU)), torch.from_numpy(read.targets()[rows, crop]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert len(seen) == 80
    for name, values in network.state_dict().items():
        assert np.allclose(values.detach().numpy(), weights(fitted)[name], atol=1e-5), name


@pytest.mark.parametrize("recipe", ["resized_crop+flip", "crop+flip"])
def test_the_student_sees_the_pixels_that_the_teacher_saw(tmp_path, monkeypatch, recipe):
    seen, made = [], {}

    def listening(self, crops):
        seen.append(crops)
        return torch.full((len(crops), 2), 0.5, dtype=torch.float64)

    class Looking(StoredCrops):
        def begin_batches(self, *given):
            made["batches"] = super().begin_batches(*given)
            return made["batches"]

    X, y = pictures()
    with monkeypatch.context() as patched:
        patched.setattr(LabellingNetwork, "of_stored", listening)
        store = label_crops(teacher(), X, tmp_path / "s", recipe=recipe, n_crops=3, images_per_shard=40, device="cpu")
    shown = torch.stack(seen)  # (3, 40, c, h, w): a batch for each crop, pictures in the order of the store
    ((order, _),) = store.shards()
    small(labeler=Looking(store, 3), epochs=1).fit(X, y)
    for epoch in (1, 2, 3):
        for number, index in enumerate(made["batches"]._parts(made["batches"]._order(epoch))):
            x, view = made["batches"].load(index, epoch, number)
            rows = index.repeat_interleave(3).numpy()
            assert torch.equal(x, shown[view.crop, np.argsort(order)[rows]])


def test_given_labels_say_the_classes_and_nothing_else(store):
    X, y = pictures()
    wrong = np.where(y == "red", "blue", "red")
    assert same(student(store).fit(X, y), student(store).fit(X, wrong))
    assert same(student(store).fit(X, y), student(store).fit(X, np.full((40, 2), 0.5)))


def test_a_student_learns_what_its_teacher_knows(store):
    X, y = pictures()
    fitted = student(store, epochs=8).fit(X, y)
    agreed = (fitted.predict(X) == teacher().predict(X)).mean()
    assert agreed > 0.85


def test_pictures_in_another_order_and_a_selection_find_their_labels(store):
    X, y = pictures()
    rows = np.random.default_rng(1).permutation(40)[:30]
    made = {}

    class Looking(StoredCrops):
        def begin_batches(self, *given):
            made["crops"] = super().begin_batches(*given)
            return made["crops"]

    small(labeler=Looking(store, 2), epochs=1).fit(Images.from_array(X).take(rows), y[rows])
    assert np.array_equal(made["crops"].crops.targets(), store.read(rows).targets())


@pytest.mark.parametrize(
    "settings",
    [
        {"validation_share": 0.2},
        {"average": "swa", "swa_start": 0.4},
        {"schedule": "one_cycle", "epochs": 5, "batch_size": 12},
        {"augment": "resized_crop+flip:0.5"},
        {"augment": None},
        {"hardest": 0.5},
        {"image_size": 12},
    ],
    ids=str,
)
def test_other_settings_go_along(store, settings):
    fitted = student(store, **settings).fit(*pictures())
    assert len(fitted.history_) == settings.get("epochs", 2)


def test_the_same_seed_the_same_bytes_whatever_the_workers(store):
    X, y = pictures()
    fits = [student(store, workers=workers).fit(X, y) for workers in (0, 2)]
    assert same(*fits)
    assert not same(fits[0], student(store, random_state=1).fit(X, y))


def test_rows_of_weight_nothing_are_left_out_and_weights_count(store):
    X, y = pictures()
    weight = np.ones(40)
    weight[:10] = 0
    assert same(student(store).fit(X, y, weight), student(store).fit(X[10:], y[10:], weight[10:]))
    assert not same(student(store).fit(X[10:], y[10:]), student(store).fit(X[10:], y[10:], np.arange(1.0, 31)))


def test_a_training_goes_on_from_another(store):
    X, y = pictures()
    first = student(store).fit(X, y)
    assert len(student(store, epochs=1).fit_from(first, X, y).history_) == 1


def test_columns_are_found_by_name_and_by_position(tmp_path, store):
    X, y = pictures()
    turned = copy.copy(teacher())
    other = label_crops(turned, X, tmp_path / "s", classes=["red", "blue"], n_crops=6, device="cpu")
    assert other.classes.tolist() == ["red", "blue"]
    assert same(student(other).fit(X, y), student(store).fit(X, y))
    by_position = np.full((40, 2), 0.5)
    assert not same(student(other).fit(X, by_position), student(store).fit(X, by_position))
    with pytest.raises(InputError, match="stored labels are of other classes: green missing, red besides"):
        student(store).fit(X, np.where(y == "red", "green", "blue"))


def test_labels_of_ones_own(tmp_path):
    X, y = pictures()
    from softlabel import picture_digests

    with CropStoreWriter(
        tmp_path / "s", pictures=picture_digests(X), classes=["blue", "red"], n_crops=1, input_size=(10, 10)
    ) as writer:
        for rows in writer.missing():
            boxes = np.tile([0, 0, 10, 10], (len(rows), 1, 1))
            P = np.stack([y[rows] == "blue", y[rows] == "red"], axis=1).astype(float)[:, None]
            writer.write(rows, boxes, np.zeros((len(rows), 1), bool), P)
    on_whole_pictures = student(tmp_path / "s", m=1).fit(X, y)
    assert same(
        on_whole_pictures, small(augment=None).fit(X, y)
    )  # whole pictures and their given labels: plain training


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"augment": "crop+flip"}, "labels in .* are of crops by 'resized_crop\\+flip'"),
        ({"augment": "mixup"}, "leave augment out"),
        ({"augment": lambda x: x}, "leave augment out"),
        ({"batch_size": 3}, "crops_per_image=4 for 6 stored crops"),
        ({"m": 7}, "crops_per_image=7 for 6 stored crops"),
        ({"m": 0}, "crops_per_image=0"),
        ({"teacher": "f" * 64}, "made by another teacher"),
        ({"loss": "emd"}, None),
    ],
)
def test_settings_that_do_not_go_with_the_store(store, settings, said):
    model = student(store, settings.pop("m", 4), settings.pop("teacher", None), **settings)
    if said is None:
        model.fit(*pictures())
        return
    with pytest.raises(InputError, match=said):
        model.fit(*pictures())


def test_its_own_teacher_is_accepted(store):
    student(store, teacher=teacher(), epochs=1).fit(*pictures())
    student(store, teacher=[teacher()], epochs=1).fit(*pictures())


def test_other_pictures_are_refused(store):
    X, y = pictures()
    other = X.copy()
    other[[3, 8], 0, 0, 0] ^= 1
    with pytest.raises(InputError, match="2 of 40 pictures are not among the 40"):
        student(store).fit(other, y)
    with pytest.raises(InputError, match=r"10 x 10, 3 colours, and these are 9 x 10"):
        student(store).fit(np.ascontiguousarray(X[:, :, :9]), y)
    with pytest.raises(InputError, match="are of pictures"):
        small(network="mlp", network_options=None, labeler=StoredCrops(store)).fit(np.zeros((40, 3)), y)


def test_an_unfinished_store_is_refused_unless_only_its_pictures_are_asked_for(tmp_path):
    class Stop(Exception):
        pass

    def stop(n_labelled, n):
        if n_labelled:
            raise Stop

    X, y = pictures()
    with pytest.raises(Stop):
        label_crops(teacher(), X, tmp_path / "s", n_crops=4, images_per_shard=20, device="cpu", after_shard=stop)
    with pytest.raises(
        InputError, match=r"20 of 40 pictures have no labels in .* yet; .* goes on, or train on those of labelled\(\)"
    ):
        student(tmp_path / "s").fit(X, y)
    there = CropStore(tmp_path / "s").labelled()
    assert len(student(tmp_path / "s").fit(X[there], y[there]).history_) == 2


def test_a_damaged_store_is_refused(tmp_path, store):
    import shutil

    shutil.copytree(store.paths.root, tmp_path / "s")
    file = tmp_path / "s" / "shards" / "00001" / "class_ids.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedRunError, match="made anew"):
        student(tmp_path / "s").fit(*pictures())
    with pytest.raises(RunError, match="does not exist"):
        student(tmp_path / "nothing").fit(*pictures())


def test_it_is_a_plain_setting(tmp_path, store):
    maker = StoredCrops(store, 3, teacher())
    assert pickle.loads(pickle.dumps(maker)) == maker == copy.deepcopy(maker)
    model = small(labeler=maker, epochs=1)
    assert clone(model).labeler == maker
    assert clone(model).set_params(epochs=2).get_params()["labeler"] == maker
    save_model(tmp_path / "model", TorchClassifier(labeler=maker))
    assert load_model(tmp_path / "model").labeler == maker
