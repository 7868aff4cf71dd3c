import pytest

from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.label_config import LabelConfig

LEAST = {"source": "photos", "out": "labels", "teacher": "runs/a"}


def made(**values):
    return make_config(LEAST | values, kind=LabelConfig)


def test_what_holds_where_nothing_is_said():
    config = made()
    assert (config.crops, config.top, config.teacher_mode, config.augment, config.batch_size, config.seed) == (
        *(16, 5, "eval", "resized_crop+flip", 256),
        0,
    )
    assert config.teacher == ("runs/a",)
    assert made(teacher=["a", "b"]).teacher == ("a", "b")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"crops": 0}, "crops=0: give a whole number, 1 or more"),
        ({"top": "few"}, "top='few': give a whole number"),
        ({"teacher_mode": "both"}, "give eval or train"),
        ({"augment": "crop+mixup"}, "has mixup"),
        ({"augment": "zoom"}, "unknown word 'zoom'"),
        ({"batch_size": 0}, "batch-size=0"),
        ({"rounds": 3}, "unknown key 'rounds'"),
        ({"teacher": None}, "teacher is missing; give run directories"),
        ({"teacher": []}, "the path of a run directory, or a list of them"),
    ],
)
def test_what_cannot_be_is_refused(values, said):
    with pytest.raises(InputError, match=said):
        made(**values)


def test_a_file_that_is_shared_with_refine_is_read(tmp_path):
    (tmp_path / "all.toml").write_text('crops = 4\nrounds = 6\nimage-size = 32\nteacher = ["a", "b"]\n')
    with pytest.warns(UserWarning, match="also gives rounds"):
        config = make_config({"source": "photos", "out": "labels"}, tmp_path / "all.toml", kind=LabelConfig)
    assert (config.crops, config.image_size, config.teacher) == (4, 32, ("a", "b"))
