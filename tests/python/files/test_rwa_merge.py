import shutil

import h5py
import numpy as np
import pandas as pd
import pytest

from tramway.files import Analysis, Record, atomic_write, read_rwa, save_rwa
from tramway.files.artefact import decode_artefact, encode_artefact
from tramway.files.atomic_write import write_lock
from tramway.files.stored_artefact import identity
from tramway.inference import Maps


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walks.rwa"


def some_maps(value):
    return Maps(pd.DataFrame({"diffusivity": [value]}, index=[3]), "d")


def diffusivity(node):
    return float(node.data["diffusivity"].iloc[0, 0])


def test_labels_on_either_side_are_united(path, make_tree):
    save_rwa(path, make_tree("roi000"))
    assert save_rwa(path, make_tree("roi001")) == []
    assert set(read_rwa(path)) == {"roi000", "roi001"}


def test_below_equal_records_the_analyses_are_united(path, make_tree):
    save_rwa(path, make_tree())
    other = make_tree()
    other["roi000"].add(some_maps(1.0), "d", record=Record({}, "of the sampling"))
    del other["roi000"]._children["stochastic.dv"]
    assert save_rwa(path, other) == []
    result = read_rwa(path)["roi000"]
    assert set(result) == {"stochastic.dv", "d"}
    assert result["stochastic.dv"].comment == "a map"


def test_maps_made_again_with_an_equal_record_replace_the_old(path, make_tree):
    # For instance because the first inference was cut short.
    save_rwa(path, make_tree())
    again = make_tree()
    node = again["roi000"]["stochastic.dv"]
    again["roi000"].add(some_maps(7.0), "stochastic.dv", record=node.record)
    assert save_rwa(path, again) == []
    assert diffusivity(read_rwa(path)["roi000"]["stochastic.dv"]) == 7.0


def test_another_record_replaces_the_subtree(path, make_tree):
    save_rwa(path, make_tree(resolution=1.2))
    other = make_tree(resolution=1.3)
    del other["roi000"]._children["stochastic.dv"]
    (note,) = save_rwa(path, other)
    assert "'roi000' in 'walks.rwa'" in note
    assert "replaced, with the 1 analyses below it" in note
    result = read_rwa(path)
    assert list(result) == ["roi000"]
    assert len(result["roi000"]) == 0
    assert result["roi000"].record == other["roi000"].record


def test_another_prior_replaces_the_maps_only(path, make_tree):
    save_rwa(path, make_tree(prior=20))
    (note,) = save_rwa(path, make_tree(prior=5))
    assert "'stochastic.dv'" in note
    result = read_rwa(path)["roi000"]
    assert list(result) == ["stochastic.dv"]
    assert result["stochastic.dv"].record.parameters == {"diffusivity_prior": 5}


def test_what_has_no_record_is_kept_under_another_label(path, make_tree):
    by_hand = make_tree(resolution=None, prior=None)
    by_hand["roi000"].data.param["method"] = "by hand"
    save_rwa(path, by_hand)
    (note,) = save_rwa(path, make_tree())
    assert "kept as 'roi000 (previous)'" in note
    result = read_rwa(path)
    assert set(result) == {"roi000", "roi000 (previous)"}
    assert result["roi000"].record is not None
    assert result["roi000 (previous)"].data.param["method"] == "by hand"
    assert result["roi000 (previous)"].comment == "first region"
    assert list(result["roi000 (previous)"]) == ["stochastic.dv"]


def test_previous_ones_are_numbered(path, make_tree):
    for value in (1.0, 2.0, 3.0):
        tree = make_tree()
        tree["roi000"].add(some_maps(value), "by hand")
        save_rwa(path, tree)
    result = read_rwa(path)["roi000"]
    assert diffusivity(result["by hand"]) == 3.0
    assert diffusivity(result["by hand (previous)"]) == 1.0
    assert diffusivity(result["by hand (previous 2)"]) == 2.0


def test_a_sampling_is_kept_if_something_made_by_hand_is_below_it(path, make_tree):
    tree = make_tree(resolution=1.2)
    tree["roi000"].add(some_maps(1.0), "by hand")
    save_rwa(path, tree)
    save_rwa(path, make_tree(resolution=1.3))
    assert diffusivity(read_rwa(path)["roi000 (previous)"]["by hand"]) == 1.0


def test_a_record_that_cannot_be_read_protects_what_it_belongs_to(path, make_tree):
    save_rwa(path, make_tree())
    with h5py.File(path, "a") as file:
        metadata = file["analyses/_instances/items/roi000/_metadata/items"]
        del metadata["record"]
        metadata["record"] = np.bytes_(b"nonsense")
    assert read_rwa(path)["roi000"].metadata == {"record": "nonsense"}
    save_rwa(path, make_tree())
    assert "roi000 (previous)" in read_rwa(path)


def test_equal_contents_without_record_are_the_same(path, make_tree):
    for _ in range(2):
        assert save_rwa(path, make_tree(resolution=None, prior=None)) == []
    assert list(read_rwa(path)) == ["roi000"]


def test_what_is_to_be_stored_and_what_is_stored_have_the_same_identity(path, make_tree):
    # By it a tree knows what it has in a file, without looking into that.
    tree = make_tree()
    tree.add({"é": "µm", "": b"", "none": [], 3: [True, 1.5, (2, "x")]}, "texts")
    tree.add({"large": np.arange(1e4), "small": np.float32(2), "no": np.zeros((0, 3))}, "sizes")
    save_rwa(path, tree)
    with h5py.File(path) as file:
        for node in (tree, tree["texts"], tree["sizes"]):
            assert node.stored.identity == identity(file[node.stored.place])


def test_maps_that_took_another_time_are_the_same(path, make_tree):
    for runtime in (0.1, 0.2):
        tree = make_tree()
        maps = some_maps(1.0)
        maps.runtime = runtime
        tree["roi000"].add(maps, "by hand")
        assert save_rwa(path, tree) == []
    assert set(read_rwa(path)["roi000"]) == {"stochastic.dv", "by hand"}


def test_saving_again_changes_nothing(path, make_tree, contents_of):
    tree = make_tree(prior=None)
    save_rwa(path, tree)
    before = contents_of(path)
    assert save_rwa(path, tree) == []
    assert save_rwa(path, read_rwa(path)) == []
    assert contents_of(path) == before


def test_a_tree_read_from_the_original_goes_back_unchanged(path, original_files, contents_of):
    shutil.copy(original_files / "named.rwa", path)
    tree = read_rwa(path)
    tree["kmeans"].add(some_maps(1.0), "more")
    assert save_rwa(path, tree) == []
    nodes = [f"analyses/_instances/values/{rank}" for rank in range(5)]
    for node in ("analyses", *nodes):
        original = contents_of(original_files / "named.rwa", f"{node}/_data")
        assert contents_of(path, f"{node}/_data") == original
    assert list(read_rwa(path)["kmeans"]) == ["d", "more"]


def test_unknown_objects_survive_in_other_files_too(path, original_files, contents_of):
    tree = read_rwa(original_files / "named.rwa")
    save_rwa(path, tree)
    for rank in (1, 2, 3):  # kmeans, grid, kdtree
        mesh = f"analyses/_instances/values/{rank}/_data/_tessellation"
        assert contents_of(path, mesh) == contents_of(original_files / "named.rwa", mesh)


def test_results_that_came_in_meanwhile_are_not_undone(path, make_tree):
    save_rwa(path, make_tree(resolution=1.2))
    stale = read_rwa(path)
    sampling = stale["roi000"].data
    save_rwa(path, make_tree(resolution=1.3))
    stale.add(sampling, "roi001", record=Record({}, "another"))
    assert save_rwa(path, stale) == []
    result = read_rwa(path)
    assert result["roi000"].record.parameters == {"resolution": 1.3}
    assert "roi001" in result


def test_new_maps_never_hang_below_another_sampling(path, make_tree):
    save_rwa(path, make_tree(resolution=1.2))
    stale = read_rwa(path)
    assert stale["roi000"].data is stale["roi000"]["stochastic.dv"].data.partition
    save_rwa(path, make_tree(resolution=1.3))
    stale["roi000"].add(some_maps(1.0), "d", record=Record({}, "of the first"))
    (note,) = save_rwa(path, stale)
    assert "replaced" in note
    result = read_rwa(path)["roi000"]
    assert result.record.parameters == {"resolution": 1.2}
    assert set(result) == {"stochastic.dv", "d"}


def test_a_tree_saved_to_another_file_replaces_what_is_there(tmp_path, path, make_tree):
    save_rwa(path, make_tree(resolution=1.2))
    save_rwa(tmp_path / "other.rwa", make_tree(resolution=1.3))
    (note,) = save_rwa(path, read_rwa(tmp_path / "other.rwa"))
    assert "replaced" in note
    assert read_rwa(path)["roi000"].record.parameters == {"resolution": 1.3}


def test_samplings_of_other_localizations_keep_theirs(path, original_files, make_tree):
    # The partitions of the original have no points of their own: they use those of the root.
    shutil.copy(original_files / "named.rwa", path)
    points = read_rwa(path).data
    tree = make_tree()
    (note,) = save_rwa(path, tree)
    assert "the localizations in 'walks.rwa' were others" in note
    result = read_rwa(path)
    pd.testing.assert_frame_equal(result.data, tree.data)
    for label in ("hexagon", "kmeans", 7):
        pd.testing.assert_frame_equal(result[label].data.points, points)


def test_the_localizations_of_the_file_stay_where_the_tree_has_none(path, make_tree):
    tree = make_tree()
    save_rwa(path, tree)
    assert save_rwa(path, Analysis()) == []
    pd.testing.assert_frame_equal(read_rwa(path).data, tree.data)


def test_facts_about_the_localizations_are_updated(path, make_tree):
    tree = make_tree()
    tree.data.attrs["temperature"] = 300.0
    save_rwa(path, tree)
    tree = make_tree()
    tree.data.attrs = {"localization_error": 4e-4}
    assert save_rwa(path, tree) == []
    expected = {"frame_interval": 0.04, "localization_error": 4e-4, "temperature": 300.0}
    assert read_rwa(path).data.attrs == expected


def test_metadata_and_comments_are_united(path, make_tree):
    tree = make_tree()
    tree.metadata["os"] = "linux"
    save_rwa(path, tree)
    tree = make_tree()
    tree["roi000"].comment = None
    tree["roi000"]["stochastic.dv"].comment = "a better map"
    save_rwa(path, tree)
    result = read_rwa(path)
    assert result.metadata == {"datafile": "walks.txt", "os": "linux"}
    assert result["roi000"].comment == "first region"
    assert result["roi000"]["stochastic.dv"].comment == "a better map"


@pytest.mark.skipif(atomic_write.sys.platform == "win32", reason="locks of POSIX systems")
def test_a_lock_that_is_not_released_is_noted(path, make_tree, monkeypatch):
    monkeypatch.setattr(atomic_write, "LOCK_PATIENCE", 0.0)
    with write_lock(path):
        (note,) = save_rwa(path, make_tree())
    assert "'walks.rwa' is locked by another process" in note
    assert "roi000" in read_rwa(path)


def test_what_was_deleted_is_deleted_in_the_file(path, make_tree):
    save_rwa(path, make_tree("roi000"))
    save_rwa(path, make_tree("roi001"))
    tree = read_rwa(path)
    del tree["roi000"]
    assert tree.modified()
    save_rwa(path, tree)
    assert not tree.modified()
    assert set(read_rwa(path)) == {"roi001"}


def test_what_was_deleted_and_made_anew_is_replaced(path, make_tree):
    save_rwa(path, make_tree(resolution=1.2))
    tree = read_rwa(path)
    del tree["roi000"]
    tree["roi000"] = make_tree(resolution=1.3)["roi000"].data
    save_rwa(path, tree)
    assert set(read_rwa(path)) == {"roi000"}


def test_what_others_have_replaced_since_is_not_deleted(path, make_tree):
    save_rwa(path, make_tree(resolution=1.2))
    tree = read_rwa(path)
    save_rwa(path, make_tree(resolution=1.3))
    del tree["roi000"]
    save_rwa(path, tree)
    assert set(read_rwa(path)) == {"roi000"}


def test_a_tree_that_was_saved_can_be_sent_to_other_processes(path, make_tree):
    tree = make_tree()
    tree["roi000"].add(some_maps(1.0), "by hand")
    save_rwa(path, tree)
    tree = read_rwa(path)
    assert diffusivity(tree["roi000"]["by hand"]) == 1.0  # read, and then copied within the file
    tree["roi000"].add(some_maps(2.0), "later")
    save_rwa(path, tree)
    sent = decode_artefact(encode_artefact(tree))
    assert diffusivity(sent["roi000"]["by hand"]) == 1.0
    assert diffusivity(sent["roi000"]["later"]) == 2.0
