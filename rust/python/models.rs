//! The models whose cells have quantities of their own: the maximum of their posteriors; and the
//! gradient of a map.

use numpy::{IntoPyArray, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{counts, for_dimension, imaging, indices, neighbourhood, rows, slice, stacked};
use super::errors::InvalidInputError;
use super::interrupt::{interruptible, time_limit};
use crate::error::check_length;
use crate::inference::{Cellwise, CellwiseParameters, Drift, Estimate, Force, Free, Motion};
use crate::operators::GradientOperator;
use crate::optimizer::Settings;
use crate::statistics::{CellStatistics, Imaging};
use crate::tessellation::Adjacency;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(estimate_cellwise, module)?)?;
    module.add_function(wrap_pyfunction!(gradient, module)?)
}

/// The maximum of the posterior of the model that is named, `d`, `dd` or `df`.
///
/// A dictionary: `cells`, the numbers of the cells that hold data; `diffusivity`, `vector` and their
/// standard deviations `diffusivity_std`, `vector_std`, one element or row for each of them;
/// `log_evidence`, `objective`, `status`, `iterations`. `noise` is the mean σ² of the two ends of each
/// displacement, beside that of `localization_precision`. Raises what a signal handler raises,
/// `KeyboardInterrupt` for Ctrl-C.
#[pyfunction]
#[pyo3(signature = (
    model, centers, adjacency_starts, adjacency, volumes, cell, displacements, lags,
    localization_precision, diffusivity_prior, vector_prior, min_diffusivity, tolerance,
    max_iterations, max_seconds, noise=None, exposure_time=0.0
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
    tolerance: f64,
    max_iterations: usize,
    max_seconds: Option<f64>,
    noise: Option<PyReadonlyArray1<'py, f64>>,
    exposure_time: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let data = Data {
        adjacency: neighbourhood(&adjacency_starts, &adjacency)?,
        volumes: slice("volumes", &volumes)?,
        cell: slice("cell", &cell)?,
        lags: slice("lags", &lags)?,
        imaging: imaging(noise.as_ref(), exposure_time)?,
        parameters: CellwiseParameters {
            localization_precision,
            diffusivity_prior,
            vector_prior,
            min_diffusivity,
        },
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
    imaging: Imaging<'a>,
    parameters: CellwiseParameters,
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
        let posterior = Cellwise::<M, D>::new(
            centers,
            &data.adjacency,
            data.volumes,
            &statistics,
            data.parameters,
        )?;
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
    let centers = rows::<D>("centers", centers)?;
    let as_many = "`centers`";
    check_length("adjacency", adjacency.cell_count(), centers.len(), as_many)?;
    check_length("field", field.len(), cells.len(), "`cells`")?;
    let ascending = cells.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || cells.last().is_some_and(|last| *last >= centers.len()) {
        return Err(InvalidInputError::new_err(
            "`cells` are not numbers of cells in ascending order",
        ));
    }
    let known: Vec<[f64; D]> = cells.iter().map(|&cell| centers[cell]).collect();
    let operator = GradientOperator::new(&known, &adjacency.restricted(cells));
    let gradient: Vec<[f64; D]> = (0..cells.len())
        .map(|cell| {
            let gradient = operator.apply(field, cell);
            let defined = operator.defined(cell);
            std::array::from_fn(|axis| {
                if defined[axis] {
                    gradient[axis]
                } else {
                    f64::NAN
                }
            })
        })
        .collect();
    stacked(py, &gradient)
}
