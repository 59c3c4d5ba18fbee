import pickle
from copy import deepcopy
from types import SimpleNamespace

import pandas as pd
import pytest

from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, Record, commit_as_analysis


@pytest.fixture
def tree():
    root = Analysis(pd.DataFrame({"n": [1], "x": [0.0]}))
    root.add("sampling a", "a", comment="the first").add("maps of a", "d")
    root.add("sampling b", "b")
    return root


def test_children_are_found_by_label(tree):
    assert list(tree) == tree.labels == ["a", "b"]
    assert len(tree) == 2
    assert "a" in tree
    assert "c" not in tree
    assert tree["a"]["d"].data == "maps of a"
    assert tree["a"].comment == "the first"
    assert tree["a"].subtree is tree["a"]


def test_a_node_knows_its_parent(tree):
    assert tree["a"]["d"].get_parent() is tree["a"]
    with pytest.raises(MissingResultError, match="root"):
        tree.get_parent()


def test_get_child_without_label_takes_the_only_child(tree):
    assert tree["a"].get_child().data == "maps of a"
    assert tree.get_child("b").data == "sampling b"
    with pytest.raises(MissingResultError, match=r"2 children, expected one.* only 'a', 'b'"):
        tree.get_child()
    with pytest.raises(MissingResultError, match=r"analysis 'b' has 0 children.* none"):
        tree["b"].get_child()


def test_a_missing_label_is_an_error_that_lists_those_there_are(tree):
    with pytest.raises(
        MissingResultError, match="root of the tree has no child 'c', only 'a', 'b'"
    ):
        tree["c"]


def test_adding_a_label_again_replaces_the_subtree(tree):
    tree.add("another", "a")
    assert tree["a"].data == "another"
    assert len(tree["a"]) == 0


@pytest.mark.parametrize("label", ["", ".", "..", "a/b", "a\0", "\udc80", 1.5, True])
def test_labels_that_cannot_name_a_group_are_refused(tree, label):
    with pytest.raises(InvalidInputError, match="label is"):
        tree.add(None, label)


def test_a_leaf_is_true(tree):
    assert tree["b"]


def test_commit_adds_below_a_node_or_a_region(tree):
    region = SimpleNamespace(subtree=tree)
    assert commit_as_analysis("c", "sampling c", region, "mine") is tree["c"]
    assert tree["c"].comment == "mine"
    assert commit_as_analysis(None, "first", tree["c"]).label == 0
    assert commit_as_analysis(None, "second", tree["c"]).label == 1


def test_commit_takes_the_record_of_what_it_unwraps(tree):
    wrapped = Analysis("maps", parent=tree["b"], record=Record({}, "hash"), metadata={"os": "any"})
    node = commit_as_analysis("d", wrapped, tree["b"])
    assert (node.data, node.record, node.metadata) == ("maps", Record({}, "hash"), {"os": "any"})


def test_repr_shows_the_tree(partition, maps):
    root = Analysis(partition.points)
    root.add(partition, "roi000", "left half").add(maps, "dv")
    root.add(partition, 1)
    assert repr(root).splitlines() == [
        "110 localizations (n x y t dx dy dt)",
        "├── 'roi000': Partition of 110 points, 8 cells  # left half",
        "│   └── 'dv': Maps(stochastic.dv: diffusivity, potential, force; 5 cells)",
        "└── 1: Partition of 110 points, 8 cells",
    ]


def test_in_a_notebook_a_sampling_and_maps_are_described(partition, maps):
    tree = Analysis(partition.points)
    sampling = tree.add(partition, "roi<0>")
    node = sampling.add(maps, "dv")
    assert "roi&lt;0&gt;" in tree._repr_html_()
    assert "<table>" not in tree._repr_html_()
    assert "translocations per cell" in sampling._repr_html_()
    assert "dv" in sampling._repr_html_()
    assert "diffusivity" in node._repr_html_()
    assert "<table>" in node._repr_html_()


def test_children_are_set_and_deleted_as_in_a_dict(tree):
    tree["c"] = "sampling c"
    tree["c"]["e"] = "maps of c"
    assert tree["c"].parent is tree
    assert tree["c"]["e"].data == "maps of c"
    assert tree.comments == {"a": "the first"}
    tree.comments["c"] = "third"
    assert tree["c"].comment == "third"
    del tree["a"]
    assert tree.labels == ["b", "c"]
    with pytest.raises(MissingResultError, match="a"):
        del tree["a"]


def test_a_node_commits_itself_to_its_parent(tree):
    made = Analysis("maps", tree["b"]).commit_as_analysis("f")
    assert tree["b"]["f"] is made
    with pytest.raises(MissingResultError, match="no parent"):
        Analysis("maps").commit_as_analysis("f")


def test_trees_are_united(tree):
    other = Analysis(tree.data)
    other.add("another", "a").add("other maps", "g")
    Analysis.rebase_tree(tree, other)
    assert tree["a"].data == "sampling a"
    assert tree["a"].labels == ["d", "g"]


def test_a_node_is_added_with_all_below_it_and_the_first_free_number(tree):
    other = Analysis("another")
    other.add("below", "b")
    assert tree.add(other, label="c", comment="of another") is tree["c"]
    assert tree["c"]["b"].data == "below"
    assert tree.comments["c"] == "of another"
    assert tree.comments["b"] is None
    assert tree.add("numbered").label == 0


def test_a_tree_is_printed_as_the_original_prints_it(tree):
    tree.add(None, 1)
    assert str(tree).splitlines() == [
        "<class 'pandas.core.frame.DataFrame'>",  # in every version of pandas
        "\t'a' <class 'str'>",
        '\t"the first"',
        "\t\t'd' <class 'str'>",
        "\t'b' <class 'str'>",
        "\t[1] <class 'NoneType'>",
    ]
    assert str(tree["b"]) == "<Analyses <class 'str'>>"


def test_types_are_called_as_in_the_original(maps, partition):
    root = Analysis(partition)
    root.add(maps, "d")
    assert str(root).splitlines() == [
        "<class 'tramway.tessellation.base.Partition'>",
        "\t'd' <class 'tramway.inference.base.Maps'>",
    ]


def test_children_are_found_as_in_the_original(tree):
    assert tree.instances["a"].artefact is tree["a"].data
    assert (tree.autoindex(), tree.autoindex("b*"), tree.autoindex("b")) == (0, "b0", "b")


def test_maps_below_maps_know_the_partition(maps, partition):
    node = Analysis(partition).add(deepcopy(maps), "d").add(maps, "bayes factor")
    assert node.data.inferred_from() is partition


def test_data_that_are_found_are_in_copies_but_not_sent(tree):
    table, tree.data = tree.data, None
    tree.find_data = lambda: table
    assert tree.data is table
    pd.testing.assert_frame_equal(deepcopy(tree).data, table)
    assert pickle.loads(pickle.dumps(tree)).data is None
