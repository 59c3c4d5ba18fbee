//! The models whose cells have quantities of their own: the maximum of their posteriors; and the
//! gradient of a map.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{
    counts, for_dimension, imaging, indices, neighbourhood, rows, slice, smoothness_of, stacked,
};
use super::errors::InvalidInputError;
use super::interrupt::{interruptible, time_limit};
use crate::error::check_length;
use crate::inference::{Cellwise, CellwiseParameters, Drift, Estimate, Force, Free, Motion};
use crate::operators::{GradientOperator, TimeSegments};
use crate::optimizer::Settings;
use crate::statistics::{CellStatistics, Imaging};
use crate::tessellation::Adjacency;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(estimate_cellwise, module)?)?;
    module.add_function(wrap_pyfunction!(gradient, module)?)?;
    module.add_function(wrap_pyfunction!(gradient_operator, module)?)
}

/// The maximum of the posterior of the model that is named, `d`, `dd` or `df`.
///
/// A dictionary: `cells`, the numbers of the cells that hold data; `diffusivity`, `vector` and their
/// standard deviations `diffusivity_std`, `vector_std`, one element or row for each of them;
/// `log_evidence`, `objective`, `status`, `iterations`. `noise` is the mean σ² of the two ends of each
/// displacement, beside that of `localization_precision`. Raises what a signal handler raises,
/// `KeyboardInterrupt` for Ctrl-C.
///
/// In time segments, whose `middles` are given, a weight above zero penalises the change of D in time.
#[pyfunction]
#[pyo3(signature = (
    model, centers, adjacency_starts, adjacency, volumes, cell, displacements, lags,
    localization_precision, diffusivity_prior, vector_prior, min_diffusivity, jeffreys_prior, tolerance,
    max_iterations, max_seconds, smoothness = None, middles = None, diffusivity_time_prior = 0.0,
    noise = None, exposure_time = 0.0
))]
#[allow(clippy::too_many_arguments)] // the private end of a call that users make by keyword
fn estimate_cellwise<'py>(
    py: Python<'py>,
    model: &str,
    centers: PyReadonlyArray2<'py, f64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
    volumes: PyReadonlyArray1<'py, f64>,
    cell: PyReadonlyArray1<'py, i64>,
    displacements: PyReadonlyArray2<'py, f64>,
    lags: PyReadonlyArray1<'py, f64>,
    localization_precision: f64,
    diffusivity_prior: f64,
    vector_prior: f64,
    min_diffusivity: f64,
    jeffreys_prior: bool,
    tolerance: f64,
    max_iterations: usize,
    max_seconds: Option<f64>,
    smoothness: Option<Bound<'py, PyAny>>,
    middles: Option<PyReadonlyArray1<'py, f64>>,
    diffusivity_time_prior: f64,
    noise: Option<PyReadonlyArray1<'py, f64>>,
    exposure_time: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let volumes = slice("volumes", &volumes)?;
    let time_segments = match &middles {
        Some(middles) => Some(TimeSegments::new(slice("middles", middles)?, volumes)?),
        None => None,
    };
    let data = Data {
        adjacency: neighbourhood(&adjacency_starts, &adjacency)?,
        volumes,
        cell: slice("cell", &cell)?,
        lags: slice("lags", &lags)?,
        jeffreys_prior,
        imaging: imaging(noise.as_ref(), exposure_time)?,
        parameters: CellwiseParameters {
            localization_precision,
            diffusivity_prior,
            vector_prior,
            min_diffusivity,
            smoothness: smoothness_of(smoothness.as_ref())?,
        },
        time_prior: time_segments.map(|segments| (segments, diffusivity_time_prior)),
        settings: Settings {
            tolerance,
            max_iterations,
            max_time: time_limit(max_seconds)?,
        },
    };
    for_dimension!(
        centers,
        "centers",
        estimate_in(py, model, &centers, &displacements, &data)
    )
}

/// What is given, whatever the number of dimensions.
struct Data<'a> {
    adjacency: Adjacency,
    volumes: &'a [f64],
    cell: &'a [i64],
    lags: &'a [f64],
    jeffreys_prior: bool,
    imaging: Imaging<'a>,
    parameters: CellwiseParameters,
    time_prior: Option<(TimeSegments, f64)>,
    settings: Settings,
}

fn estimate_in<'py, const D: usize>(
    py: Python<'py>,
    model: &str,
    centers: &PyReadonlyArray2<'py, f64>,
    displacements: &PyReadonlyArray2<'py, f64>,
    data: &Data<'_>,
) -> PyResult<Bound<'py, PyDict>> {
    let centers = rows::<D>("centers", centers)?;
    let displacements = rows::<D>("displacements", displacements)?;
    match model {
        "d" => maximize::<Free, D>(py, centers, displacements, data, Cellwise::estimate),
        "dd" => maximize::<Drift, D>(py, centers, displacements, data, Cellwise::estimate),
        "df" => maximize::<Force, D>(py, centers, displacements, data, Cellwise::estimate_force),
        other => Err(InvalidInputError::new_err(format!(
            "`model` is '{other}', expected d, dd or df"
        ))),
    }
}

fn maximize<'py, M: Motion, const D: usize>(
    py: Python<'py>,
    centers: &[[f64; D]],
    displacements: &[[f64; D]],
    data: &Data<'_>,
    estimate: impl FnOnce(&Cellwise<M, D>, &Settings, &mut dyn FnMut() -> bool) -> Estimate<D> + Send,
) -> PyResult<Bound<'py, PyDict>> {
    let (cells, estimate) = interruptible(py, |interrupt| -> crate::Result<_> {
        let statistics = CellStatistics::imaged(
            centers.len(),
            data.cell,
            displacements,
            data.lags,
            data.imaging,
        )?;
        let mut posterior = Cellwise::<M, D>::new(
            centers,
            &data.adjacency,
            data.volumes,
            &statistics,
            data.parameters,
        )?;
        if let Some((segments, weight)) = &data.time_prior {
            posterior.add_time_prior(segments, *weight)?;
        }
        if data.jeffreys_prior {
            posterior = posterior.with_jeffreys_prior();
        }
        let estimate = estimate(&posterior, &data.settings, interrupt);
        Ok((posterior.cells().to_vec(), estimate))
    })??;
    let result = PyDict::new(py);
    result.set_item("cells", indices(py, &cells))?;
    result.set_item("diffusivity", estimate.diffusivity.into_pyarray(py))?;
    result.set_item("diffusivity_std", estimate.diffusivity_std.into_pyarray(py))?;
    result.set_item("vector", stacked(py, &estimate.vector)?)?;
    result.set_item("vector_std", stacked(py, &estimate.vector_std)?)?;
    result.set_item("log_evidence", estimate.log_evidence)?;
    result.set_item("objective", estimate.report.value)?;
    result.set_item("status", estimate.report.status.to_string())?;
    result.set_item("iterations", estimate.report.iterations)?;
    Ok(result)
}

/// Gradient of a field that is known in `cells` (ascending), one row for each of them; NaN along an
/// axis without such cells on either side.
#[pyfunction]
fn gradient<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
    cells: PyReadonlyArray1<'py, i64>,
    field: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let adjacency = neighbourhood(&adjacency_starts, &adjacency)?;
    let cells = counts("cells", slice("cells", &cells)?)?;
    let field = slice("field", &field)?;
    for_dimension!(
        centers,
        "centers",
        gradient_in(py, &centers, &adjacency, &cells, field)
    )
}

fn gradient_in<'py, const D: usize>(
    py: Python<'py>,
    centers: &PyReadonlyArray2<'py, f64>,
    adjacency: &Adjacency,
    cells: &[usize],
    field: &[f64],
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    check_length("field", field.len(), cells.len(), "`cells`")?;
    let operator = operator_among(rows::<D>("centers", centers)?, adjacency, cells)?;
    let gradient: Vec<[f64; D]> = (0..cells.len())
        .map(|cell| where_defined(operator.apply(field, cell), operator.defined(cell)))
        .collect();
    stacked(py, &gradient)
}

/// The gradient among `cells` (ascending) as a sparse matrix for each axis, all of one pattern: where
/// the entries of each row start, their columns (not sorted), and one row of weights for each entry,
/// NaN along an axis without such cells on either side. Rows and columns are counted among `cells`.
#[pyfunction]
#[allow(clippy::type_complexity)]
fn gradient_operator<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
    cells: PyReadonlyArray1<'py, i64>,
) -> PyResult<(
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray2<f64>>,
)> {
    let adjacency = neighbourhood(&adjacency_starts, &adjacency)?;
    let cells = counts("cells", slice("cells", &cells)?)?;
    for_dimension!(
        centers,
        "centers",
        operator_in(py, &centers, &adjacency, &cells)
    )
}

#[allow(clippy::type_complexity)]
fn operator_in<'py, const D: usize>(
    py: Python<'py>,
    centers: &PyReadonlyArray2<'py, f64>,
    adjacency: &Adjacency,
    cells: &[usize],
) -> PyResult<(
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray2<f64>>,
)> {
    let operator = operator_among(rows::<D>("centers", centers)?, adjacency, cells)?;
    let (mut starts, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
    for cell in 0..cells.len() {
        let (near, row) = operator.row(cell);
        let defined = operator.defined(cell);
        columns.extend_from_slice(near);
        weights.extend(row.iter().map(|weight| where_defined(*weight, defined)));
        starts.push(columns.len());
    }
    Ok((
        indices(py, &starts),
        indices(py, &columns),
        stacked(py, &weights)?,
    ))
}

fn operator_among<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    cells: &[usize],
) -> PyResult<GradientOperator<D>> {
    let as_many = "`centers`";
    check_length("adjacency", adjacency.cell_count(), centers.len(), as_many)?;
    let ascending = cells.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || cells.last().is_some_and(|last| *last >= centers.len()) {
        return Err(InvalidInputError::new_err(
            "`cells` are not numbers of cells in ascending order",
        ));
    }
    let known: Vec<[f64; D]> = cells.iter().map(|&cell| centers[cell]).collect();
    Ok(GradientOperator::new(&known, &adjacency.restricted(cells)))
}

fn where_defined<const D: usize>(values: [f64; D], defined: [bool; D]) -> [f64; D] {
    std::array::from_fn(|axis| {
        if defined[axis] {
            values[axis]
        } else {
            f64::NAN
        }
    })
}
