from __future__ import annotations

import sys
import warnings
from pathlib import Path

import nltk
import numpy as np
import pytest
from nltk.corpus.reader import CorpusReader, WordNetCorpusReader
from nltk.corpus.util import LazyCorpusLoader

import tiny_wordnet
from softlabel.data.wordnet import wordnet_parents, wordnet_similarity
from softlabel.errors import InputError, MissingExtraError
from softlabel.targets.taxonomy import Taxonomy
from tiny_wordnet import SYNSETS, write_wordnet


def fresh_reader(monkeypatch, folder):
    """Let NLTK look for its files in a folder, as if for the first time."""
    monkeypatch.setattr(nltk.data, "path", [str(folder)])
    others = LazyCorpusLoader("omw-1.4", CorpusReader, r".*/wn-data-.*\.tab")
    monkeypatch.setattr(nltk.corpus, "wordnet", LazyCorpusLoader("wordnet", WordNetCorpusReader, others))


@pytest.fixture
def ids(monkeypatch, tmp_path):
    fresh_reader(monkeypatch, tmp_path)
    return write_wordnet(tmp_path / "corpora" / "wordnet")


def test_the_tree_above_some_classes(ids):
    assert wordnet_parents(["car", "cat"]) == {
        "car": "vehicle.n.01",
        "vehicle.n.01": "artifact.n.01",
        "artifact.n.01": "entity.n.01",
        "cat": "carnivore.n.01",
        "carnivore.n.01": "animal.n.01",
        "animal.n.01": "entity.n.01",
    }


def test_of_two_parents_the_one_nearer_to_the_root_is_kept(ids):
    assert wordnet_parents(["dog"]) == {"dog": "pet.n.01", "pet.n.01": "animal.n.01", "animal.n.01": "entity.n.01"}


def test_an_instance_stands_below_what_it_is_an_instance_of(ids):
    assert wordnet_parents(["laika", "dog"])["laika"] == "dog"


def test_a_class_may_be_above_another(ids):
    tree = Taxonomy(wordnet_parents(["animal", "cat"]))
    assert tree.ancestors("cat") == ("entity.n.01", "animal", "carnivore.n.01")


def test_names_synsets_and_ids_are_the_same_classes(ids):
    by_name = wordnet_similarity(["dog", "tabby cat", "car"])
    assert by_name.tobytes() == wordnet_similarity(["dog.n.01", "tabby_cat", "car.n.01"]).tobytes()
    assert by_name.tobytes() == wordnet_similarity([ids[6], ids[8], ids[10]]).tobytes()
    assert wordnet_parents([ids[10]])[ids[10]] == "vehicle.n.01"


def test_similarities_by_hand(ids):
    # entity 1, animal 2, carnivore 3, cat 4, tabby cat 5; artifact 2, vehicle 3, car 4
    found = wordnet_similarity(["cat", "tabby cat", "car", "animal"])
    expected = [
        [1, 2 * 4 / 9, 2 * 1 / 8, 2 * 2 / 6],
        [2 * 4 / 9, 1, 2 * 1 / 9, 2 * 2 / 7],
        [2 * 1 / 8, 2 * 1 / 9, 1, 2 * 1 / 6],
        [2 * 2 / 6, 2 * 2 / 7, 2 * 1 / 6, 1],
    ]
    np.testing.assert_allclose(found, expected)


def test_the_tree_agrees_with_nltk_where_each_has_one_parent(ids):
    names = [f"{lemmas[0].lower()}.n.01" for lemmas, above, _ in SYNSETS if len(above) == 1 and lemmas != ["crane"]]
    names.append("crane.n.02")
    assert len(names) == 10
    tree = Taxonomy(wordnet_parents(names))
    np.testing.assert_allclose(tree.wu_palmer(names), wordnet_similarity(names))
    wordnet = nltk.corpus.wordnet
    for a, b in (("tabby_cat.n.01", "canine.n.01"), ("crane.n.02", "car.n.01")):
        assert tree.wu_palmer([a, b])[0, 1] == pytest.approx(wordnet.synset(a).wup_similarity(wordnet.synset(b)))


def test_where_there_are_two_parents_all_are_known(ids):
    names = ["dog", "cat"]
    assert wordnet_similarity(names)[0, 1] == pytest.approx(2 * 3 / (5 + 4))  # over carnivore
    assert Taxonomy(wordnet_parents(names)).wu_palmer(names)[0, 1] == pytest.approx(2 * 2 / (4 + 4))  # over animal


@pytest.mark.parametrize("way", [1, -1])  # of some pairs NLTK says one thing one way and another the other way
def test_every_pair_has_the_similarity_that_nltk_gives_it(ids, way):
    ids = ids[::way]
    found, wordnet = wordnet_similarity(ids), nltk.corpus.wordnet
    synsets = [wordnet.synset_from_pos_and_offset("n", int(one[1:])) for one in ids]
    assert len(synsets) == 16
    for i, a in enumerate(synsets):
        for j, b in enumerate(synsets[:i]):
            assert found[i, j] == found[j, i] == pytest.approx(a.wup_similarity(b)), (a, b)
    assert (np.diag(found) == 1).all()


def test_nouns_below_different_roots_have_nothing_in_common(ids, monkeypatch):
    monkeypatch.setattr(tiny_wordnet, "SYNSETS", [(["entity"], [], []), (["idea"], [], [])])
    write_wordnet(Path(nltk.data.path[0]) / "other" / "corpora" / "wordnet")
    fresh_reader(monkeypatch, Path(nltk.data.path[0]) / "other")
    assert wordnet_similarity(["entity", "idea"]).tolist() == [[1, 0], [0, 1]]


def test_several_meanings_are_told_and_the_first_is_taken(ids):
    with pytest.warns(
        UserWarning,
        match=r"^1 classes have several meanings in WordNet, and the first was taken: crane is crane\.n\.01 of 2;",
    ):
        parents = wordnet_parents(["crane", "car"])
    assert parents["crane"] == "animal.n.01"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert wordnet_parents(["crane.n.02"])["crane.n.02"] == "artifact.n.01"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (
            ["dog", "snark", "n00000003", "boojum.n.01", "car.n.07"],
            r"^4 of 5 classes are no nouns of WordNet: 'snark', 'n00000003', 'boo",
        ),
        (["dog", "domestic dog"], r"'dog' and 'domestic dog' are one synset of WordNet, dog\.n\.01; give the ids"),
        (["dog", "dog"], r"^the class 'dog' is named twice; name each class once$"),
    ],
)
def test_classes_that_cannot_be_placed(ids, names, says):
    with pytest.raises(InputError, match=says):
        wordnet_parents(names)


def test_without_the_files_it_says_how_to_get_them(monkeypatch, tmp_path):
    fresh_reader(monkeypatch, tmp_path)
    with pytest.raises(
        InputError, match=r"^WordNet's files are not on this machine; fetch them with python -m nltk"
    ) as caught:
        wordnet_similarity(["dog"])
    assert "\n" not in str(caught.value)


def test_without_the_library_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "nltk.corpus", None)
    with pytest.raises(MissingExtraError, match=r"nltk is not installed; .*pip install 'softlabel\[wordnet\]'"):
        wordnet_parents(["dog"])
