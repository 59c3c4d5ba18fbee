import json
import pickle

import numpy as np
import pandas as pd
import pytest
from files_in_memory import put, set_type, stored

from tramway.errors import FileFormatError, InvalidInputError, UnknownAttributeError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.files.rwa_schema import read_data, write_data
from tramway.files.stored_tessellation import StoredTessellation
from tramway.inference import Maps
from tramway.tessellation import (
    HexagonalTessellation,
    Partition,
    TimeSegments,
    sample_nearest,
    time_segments,
)

TESSELLATION_FIELDS = ("cell_centers", "adjacency_starts", "adjacency", "cell_volume")


def there_and_back(data, change=lambda group: None, localizations=None):
    """Store an artefact, change what is stored, read it."""
    with stored(lambda tree: write_data(tree, data)) as file:
        change(file["_data"])
        return read_data(file["_data"], localizations)


def assert_same_tessellation(result, expected):
    for name in TESSELLATION_FIELDS:
        value = getattr(result, name)
        assert value.dtype == getattr(expected, name).dtype
        np.testing.assert_array_equal(value, getattr(expected, name))


def test_a_partition_survives_to_the_last_bit(partition):
    result = there_and_back(partition)
    pd.testing.assert_frame_equal(result.points, partition.points, check_exact=True)
    np.testing.assert_array_equal(result.cells, partition.cells)
    assert result.param == partition.param
    hexagons = result.tessellation
    assert isinstance(hexagons, HexagonalTessellation)
    assert_same_tessellation(hexagons, partition.tessellation)
    assert (hexagons.hexagon_radius, hexagons.hexagon_count, hexagons.tilt) == (0.6, (2, 3), 0.0)


def test_maps_survive_to_the_last_bit(maps):
    result = there_and_back(maps)
    assert isinstance(result, Maps)
    pd.testing.assert_frame_equal(result.maps, maps.maps, check_exact=True)
    assert result.mode == maps.mode
    assert result.attributes == {k: v for k, v in maps.attributes.items() if v is not None}
    assert result.verbose is False


def test_rows_are_numbered_from_zero_because_the_original_looks_them_up(partition):
    partition.points.index = partition.points.index + 5
    assert there_and_back(partition).points.index.equals(pd.RangeIndex(len(partition.points)))


def test_a_lattice_saved_without_neighbours_gets_them_from_its_centers(partition):
    # The original computes neighbours and areas when they are asked for, and does not save them.
    def drop_what_can_be_computed(group):
        del group["_tessellation/_cell_adjacency"], group["_tessellation/_cell_volume"]

    result = there_and_back(partition, drop_what_can_be_computed)
    assert_same_tessellation(result.tessellation, partition.tessellation)


def test_neighbours_that_the_original_labels_as_not_valid_are_left_out(partition):
    from scipy import sparse

    def label(group):
        # Edge 0 joins cells 0 and 1, edge 1 cells 0 and 2, edge 2 cells 1 and 3; edge 1 is not
        # valid, nor is cell 3.
        mesh = group["_tessellation"]
        del mesh["_cell_adjacency"]
        rows, columns = [0, 1, 0, 2, 1, 3], [1, 0, 2, 0, 3, 1]
        edges = sparse.csr_matrix(([0, 0, 1, 1, 2, 2], (rows, columns)), (8, 8))
        put(mesh, "_cell_adjacency", edges)
        put(mesh, "_adjacency_label", np.array([1, 0, 1]))
        put(mesh, "_cell_label", np.array([1, 1, 1, 0, 1, 1, 1, 1]))

    hexagons = there_and_back(partition, label).tessellation
    np.testing.assert_array_equal(hexagons.adjacency_starts, [0, 1, 2, 2, 2, 2, 2, 2, 2])
    np.testing.assert_array_equal(hexagons.adjacency, [1, 0])


def as_kmeans(group, keep=()):
    """Make the tessellation look like one of the original's that is not known here."""
    mesh = group["_tessellation"]
    set_type(mesh, "tramway.tessellation.kmeans.KMeansMesh", 1)
    for name in {"_cell_adjacency", "_cell_volume", "hexagon_radius"} - set(keep):
        del mesh[name]


def test_other_tessellations_have_their_centers_and_say_what_they_lack(partition):
    result = there_and_back(partition, as_kmeans)
    cells = result.tessellation
    assert isinstance(cells, StoredTessellation)
    np.testing.assert_array_equal(cells.cell_centers, partition.tessellation.cell_centers)
    np.testing.assert_array_equal(result.cells, partition.cells)
    assert result.location_count.sum() == len(partition.points)
    for missing in (lambda: cells.adjacency, lambda: cells.cell_adjacency, cells.polygons):
        with pytest.raises(
            UnknownAttributeError, match="KMeansMesh is read with cell_centers only"
        ):
            missing()
    assert "KMeansMesh, 8 cells" in repr(cells)
    assert pickle.loads(pickle.dumps(cells)).stored == cells.stored


def test_other_tessellations_have_the_neighbours_and_volumes_that_are_stored(partition):
    keep = ("_cell_adjacency", "_cell_volume")
    result = there_and_back(partition, lambda group: as_kmeans(group, keep))
    assert_same_tessellation(result.tessellation, partition.tessellation)


def test_other_tessellations_go_into_files_unchanged(partition):
    cells = there_and_back(partition, as_kmeans).tessellation
    sampling = Partition(partition.points, cells, partition.cells)
    with stored(lambda tree: write_data(tree, sampling)) as file:
        assert (
            file["_data/_tessellation"].attrs["type"] == b"tramway.tessellation.kmeans.KMeansMesh"
        )
        again = read_data(file["_data"], None).tessellation
    np.testing.assert_array_equal(again.cell_centers, cells.cell_centers)


def test_scaled_centers_are_scaled_back(partition):
    def scale(group):
        as_kmeans(group)
        put(group["_tessellation/scaler"], "factor", pd.Series([2.0, 4.0], index=["x", "y"]))
        put(group["_tessellation/scaler"], "center", np.array([1.0, -1.0]))

    centers = there_and_back(partition, scale).tessellation.cell_centers
    expected = partition.tessellation.cell_centers * [2.0, 4.0] + [1.0, -1.0]
    np.testing.assert_array_equal(centers, expected)


def replace_cell_index(index):
    def change(group):
        del group["_cell_index"]
        put(group, "_cell_index", index)

    return change


def test_the_other_forms_of_cell_index_are_read(partition):
    from scipy import sparse

    n_points = len(partition.points)
    rows, cells = np.array([0, 5, 2]), np.array([3, 0, 6])
    expected = np.full(n_points, -1)
    expected[rows] = cells
    matrix = sparse.csr_matrix((np.ones(3, bool), (rows, cells)), (n_points, 8))
    for index in ((rows, cells), matrix):
        result = there_and_back(partition, replace_cell_index(index))
        np.testing.assert_array_equal(result.cells, expected)


def test_cells_that_share_points_are_stored_as_pairs(partition):
    rows, cells = np.array([0, 0, 4]), np.array([0, 3, 3])
    shared = Partition(partition.points, partition.tessellation, cells, partition.param, rows)
    result = there_and_back(shared)
    np.testing.assert_array_equal(result.point_index, rows)
    np.testing.assert_array_equal(result.cells, cells)
    assert result.cells_per_translocation == 1.5


def test_time_segments_survive_to_the_last_bit(partition):
    cells = time_segments(partition.tessellation, [[0, 0.2], [0.1, 0.3], [0.2, 0.4]])
    segmented = sample_nearest(partition.points, cells)
    result = there_and_back(segmented)
    assert isinstance(result.tessellation, TimeSegments)
    assert_same_tessellation(result.tessellation, cells)
    assert_same_tessellation(result.tessellation.spatial, partition.tessellation)
    np.testing.assert_array_equal(result.tessellation.intervals, cells.intervals)
    np.testing.assert_array_equal(result.point_index, segmented.point_index)
    np.testing.assert_array_equal(result.cells, segmented.cells)


def test_time_segments_of_cells_without_areas_have_centers_and_intervals(partition):
    segmented = sample_nearest(
        partition.points, time_segments(partition.tessellation, [[0, 0.2], [0.2, 0.5]])
    )

    def as_kohonen(group):
        cells = group["_tessellation/_spatial_mesh"]
        set_type(cells, "tramway.tessellation.kohonen.KohonenMesh", 1)
        del cells["_cell_volume"]

    result = there_and_back(segmented, as_kohonen)
    cells = result.tessellation
    assert isinstance(cells, StoredTessellation)
    np.testing.assert_array_equal(cells.cell_centers, segmented.tessellation.cell_centers)
    np.testing.assert_array_equal(cells.intervals, [[0, 0.2], [0.2, 0.5]])
    np.testing.assert_array_equal(result.location_count, segmented.location_count)
    with pytest.raises(UnknownAttributeError, match="SlidingWindow is read with cell_centers, int"):
        cells.cell_volume  # noqa: B018


def test_a_tessellation_without_centers_is_not_read_but_kept(partition):
    def as_window(group):
        set_type(group["_tessellation"], "tramway.tessellation.window.SlidingWindow", 1)
        del group["_tessellation/_cell_centers"]

    result = there_and_back(partition, as_window)
    assert "SlidingWindow" in result.reason
    with pytest.raises(FileFormatError, match=r"analysis 'a'.*SlidingWindow"):
        Analysis().add(result, "a").data  # noqa: B018


def test_names_of_old_versions_are_read(partition):
    def rename(group):
        set_type(group, "tramway.tesselation.base.CellStats", 1)
        group.move("_tessellation", "_tesselation")
        del group["_points"], group["param"]

    result = there_and_back(partition, rename, localizations=partition.points)
    assert result.points is partition.points
    assert_same_tessellation(result.tessellation, partition.tessellation)


@pytest.mark.parametrize("mode", ["dv", "(callable)"])
def test_maps_of_old_versions_are_read(maps, mode):
    def rename(group):
        del group["mode"]
        put(group, "mode", mode)
        group.move("maps", "dv" if mode == "dv" else "result")

    result = there_and_back(maps, rename)
    pd.testing.assert_frame_equal(result.maps, maps.maps)
    assert set(result.attributes) == {k for k, v in maps.attributes.items() if v is not None}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (replace_cell_index(np.array([0])), r"shape \(1,\), expected \(110,\)"),
        (replace_cell_index(np.full(110, 8)), "from 8 to 8"),
        (lambda group: group.pop("_cell_index"), "no _tessellation or no _cell_index"),
        (lambda group: group.pop("_tessellation"), "no _tessellation or no _cell_index"),
        (lambda group: group.pop("_tessellation/hexagon_count"), "hexagon_count"),
        (lambda group: group.pop("_tessellation/_cell_adjacency/indptr"), "_cell_adjacency"),
    ],
)
def test_a_damaged_partition_is_an_error_that_names_the_place(partition, damage, message):
    with pytest.raises(FileFormatError, match=f"/_data.*{message}"):
        there_and_back(partition, damage)


def test_centers_that_do_not_match_the_neighbours_are_an_error(partition):
    def damage(group):
        centers = group["_tessellation/_cell_centers"][:-1]
        del group["_tessellation/_cell_centers"]
        put(group["_tessellation"], "_cell_centers", centers)

    with pytest.raises(FileFormatError, match="_tessellation: centers, adjacency and volumes"):
        there_and_back(partition, damage)


def test_maps_without_table_are_an_error(maps):
    with pytest.raises(FileFormatError, match="/_data has no maps or no mode"):
        there_and_back(maps, lambda group: group.pop("maps"))


def test_a_tessellation_of_another_class_is_refused(partition):
    class Triangles(HexagonalTessellation.__mro__[1]):
        def polygons(self):
            return []

    cells = Triangles(*(getattr(partition.tessellation, name) for name in TESSELLATION_FIELDS))
    with pytest.raises(InvalidInputError, match="Triangles cannot be stored"):
        there_and_back(Partition(partition.points, cells, partition.cells))


def test_files_of_the_original_are_read_as_it_sees_them(original_files):
    tree = read_rwa(original_files / "named.rwa")
    expected = json.loads((original_files / "expected.json").read_text())
    assert tree.data.attrs == {"frame_interval": 0.04, "localization_error": 9e-4}
    np.testing.assert_array_equal(tree.data["x"], expected["x"])
    assert set(tree) == {"hexagon", "kmeans", "grid", "kdtree", 7}
    for label, facts in expected["samplings"].items():
        sampling = tree[label]
        assert sampling.comment == f"made by {label}"
        np.testing.assert_array_equal(sampling.data.cells, facts["cell_index"])
        np.testing.assert_array_equal(
            sampling.data.tessellation.cell_centers, facts["cell_centers"]
        )
        assert sampling.data.points is tree.data
        if label != "kdtree":
            maps = sampling.get_child("d").data
            assert (maps.mode, maps.sigma) == ("d", 0.03)
            np.testing.assert_array_equal(maps.maps.index, facts["cells"])
            np.testing.assert_array_equal(maps["diffusivity"]["diffusivity"], facts["diffusivity"])
    hexagons, facts = tree["hexagon"].data.tessellation, expected["samplings"]["hexagon"]
    neighbours = np.array(facts["neighbours"])
    np.testing.assert_array_equal(np.transpose(hexagons.cell_adjacency.nonzero()), neighbours)
    # The original multiplies in another order.
    np.testing.assert_allclose(hexagons.cell_volume, facts["cell_volume"], rtol=1e-14)


def test_integer_labels_of_the_original_stay_integers(original_files, tmp_path):
    tree = read_rwa(original_files / "numbered.rwa")
    assert list(tree) == [9, 10]
    save_rwa(tmp_path / "copy.rwa", tree)
    assert list(read_rwa(tmp_path / "copy.rwa")) == [9, 10]
