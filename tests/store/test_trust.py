from __future__ import annotations

from softlabel.store.trust import trusted_names


def test_classes_of_known_packages_are_filled_not_called():
    assert trusted_names({"sklearn.tree._tree.Tree": {"TreeNode"}}) == {"sklearn.tree._tree.Tree"}
    assert trusted_names({"lightgbm.basic.Booster": {"ObjectNode"}}) == {"lightgbm.basic.Booster"}
    assert trusted_names({"softlabel.learners.x.Y": {"ObjectNode"}}) == {"softlabel.learners.x.Y"}


def test_other_packages_and_look_alikes_are_not():
    assert (
        trusted_names({"os.path.join": {"ObjectNode"}, "sklearnish.A": {"ObjectNode"}, "None.None": {"ObjectNode"}})
        == set()
    )


def test_calling_is_another_matter():
    for loader in (
        "ConstructorFromReduceNode",
        "TypeNode",
        "FunctionNode",
        "PartialNode",
        "ListNode",
        "MethodNode",
        "NdArrayNode",
    ):
        assert trusted_names({"numpy.memmap": {loader}}) == set()
        assert (
            trusted_names({"numpy.memmap": {"ObjectNode", loader}}) == set()
        )  # one harmless use does not open the door


def test_functions_by_name():
    assert trusted_names({"skrub._dataframe._common.is_numeric": {"FunctionNode"}})
    assert not trusted_names({"softlabel.store.atomic.write_bytes": {"FunctionNode"}})
    assert not trusted_names({"softlabel.learners.names.named_estimator": {"FunctionNode"}})
    assert not trusted_names({"numpy.testing._private.utils.runstring": {"FunctionNode"}})


def test_torch_is_not_among_the_packages():
    """Its classes can be filled with more than data: some unpickle what they are given."""
    assert not trusted_names({"torch.nn.modules.linear.Linear": {"ObjectNode"}})
    assert not trusted_names({"torchvision.transforms.v2._geometry.RandomCrop": {"ObjectNode"}})
