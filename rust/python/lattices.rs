//! Lattices of hexagons and of squares.

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{self, for_dimension};
use super::errors::InvalidInputError;
use super::segmentation::{CellArrays, cell_arrays};
use crate::Result;
use crate::tessellation::hexagons::{self, Frame, Hexagons};
use crate::tessellation::squares::{self, Squares};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(hexagons_by_spacing, module)?)?;
    module.add_function(wrap_pyfunction!(hexagons_by_count, module)?)?;
    module.add_function(wrap_pyfunction!(squares_by_spacing, module)?)?;
    module.add_function(wrap_pyfunction!(squares_by_count, module)?)?;
    module.add_function(wrap_pyfunction!(squares_by_shape, module)?)
}

/// The cells, inradius, and number of columns and rows.
type HexagonArrays<'py> = (CellArrays<'py>, f64, (usize, usize));

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
    Ok((cell_arrays(py, tessellation)?, radius, count))
}

/// The cells, and the corners of the grid.
type SquareArrays<'py> = (CellArrays<'py>, Bound<'py, PyArray2<f64>>, Vec<usize>);

/// The squares of about a side in a box, of which `bounds` has the corners.
#[pyfunction]
fn squares_by_spacing<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    spacing: f64,
) -> PyResult<SquareArrays<'py>> {
    for_dimension!(
        bounds,
        "bounds",
        squares_in(py, &bounds, |lower, upper| {
            squares::by_spacing(lower, upper, spacing)
        })
    )
}

/// About `count` squares in a box.
#[pyfunction]
fn squares_by_count<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    count: f64,
    min_spacing: f64,
) -> PyResult<SquareArrays<'py>> {
    for_dimension!(
        bounds,
        "bounds",
        squares_in(py, &bounds, |lower, upper| {
            squares::by_count(lower, upper, count, min_spacing)
        })
    )
}

/// A box cut into a number of parts along each axis.
#[pyfunction]
fn squares_by_shape<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    count: Vec<usize>,
) -> PyResult<SquareArrays<'py>> {
    for_dimension!(bounds, "bounds", squares_of_shape(py, &bounds, &count))
}

fn squares_of_shape<'py, const D: usize>(
    py: Python<'py>,
    bounds: &PyReadonlyArray2<'py, f64>,
    count: &[usize],
) -> PyResult<SquareArrays<'py>> {
    let count: [usize; D] = count.try_into().map_err(|_| {
        InvalidInputError::new_err(format!(
            "`count_per_dim` has {} numbers, expected {D}, one per space dimension",
            count.len()
        ))
    })?;
    squares_in(py, bounds, |lower, upper| {
        squares::by_shape(lower, upper, count)
    })
}

fn squares_in<'py, const D: usize>(
    py: Python<'py>,
    bounds: &PyReadonlyArray2<'py, f64>,
    make: impl FnOnce(&[f64; D], &[f64; D]) -> Result<Squares<D>> + Send,
) -> PyResult<SquareArrays<'py>> {
    let [lower, upper] = corners::<D>(bounds)?;
    let squares = py.detach(|| make(&lower, &upper))?;
    Ok((
        cell_arrays(py, squares.tessellation)?,
        arrays::stacked(py, &[squares.lower, squares.upper])?,
        squares.count.to_vec(),
    ))
}

/// Lower and upper corner of a box.
fn corners<const D: usize>(bounds: &PyReadonlyArray2<'_, f64>) -> PyResult<[[f64; D]; 2]> {
    arrays::rows::<D>("bounds", bounds)?
        .try_into()
        .map_err(|_| InvalidInputError::new_err("`bounds` has other than two rows"))
}
