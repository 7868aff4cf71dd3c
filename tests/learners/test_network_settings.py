import subprocess
import sys

import numpy as np
import pytest

from softlabel import InputError, TorchClassifier
from softlabel.learners.labelers import OnlineSmoothing, SelfAdaptive
from softlabel.learners.loss_settings import LOSS_NAMES
from softlabel.learners.losses import Focal, TrustWeighted
from softlabel.learners.network_settings import build_options, check_settings
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor


def test_defaults_and_numpys_numbers_pass():
    check_settings(TorchClassifier())
    check_settings(TorchClassifier(epochs=np.int64(3), lr=np.float32(0.1), momentum=0, weight_decay=0, clip_norm=1))
    check_settings(TorchClassifier(warmup=0.0, swa_start=0.0, validation_share=0.5, early_stopping=1, tta="flip+shift"))


@pytest.mark.parametrize("name", ["epochs", "batch_size", "early_stopping", "image_size"])
@pytest.mark.parametrize("value", [0, -1, 1.0, "3", True])
def test_whole_numbers_from_one(name, value):
    with pytest.raises(InputError, match=f"^{name}={value!r}; give a whole number, 1 or more$"):
        check_settings(TorchClassifier(**{name: value}))


def test_whole_numbers_from_zero():
    check_settings(TorchClassifier(workers=0))
    with pytest.raises(InputError, match="workers=-1; give a whole number, 0 or more"):
        check_settings(TorchClassifier(workers=-1))


@pytest.mark.parametrize(
    ("name", "inside", "outside", "words"),
    [
        ("lr", (1e-9, 10), (0, -1), "above 0"),
        ("clip_norm", (1e-9, 10), (0, -1), "above 0"),
        ("gamma", (0.1, 2), (0, None), "above 0"),
        ("weight_decay", (0, 1), (-0.1, None), "0 or more"),
        ("momentum", (0, 0.99), (-0.1, 1, None), "0 or more and below 1"),
        ("validation_share", (0, 0.99), (-0.1, 1, None), "0 or more and below 1"),
        ("warmup", (0, 0.99), (-0.1, 1, None), "0 or more and below 1"),
        ("swa_start", (0, 0.99), (-0.1, 1, None), "0 or more and below 1"),
        ("ema_decay", (0.1, 0.9999), (0, 1, None), "above 0 and below 1"),
        ("hardest", (1e-3, 0.5, 1), (0, -0.1, 1.1), "above 0 and 1 or less"),
    ],
)
def test_numbers_within_their_bounds(name, inside, outside, words):
    for value in inside:
        check_settings(TorchClassifier(**{name: value}))
    for value in (*outside, float("nan"), float("inf"), "0.5", True):
        with pytest.raises(InputError, match=rf"^{name}={value!r}; give a number {words}$"):
            check_settings(TorchClassifier(**{name: value}))


@pytest.mark.parametrize(
    "name", ["lr", "clip_norm", "early_stopping", "image_size", "average", "tta", "loss", "hardest", "labeler"]
)
def test_what_may_be_left_out(name):
    check_settings(TorchClassifier(**{name: None}))


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("optimizer", ("sgd", "adamw")),
        ("schedule", ("one_cycle", "cosine", "steps", "constant")),
        ("precision", ("float32", "bf16")),
        ("average", (None, "ema", "swa")),
    ],
)
def test_choices(name, allowed):
    for value in allowed:
        check_settings(TorchClassifier(**{name: value}))
    with pytest.raises(InputError, match=rf"^{name}='other'; give one of {', '.join(map(str, allowed))}$"):
        check_settings(TorchClassifier(**{name: "other"}))


@pytest.mark.parametrize("learner", [TorchClassifier, TorchMultilabelClassifier, TorchRegressor])
def test_each_kind_has_its_own_losses(learner):
    own = LOSS_NAMES[learner.target_kind]
    for name in own:
        check_settings(learner(loss=name, hardest=0.5))
    check_settings(learner(loss=max))
    for kind, names in LOSS_NAMES.items():
        if kind != learner.target_kind:
            with pytest.raises(InputError, match=rf"loss='{names[0]}'; give one of {', '.join(own)}, or a callable"):
                check_settings(learner(loss=names[0]))


def test_a_loss_of_another_kind_names_its_learner():
    with pytest.raises(InputError, match=r"\(smooth_l1 is for TorchRegressor\)$"):
        check_settings(TorchClassifier(loss="smooth_l1"))
    with pytest.raises(InputError, match=r"\(emd is for TorchClassifier\)$"):
        check_settings(TorchRegressor(loss="emd"))
    with pytest.raises(InputError, match=r"of \(output, targets, weight\)$"):
        check_settings(TorchClassifier(loss=3))


def test_rows_cannot_be_chosen_by_a_loss_that_tells_one_number():
    with pytest.raises(InputError, match=r"hardest=0\.5 .* callable .*; name the loss \(smooth_l1, squared_error\)"):
        check_settings(TorchRegressor(loss=max, hardest=0.5))


def test_rows_can_be_chosen_by_a_loss_with_settings_unless_a_callable_is_within():
    check_settings(TorchClassifier(loss=Focal(1.0), hardest=0.5))
    check_settings(TorchClassifier(loss=TrustWeighted("kl"), labeler=SelfAdaptive(), hardest=0.5))
    with pytest.raises(InputError, match=r"hardest=0\.5 .* callable"):
        check_settings(TorchClassifier(loss=TrustWeighted(max), labeler=SelfAdaptive(), hardest=0.5))


def test_labelers_and_losses_are_checked_with_the_rest():
    with pytest.raises(InputError, match=r"^share=2; give a number 0 or more and 1 or less$"):
        check_settings(TorchClassifier(labeler=OnlineSmoothing(2)))
    with pytest.raises(InputError, match=r"^gamma=-1; give a number 0 or more$"):
        check_settings(TorchClassifier(loss=Focal(-1)))
    with pytest.raises(InputError, match=r"give loss=TrustWeighted\('emd'\), not 'emd'$"):
        check_settings(TorchClassifier(labeler=SelfAdaptive(), loss="emd"))


def test_views_and_options_are_told_before_a_training():
    with pytest.raises(InputError, match="did you mean 'flip'"):
        check_settings(TorchClassifier(tta="flop"))
    with pytest.raises(InputError, match=r"network_options=\[3\]; give a dictionary"):
        check_settings(TorchClassifier(network_options=[3]))


def test_weights_are_chosen_in_one_way():
    with pytest.raises(InputError, match="two ways to choose the weights"):
        check_settings(TorchClassifier(average="ema", early_stopping=3))


def test_the_size_of_pictures_is_an_option_of_timms_models_alone():
    assert build_options(TorchClassifier("timm:x", image_size=32)) == {"input_size": 32}
    assert build_options(TorchClassifier("timm:x")) == {}
    assert build_options(TorchClassifier("small_cnn", image_size=32)) == {}
    for own in ({"input_size": 64}, {"img_size": 64}):  # what is said of the network itself stands
        assert build_options(TorchClassifier("timm:x", image_size=32, network_options=own)) == own
    given = {"drop_rate": 0.5}
    assert build_options(TorchClassifier("timm:x", image_size=32, network_options=given)) == given | {"input_size": 32}
    assert given == {"drop_rate": 0.5}


def test_settings_are_checked_without_torch():
    script = (
        "import sys; from softlabel import TorchClassifier\n"
        "from softlabel.learners.network_settings import check_settings\n"
        "check_settings(TorchClassifier()); assert not {'torch', 'torchvision', 'timm', 'PIL'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stderr == ""
