//! Cutting space into cells and filing points under them.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{self, for_dimension};
use crate::assignment;
use crate::tessellation::hexagons::{self, Frame, Hexagons};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(hexagons_by_spacing, module)?)?;
    module.add_function(wrap_pyfunction!(hexagons_by_count, module)?)?;
    module.add_function(wrap_pyfunction!(assign_nearest, module)?)
}

/// Centers, where the neighbours of each cell begin, the neighbours, areas, inradius, and number of
/// columns and rows.
type HexagonArrays<'py> = (
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    f64,
    (usize, usize),
);

/// The lattice of hexagons whose centers are `spacing` apart.
#[pyfunction]
fn hexagons_by_spacing(
    py: Python<'_>,
    spacing: f64,
    lower: [f64; 2],
    upper: [f64; 2],
    tilt: f64,
    pivot: [f64; 2],
) -> PyResult<HexagonArrays<'_>> {
    let frame = Frame {
        lower,
        upper,
        tilt,
        pivot,
    };
    let hexagons = py.detach(|| hexagons::by_spacing(&frame, spacing))?;
    hexagon_arrays(py, hexagons)
}

/// The lattice of about `count` hexagons.
#[pyfunction]
fn hexagons_by_count(
    py: Python<'_>,
    count: f64,
    min_spacing: f64,
    lower: [f64; 2],
    upper: [f64; 2],
    tilt: f64,
    pivot: [f64; 2],
) -> PyResult<HexagonArrays<'_>> {
    let frame = Frame {
        lower,
        upper,
        tilt,
        pivot,
    };
    let hexagons = py.detach(|| hexagons::by_count(&frame, count, min_spacing))?;
    hexagon_arrays(py, hexagons)
}

fn hexagon_arrays(py: Python<'_>, hexagons: Hexagons) -> PyResult<HexagonArrays<'_>> {
    let Hexagons {
        tessellation,
        radius,
        count,
    } = hexagons;
    let (starts, neighbours) = tessellation.adjacency.as_parts();
    Ok((
        arrays::stacked(py, &tessellation.centers)?,
        arrays::indices(py, starts),
        arrays::indices(py, neighbours),
        tessellation.volumes.into_pyarray(py),
        radius,
        count,
    ))
}

/// Index of the nearest center of each point.
#[pyfunction]
fn assign_nearest<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    centers: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    for_dimension!(points, "points", assign_nearest_in(py, &points, &centers))
}

fn assign_nearest_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    centers: &PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let centers = arrays::rows::<D>("centers", centers)?;
    let cells = py.detach(|| assignment::assign_nearest(points, centers))?;
    Ok(arrays::indices(py, &cells))
}
