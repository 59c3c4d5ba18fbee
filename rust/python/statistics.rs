//! Sums over the displacements of each cell, that pieces of data are added to.

use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use super::arrays::{counts, for_dimension, neighbourhood, rows, slice, stacked};
use super::errors::InvalidInputError;
use crate::error::check_length;
use crate::statistics::{Borders, CellStatistics, LagGroup, SummedPieces};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(sum_cells, module)?)?;
    module.add_function(wrap_pyfunction!(relative_change, module)?)?;
    module.add_function(wrap_pyfunction!(sums_without_noise_drift, module)?)?;
    module.add_class::<PyCellSums>()
}

/// Where the groups of each cell begin, and a row for each group: lag, number of displacements, sum of
/// their squares, and their sum along each axis.
pub(super) type Sums<'py> = (PyReadonlyArray1<'py, i64>, PyReadonlyArray2<'py, f64>);

/// The same, as it is given back.
pub(super) type SumsArrays<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray2<f64>>);

const BEFORE_SUMS: usize = 3;

/// Statistics of displacements without a noise of their own.
pub(super) fn statistics_of<const D: usize>(
    sums: &Sums<'_>,
    exposure_time: f64,
) -> PyResult<CellStatistics<D>> {
    let (starts, groups) = sums;
    check_length("sums", groups.shape()[1], BEFORE_SUMS + D, "a row of sums")?;
    let values = groups
        .as_slice()
        .map_err(|_| InvalidInputError::new_err("`sums` is not contiguous"))?;
    let groups = values
        .chunks_exact(BEFORE_SUMS + D)
        .map(|row| LagGroup {
            lag: row[0],
            diffusion_time: row[0],
            noise: 0.0,
            count: row[1],
            sum_of_squares: row[2],
            sum: std::array::from_fn(|d| row[BEFORE_SUMS + d]),
        })
        .collect();
    let starts = counts("starts", slice("starts", starts)?)?;
    Ok(CellStatistics::of_groups(starts, groups, exposure_time)?)
}

/// Sums over the displacements of each cell, where all are there at once: those of `CellSums`, sooner.
#[pyfunction]
fn sum_cells<'py>(
    py: Python<'py>,
    cell_count: usize,
    cell: PyReadonlyArray1<'py, i64>,
    displacements: PyReadonlyArray2<'py, f64>,
    lags: PyReadonlyArray1<'py, f64>,
) -> PyResult<SumsArrays<'py>> {
    let (cell, lags) = (slice("cell", &cell)?, slice("lags", &lags)?);
    for_dimension!(
        displacements,
        "displacements",
        sum_cells_in(py, cell_count, cell, &displacements, lags)
    )
}

fn sum_cells_in<'py, const D: usize>(
    py: Python<'py>,
    cell_count: usize,
    cell: &[i64],
    displacements: &PyReadonlyArray2<'py, f64>,
    lags: &[f64],
) -> PyResult<SumsArrays<'py>> {
    let displacements = rows::<D>("displacements", displacements)?;
    let statistics = py.detach(|| CellStatistics::new(cell_count, cell, displacements, lags))?;
    arrays_of(py, &statistics)
}

/// Where the neighbours of each cell begin, the neighbours, volumes, and for each of the neighbours what a
/// difference of densities adds to the integral of their gradient.
type BorderArrays<'py> = (
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray2<'py, f64>,
);

/// Relative change of densities from cell to cell, given what each cell holds.
#[pyfunction]
fn relative_change<'py>(
    py: Python<'py>,
    borders: BorderArrays<'py>,
    amounts: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let amounts = slice("amounts", &amounts)?;
    let weights = &borders.3;
    for_dimension!(
        weights,
        "borders",
        relative_change_in(py, &borders, amounts)
    )
}

fn relative_change_in<'py, const D: usize>(
    py: Python<'py>,
    (starts, neighbours, volumes, weights): &BorderArrays<'py>,
    amounts: &[f64],
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let adjacency = neighbourhood(starts, neighbours)?;
    let (volumes, weights) = (slice("volumes", volumes)?, rows::<D>("borders", weights)?);
    let borders = Borders::new(&adjacency, volumes, weights)?;
    stacked(py, &borders.relative_change(amounts)?)
}

/// The sums of cells without the spurious drift of noise, from those of displacements of several kinds.
#[pyfunction]
fn sums_without_noise_drift<'py>(
    py: Python<'py>,
    sums: Sums<'py>,
    borders: BorderArrays<'py>,
    variance: f64,
    exposure_time: f64,
    shares: Vec<f64>,
) -> PyResult<SumsArrays<'py>> {
    let weights = &borders.3;
    for_dimension!(
        weights,
        "borders",
        without_noise_drift_in(py, &sums, &borders, variance, exposure_time, &shares)
    )
}

fn without_noise_drift_in<'py, const D: usize>(
    py: Python<'py>,
    sums: &Sums<'py>,
    (starts, neighbours, volumes, weights): &BorderArrays<'py>,
    variance: f64,
    exposure_time: f64,
    shares: &[f64],
) -> PyResult<SumsArrays<'py>> {
    let statistics = statistics_of::<D>(sums, exposure_time)?;
    let adjacency = neighbourhood(starts, neighbours)?;
    let (volumes, weights) = (slice("volumes", volumes)?, rows("borders", weights)?);
    let borders = Borders::new(&adjacency, volumes, weights)?;
    let found = statistics.without_noise_drift(&borders, variance, exposure_time, shares)?;
    arrays_of(py, &found)
}

/// Sums over the displacements of each cell, in either number of dimensions.
#[pyclass(module = "tramway._core", name = "CellSums")]
struct PyCellSums(AnySums);

enum AnySums {
    Plane(SummedPieces<2>),
    Space(SummedPieces<3>),
}

#[pymethods]
impl PyCellSums {
    #[new]
    fn new(cell_count: usize, dimension: usize) -> PyResult<Self> {
        match dimension {
            2 => Ok(Self(AnySums::Plane(SummedPieces::new(cell_count)))),
            3 => Ok(Self(AnySums::Space(SummedPieces::new(cell_count)))),
            other => Err(InvalidInputError::new_err(format!(
                "`dimension` is {other}, expected 2 or 3"
            ))),
        }
    }

    /// Adds displacements, each assigned to a cell, or to none by a negative number.
    fn add(
        &mut self,
        py: Python<'_>,
        cell: PyReadonlyArray1<'_, i64>,
        displacements: PyReadonlyArray2<'_, f64>,
        lags: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<()> {
        let (cell, lags) = (slice("cell", &cell)?, slice("lags", &lags)?);
        match &mut self.0 {
            AnySums::Plane(sums) => {
                let displacements = rows("displacements", &displacements)?;
                py.detach(|| sums.add(cell, displacements, lags))?;
            }
            AnySums::Space(sums) => {
                let displacements = rows("displacements", &displacements)?;
                py.detach(|| sums.add(cell, displacements, lags))?;
            }
        }
        Ok(())
    }

    /// Number of groups so far, of a cell and a lag each.
    fn __len__(&self) -> usize {
        match &self.0 {
            AnySums::Plane(sums) => sums.group_count(),
            AnySums::Space(sums) => sums.group_count(),
        }
    }

    /// Where the groups of each cell begin, and the groups, as `Posterior` takes them.
    fn arrays<'py>(&self, py: Python<'py>) -> PyResult<SumsArrays<'py>> {
        match &self.0 {
            AnySums::Plane(sums) => arrays_of(py, &sums.statistics()),
            AnySums::Space(sums) => arrays_of(py, &sums.statistics()),
        }
    }
}

pub(super) fn arrays_of<'py, const D: usize>(
    py: Python<'py>,
    statistics: &CellStatistics<D>,
) -> PyResult<SumsArrays<'py>> {
    let (groups, ranges) = statistics.groups();
    #[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
    let ends = ranges.map(|range| range.end as i64);
    let starts = PyArray1::from_iter(py, std::iter::once(0).chain(ends));
    let mut values = Vec::with_capacity(groups.len() * (BEFORE_SUMS + D));
    for group in groups {
        values.extend([group.lag, group.count, group.sum_of_squares]);
        values.extend(group.sum);
    }
    let shape = [groups.len(), BEFORE_SUMS + D];
    let values = numpy::PyArrayMethods::reshape(&PyArray1::from_vec(py, values), shape)?;
    Ok((starts, values))
}
