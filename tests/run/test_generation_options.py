from types import SimpleNamespace

import pytest

from softlabel.errors import InputError
from softlabel.run.config import RefineConfig, make_config
from softlabel.run.generation_options import METHOD_NAMES, options_of_others

GIVEN = {"source": "photos", "out": "run"}


def made(**options):
    return make_config(GIVEN | options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"generations": 2},
            r"--generations: no option of --method slr; give --method label-refinery, or leave it out",
        ),
        ({"teacher": "folds"}, r"--teacher: no option of --method slr; give --method label-refinery or ldl"),
        (
            {"method": "ldl", "labels": "soft_static"},
            r"--labels: no option of --method ldl; give --method label-refinery",
        ),
        (
            {"method": "label-refinery", "mix": "mixup"},
            r"--mix: no option of --method label-refinery; give --method ldl",
        ),
        (
            {"method": "label-refinery", "rounds": 6},
            r"--rounds: no option of --method label-refinery; give --method slr",
        ),
        ({"method": "ldl", "mix": "mixup", "guard": 0.2}, r"--guard: no option of --method ldl; give --method slr"),
        ({"method": "ldl", "generations": 2, "rounds": 5}, r"--rounds, --generations: no option.*; leave them out$"),
        ({"method": "ldl", "student": "small_cnn", "estimator": "small_cnn"}, r"--student and --estimator both say"),
        ({"method": "refinery"}, r"method='refinery': give slr, label-refinery or ldl$"),
        ({"method": "label-refinery", "generations": 0}, r"generations=0: give a whole number, 1 or more$"),
        ({"method": "label-refinery", "adversarial": -1}, r"adversarial=-1: give a number above 0$"),
        ({"method": "label-refinery", "labels": "soft"}, r"labels='soft': give soft_dynamic, hard_dynamic"),
    ],
)
def test_what_does_not_go_together_is_told(options, message):
    with pytest.raises(InputError, match=message):
        made(**options)


def test_to_say_the_default_of_another_method_is_no_mistake():
    assert made(method="ldl", rounds=3, momentum="auto").rounds == 3


def test_a_student_is_the_estimator():
    config = made(method="label-refinery", student=["small_cnn", "se_resnet8"])
    assert config.estimator == ("small_cnn", "se_resnet8")
    assert config.student is None


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({"rounds": 4}, 4),
        ({"method": "label-refinery"}, 3),
        ({"method": "label-refinery", "generations": 5}, 5),
        ({"method": "label-refinery", "student": ["a", "b"]}, 2),
        ({"method": "label-refinery", "labels": "taxonomy", "taxonomy": "wordnet"}, 1),
        ({"method": "ldl"}, 2),
        ({"method": "ldl", "teacher": "folds"}, 2),
        ({"method": "ldl", "teacher": ["runs/one", "runs/two"]}, 1),
    ],
    ids=str,
)
def test_how_long_a_run_is(options, steps):
    assert made(**options).n_steps == steps


def test_every_option_of_another_method_is_one():
    for method in METHOD_NAMES:
        assert set(options_of_others(method)) <= RefineConfig.model_fields.keys()


def test_what_a_run_is_holds_the_options_of_its_method_alone():
    slr, refinery = made(rounds=2).identity(), made(method="label-refinery", labels="soft_static").identity()
    assert "labels" not in slr
    assert "momentum" in slr
    assert refinery["labels"] == "soft_static"
    assert not {"momentum", "generations", "student"} & refinery.keys()


def test_other_configurations_have_no_such_options():
    refuse = pytest.importorskip("softlabel.run.generation_options").refuse_others
    refuse(SimpleNamespace(method="slr", model_fields_set=set(), estimator=()))
