//! Translocations by the points midway to the localizations before them.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{columns, for_dimension, rows, slice};
use super::statistics::{SumsArrays, arrays_of};
use super::trajectories::{Order, succession};
use crate::statistics::CellStatistics;
use crate::tessellation::Midpoints;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(file_at_midpoints, module)?)?;
    module.add_function(wrap_pyfunction!(sum_at_midpoints, module)?)
}

/// Numbers of tracks, times and lags; origins, axis by axis; the cells that these are in; centers of cells.
type Located<'py> = (
    Order<'py>,
    Vec<PyReadonlyArray1<'py, f64>>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray2<'py, f64>,
);

/// The same as the core takes it.
fn midpoints<'a, const D: usize>(
    py: Python<'_>,
    (order, places, cells, centers): &'a Located<'_>,
) -> PyResult<Midpoints<'a, D>> {
    let (order, places) = (succession(order)?, columns("places", places)?);
    let (cells, centers) = (slice("cells", cells)?, rows("centers", centers)?);
    Ok(py.detach(|| Midpoints::new(order, places, cells, centers))?)
}

/// The bin of each translocation, by the point midway to the localization before.
#[pyfunction]
fn file_at_midpoints<'py>(
    py: Python<'py>,
    located: Located<'py>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let centers = &located.3;
    for_dimension!(centers, "centers", file_in(py, &located))
}

fn file_in<'py, const D: usize>(
    py: Python<'py>,
    located: &Located<'py>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let midpoints = midpoints::<D>(py, located)?;
    Ok(py.detach(|| midpoints.bins())?.into_pyarray(py))
}

/// Sums over the displacements, given axis by axis, of each of these bins, as those of `sum_cells`.
#[pyfunction]
fn sum_at_midpoints<'py>(
    py: Python<'py>,
    located: Located<'py>,
    displacements: Vec<PyReadonlyArray1<'py, f64>>,
) -> PyResult<SumsArrays<'py>> {
    let centers = &located.3;
    for_dimension!(centers, "centers", sum_in(py, &located, &displacements))
}

fn sum_in<'py, const D: usize>(
    py: Python<'py>,
    located: &Located<'py>,
    displacements: &[PyReadonlyArray1<'py, f64>],
) -> PyResult<SumsArrays<'py>> {
    let (lags, displacements) = (
        slice("lag", &located.0.2)?,
        columns("displacements", displacements)?,
    );
    let midpoints = midpoints::<D>(py, located)?;
    let statistics = py.detach(|| CellStatistics::at_midpoints(&midpoints, displacements, lags))?;
    arrays_of(py, &statistics)
}
