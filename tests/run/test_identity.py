from __future__ import annotations

import pytest

from softlabel.errors import InputError, RunConflictError
from softlabel.methods.auto_settings import AUTO_RULE
from softlabel.run.config import make_config
from softlabel.run.identity import check_same_run, identity_differences, identity_of

PRINT = {"sha256": "a", "n_rows": 10, "n_columns": 2}
RECORD = {"identity": {"momentum": 0.75, "drop": []}, "fingerprint": {"source": PRINT}, "rounds": 3}


def test_the_same_run_may_go_on_and_grow():
    check_same_run(RECORD, RECORD["identity"], RECORD["fingerprint"], 3)
    check_same_run(RECORD, RECORD["identity"], RECORD["fingerprint"], 5)


@pytest.mark.parametrize(
    ("identity", "prints", "rounds", "message"),
    [
        ({"momentum": 0.5, "drop": []}, RECORD["fingerprint"], 3, "momentum was 0.75, now 0.5"),
        ({"momentum": 0.75, "drop": ["x"]}, RECORD["fingerprint"], 3, r"drop was not given, now \['x'\]"),
        ({"momentum": 0.75, "drop": [], "new_key": 1}, RECORD["fingerprint"], 3, "new-key was not given, now 1"),
        (RECORD["identity"], {"source": PRINT | {"sha256": "b"}}, 3, "the data changed"),
        (RECORD["identity"], {"source": PRINT, "test": PRINT}, 3, "the test data was missing and is now given"),
        (RECORD["identity"], {}, 3, "the data was given and is now missing"),
        (RECORD["identity"], RECORD["fingerprint"], 2, "rounds was 3, now 2"),
    ],
)
def test_each_difference_is_named(identity, prints, rounds, message):
    with pytest.raises(RunConflictError, match=message):
        check_same_run(RECORD, identity, prints, rounds)


def test_an_identity_is_in_the_form_that_it_is_stored_in():
    config = make_config({"source": "iris", "out": "x", "estimator": "mlp", "drop": ("a",)})
    identity = identity_of(config, [("mlp", {"hidden_layer_sizes": (4, 2)})])
    assert identity["estimator"] == [["mlp", {"hidden_layer_sizes": [4, 2]}]]
    assert identity["drop"] == ["a"]


def test_a_run_of_an_earlier_version_goes_on():
    config = make_config({"source": "iris", "out": "x"})
    identity = identity_of(config, [("extra_trees", {})])
    older = {key: value for key, value in identity.items() if value is not None}
    check_same_run(RECORD | {"identity": older}, identity, RECORD["fingerprint"], 3)


def test_rounds_that_another_rule_chose_are_not_gone_on_with():
    def mark(**values):
        return identity_of(make_config({"source": "iris", "out": "x", **values}), [("extra_trees", {})])

    auto = mark()
    stored = {key: value for key, value in auto.items() if key != "auto_rule"}  # before the rule was part of it
    told = f"another run: final-targets=auto chose by rule 1 in the version that began it, and here by rule {AUTO_RULE}. Give"
    with pytest.raises(RunConflictError, match=told):
        check_same_run(RECORD | {"identity": stored}, auto, RECORD["fingerprint"], 3)
    bayes = mark(final_targets="pruned", momentum="bayes")
    stored = {key: value for key, value in bayes.items() if key != "auto_rule"}
    with pytest.raises(RunConflictError, match=f"momentum=bayes went by rule 1 in .* here by rule {AUTO_RULE}. Give"):
        check_same_run(RECORD | {"identity": stored}, bayes, RECORD["fingerprint"], 3)
    pruned = mark(final_targets="pruned")  # nothing is chosen, by no rule
    assert "auto_rule" not in pruned
    told = identity_differences(auto, pruned, {}, {})
    assert "final-targets was 'auto', now 'pruned'" in told
    assert not any("rule" in difference for difference in told)
    assert "auto_rule" not in mark(method="label-refinery", rounds=None)


def test_a_file_of_weights_is_known_by_its_content(tmp_path):
    def mark(name, content):
        (tmp_path / name).write_bytes(content)
        config = make_config({"source": "iris", "out": "x", "weights": str(tmp_path / name)})
        return identity_of(config, [])["weights"]

    assert mark("a.pt", b"1") == mark("b.pt", b"1") != mark("a.pt", b"2")
    config = make_config({"source": "iris", "out": "x", "weights": "pretrained"})
    assert identity_of(config, [])["weights"] == "pretrained"
    config = make_config({"source": "iris", "out": "x", "weights": str(tmp_path)})
    with pytest.raises(InputError, match="cannot be read"):
        identity_of(config, [])


def test_what_changes_no_result_is_left_out():
    def mark(settings):
        config = make_config({"source": "iris", "out": "x", "set": settings})
        return identity_of(config, [("small_cnn", settings)])

    assert mark({"workers": 2, "verbose": 1}) == mark({}) == mark({"2.device": "cpu"}) | {"set": {}}
    assert mark({"momentum": 0.5}) != mark({})


def test_so_is_one_that_is_set_for_a_single_estimator(tmp_path):
    def mark(name, content):
        (tmp_path / name).write_bytes(content)
        config = make_config({"source": "iris", "out": "x", "set": {"2.weights": str(tmp_path / name)}})
        identity = identity_of(config, [("mlp", {}), ("se_resnet8", {"weights": str(tmp_path / name)})])
        return identity["estimator"][1][1]["weights"], identity["set"]["2.weights"]

    assert mark("a.pt", b"1") == mark("b.pt", b"1") != mark("a.pt", b"2")
    knn = identity_of(make_config({"source": "iris", "out": "x"}), [("knn", {"weights": "distance"})])
    assert knn["estimator"] == [["knn", {"weights": "distance"}]]


def test_a_column_of_labels_that_only_one_names_makes_no_difference_but_another_content_does():
    prints = [{"source": {"sha256": "s", "n_rows": 3, "n_columns": 2}} for _ in range(3)]
    for at, digest in ((1, "a"), (2, "b")):
        prints[at]["column crowd"] = {"sha256": digest, "n_rows": 3, "n_columns": 1}
    assert identity_differences({}, {}, prints[0], prints[1]) == []
    assert identity_differences({}, {}, prints[1], prints[0]) == []
    assert identity_differences({}, {}, prints[1], prints[2]) == ["column crowd changed"]
