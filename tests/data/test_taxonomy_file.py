from __future__ import annotations

import pytest

from softlabel.data.taxonomy_file import read_taxonomy
from softlabel.errors import InputError


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tree.csv", 'child,parent\ndog,animal\n"cat, tabby",animal\nanimal,\n'),
        ("tree.csv", '\ufeffchild,note,parent\r\ndog,,animal\r\n"cat, tabby",x,animal\r\n'),
        ("tree.TSV", "child\tparent\ndog\tanimal\ncat, tabby\tanimal\n"),
    ],
)
def test_a_tree_from_a_file(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    tree = read_taxonomy(tmp_path / name)
    assert set(tree.nodes) == {"dog", "cat, tabby", "animal"}
    assert tree.roots == ("animal",)
    assert tree.ancestors("cat, tabby") == ("animal",)


def test_names_are_read_to_the_letter(tmp_path):
    (tmp_path / "tree.csv").write_text("child,parent\n007,NA\n7,NA\n")
    assert read_taxonomy(tmp_path / "tree.csv").nodes == ("007", "NA", "7")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "tree.csv",
            "name,parent\ndog,animal\n",
            r"tree\.csv has no column 'child'; its columns are 'name', 'parent'$",
        ),
        (
            "tree.csv",
            "child\tparent\ndog\tanimal\n",
            r"has no column 'child' and no column 'parent'; its columns are 'child",
        ),
        ("tree.csv", "", r"has no column 'child' and no column 'parent'; its columns are none$"),
        ("tree.csv", "child,parent\ndog,animal\n,animal\n", r"has no child in line 3 \(1 such lines\); name one"),
        (
            "tree.csv",
            "child,parent\ndog,animal\ndog,pet\n",
            r"tree\.csv: the taxonomy has two parents of 'dog': 'animal' and 'pet'",
        ),
        ("tree.txt", "child,parent\n", r"tree\.txt is no class tree; give a \.csv or \.tsv file"),
    ],
)
def test_what_is_no_tree(tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=says):
        read_taxonomy(tmp_path / name)


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv cannot be read \(No such file or directory\)"):
        read_taxonomy(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_bytes(b"child,parent\n\xff\xfe,x\n")
    with pytest.raises(InputError, match=r"odd\.csv is no table of UTF-8 text"):
        read_taxonomy(tmp_path / "odd.csv")
