"""InferenceMAP's files, both ways, and what the original TRamWAy wrote of one map."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tramway.cli.main import main
from tramway.data import simulate, translocations
from tramway.errors import FileFormatError, InvalidInputError
from tramway.files.cluster import read_cluster, write_cluster
from tramway.files.vmesh import read_vmesh, write_vmesh
from tramway.inference import infer_diffusivity_force, infer_diffusivity_potential
from tramway.tessellation import Partition, nearest_cell, squares

ZONE = """ZONE: 1
NUMBER_OF_TRANSLOCATIONS: 2
X-CENTRE: 0.5
Y-CENTRE: 0.5
AREA: 1.0
AREA_CONVHULL: 0.9
NUMBER_OF_LEFT_NEIGHBOURS: 0
NUMBER_OF_RIGHT_NEIGHBOURS: 1
RIGHT_NEIGHBOURS: 2\t
NUMBER_OF_TOP_NEIGHBOURS: 0
NUMBER_OF_BOTTOM_NEIGHBOURS: 0
DX\tDY\tDT
0.1\t-0.1\t0.02
0.0\t0.2\t0.02


ZONE: 2
NUMBER_OF_TRANSLOCATIONS: 1
X-CENTRE: 1.5
Y-CENTRE: 0.5
AREA: 2.0
AREA_CONVHULL: 2.0
NUMBER_OF_LEFT_NEIGHBOURS: 0
NUMBER_OF_RIGHT_NEIGHBOURS: 0
NUMBER_OF_TOP_NEIGHBOURS: 0
NUMBER_OF_BOTTOM_NEIGHBOURS: 0
DX\tDY\tDT
0.3\t0.1\t0.04
"""


@pytest.fixture(scope="module")
def partition() -> Partition:
    """Translocations of a simulated movie in squares."""
    movie = simulate(
        track_count=300,
        track_length=10,
        frame_interval=0.02,
        lower=[0, 0],
        upper=[3, 3],
        diffusivity=0.3,
        seed=4,
    )
    steps = translocations(movie)
    cells = squares(steps[["x", "y"]].to_numpy(), displacement_length=0.2, resolution=0.5)
    index = nearest_cell(steps[["x", "y"]].to_numpy(), cells)
    return Partition(steps, cells, index)


def test_zones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.cluster"
    path.write_text(ZONE)
    found = read_cluster(path)
    cells = found.tessellation
    assert cells.cell_centers.tolist() == [[0.5, 0.5], [1.5, 0.5]]
    assert cells.cell_volume.tolist() == [1, 2]
    # Only the first zone names the second: they are neighbours of each other.
    assert cells.cell_adjacency.toarray().tolist() == [[False, True], [True, False]]
    assert found.cells.tolist() == [0, 0, 1]
    assert found.points[["dx", "dy", "dt"]].to_numpy().tolist() == [
        [0.1, -0.1, 0.02],
        [0.0, 0.2, 0.02],
        [0.3, 0.1, 0.04],
    ]
    assert sum(map(len, cells.polygons())) == 8


def test_maps_of_what_was_written_and_read_are_the_same(
    partition: Partition, tmp_path: Path
) -> None:
    path = tmp_path / "a.cluster"
    write_cluster(path, partition)
    read = read_cluster(path)
    expected = infer_diffusivity_force(partition, localization_precision=0.02)
    found = infer_diffusivity_force(read, localization_precision=0.02)
    # Cells without translocations are not in the file. Sums of the same numbers, in one order.
    np.testing.assert_array_equal(found.maps.to_numpy(), expected.maps.to_numpy())
    write_cluster(tmp_path / "b.cluster", read)
    assert (tmp_path / "b.cluster").read_text() == path.read_text()


def test_vmesh_both_ways(partition: Partition, tmp_path: Path) -> None:
    maps = infer_diffusivity_potential(
        partition, localization_precision=0.02, diffusivity_prior=1.0, potential_prior=0.1
    )
    write_vmesh(tmp_path / "a.vmesh", maps, {"Inference Mode": "DV", "Comment": None})
    found = read_vmesh(tmp_path / "a.vmesh")
    for feature in ("diffusivity", "force x", "force y", "potential"):
        np.testing.assert_array_equal(found[feature], maps.maps[feature])
    assert found.index.tolist() == maps.maps.index.tolist()
    assert found["count"].sum() == len(partition.points)
    assert found.attrs == {"Inference Mode": "DV", "Number of Zones": str(len(found))}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ZONE: 1", "ZONE one", r"line 1: 'ZONE one', expected 'ZONE: …'"),
        ("ZONE: 2", "ZONE: 1", r"line 17: zone 1 a second time"),
        ("AREA: 1.0", "AREA: nan", r"line 5: .*expected one number after 'AREA:'"),
        ("AREA: 1.0", "AREA: -1.0", r"zone 1 has an area, a center or a count that is none"),
        ("RIGHT_NEIGHBOURS: 2\t", "RIGHT_NEIGHBOURS: 7", "zone 1 has a neighbour 7, not there"),
        ("RIGHT_NEIGHBOURS: 2\t", "RIGHT_NEIGHBOURS: 2 2", "line 9: 2 neighbours, expected 1"),
        ("0.1\t-0.1\t0.02", "0.1\t-0.1", "line 13: expected three finite numbers"),
        ("0.1\t-0.1\t0.02", "0.1\t-0.1\t0", "line 13: expected three finite numbers"),
        ("0.1\t-0.1\t0.02", "0.1\tx\t0", "line 13: .*expected numbers"),
        ("0.3\t0.1\t0.04\n", "", "ends within a zone, after line 27"),
        ("OF_TRANSLOCATIONS: 2", "OF_TRANSLOCATIONS: 1e9", "line 17: 'ZONE: 2', expected numbers"),
    ],
)
def test_damaged_zones_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "a.cluster"
    path.write_text(ZONE.replace(old, new, 1))
    with pytest.raises(FileFormatError, match=message) as raised:
        read_cluster(path)
    assert "a.cluster" in str(raised.value)


@given(content=st.binary(max_size=300), place=st.integers(0, len(ZONE)))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int) -> None:
    path = tmp_path_factory.getbasetemp() / "any.cluster"
    text = ZONE.encode()
    path.write_bytes(text[:place] + content + text[place + len(content) :])
    for read in (read_cluster, read_vmesh):
        with contextlib.suppress(FileFormatError):
            read(path)


def test_three_dimensions_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    place = random.uniform(0, 1, (50, 3))
    cells = squares(place, displacement_length=0.2, resolution=0.5)
    table = pd.DataFrame(place, columns=["x", "y", "z"]).assign(dx=0.1, dy=0.1, dz=0.1, dt=0.1)
    with pytest.raises(InvalidInputError, match="InferenceMAP's files have two"):
        write_cluster(tmp_path / "a.cluster", Partition(table, cells, nearest_cell(place, cells)))


def test_command(partition: Partition, tmp_path: Path) -> None:
    write_cluster(tmp_path / "a.cluster", partition)
    arguments = ["inferencemap", "-i", str(tmp_path / "a.cluster"), "-o", str(tmp_path / "a.vmesh")]
    done = CliRunner().invoke(
        main,
        [*arguments, *["-e", "20", "-m", "DV", "-d", "0.25", "-v", "0.1", "-j", "0"]],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    expected = infer_diffusivity_potential(
        partition, localization_precision=0.02, diffusivity_prior=0.25, potential_prior=0.1
    )
    found = read_vmesh(tmp_path / "a.vmesh")
    # The search ends within a tolerance, from a start that depends on empty cells.
    np.testing.assert_allclose(found["diffusivity"], expected.maps["diffusivity"], rtol=1e-6)
    assert found.attrs["Localization Error"] == "20.000000 [nm]"
    done = CliRunner().invoke(main, [*arguments, *["-e", "20", "-m", "DF", "-v", "0.1"]])
    assert done.exit_code == 2
    assert "-v is the weight of a potential, which DF does not have" in done.output
    arguments[-1] = f"{tmp_path}/no/a.vmesh"
    done = CliRunner().invoke(main, [*arguments, "-e", "20"])
    assert done.exit_code == 1
    assert "cannot write" in done.output


def test_maps_are_those_that_the_original_wrote(shared: Path, tmp_path: Path) -> None:
    # Written by TRamWAy 0.7 with σ = 1 nm and without priors, to six decimals.
    folder = shared / "data" / "formats" / "inferencemap"
    read = read_cluster(folder / "dev_kmeans.cluster")
    maps = infer_diffusivity_force(read, localization_precision=1e-3)
    expected = read_vmesh(folder / "dev_kmeans_df.vmesh")
    assert read.tessellation.n_cells == len(expected) == 49
    assert read.location_count.tolist() == expected["count"].tolist()
    # The original stops its search early: three to five digits are right.
    np.testing.assert_allclose(maps.maps["diffusivity"], expected["diffusivity"], rtol=1e-4)
    np.testing.assert_allclose(maps.maps["force x"], expected["force x"], rtol=1e-3, atol=1e-4)
    write_cluster(tmp_path / "again.cluster", read)
    again = (tmp_path / "again.cluster").read_text().split()
    assert again == (folder / "dev_kmeans.cluster").read_text().split()
