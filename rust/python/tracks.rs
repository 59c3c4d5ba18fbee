//! The posterior of whole tracks as a Python object, and its maximum.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{counts, dimension, indices, neighbourhood, rows, slice, stacked};
use super::inference::Mesh;
use super::interrupt::{interruptible, time_limit};
use crate::inference::likelihood::tracks::Tracks;
use crate::inference::{Model, TrackEstimate, TrackPosterior};
use crate::optimizer::Settings;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTrackPosterior>()
}

/// Posterior of the tracks of a model, in either number of dimensions.
#[pyclass(module = "tramway._core", name = "TrackPosterior")]
struct PyTrackPosterior(AnyPosterior);

enum AnyPosterior {
    Plane(TrackPosterior<2>),
    Space(TrackPosterior<3>),
}

/// Evaluates an expression with the posterior, whatever its dimension.
macro_rules! with_posterior {
    ($self:expr, $posterior:ident => $result:expr) => {
        match &$self.0 {
            AnyPosterior::Plane($posterior) => $result,
            AnyPosterior::Space($posterior) => $result,
        }
    };
}

/// Localizations, one track after the other: where each begins (and how many there are), positions, times,
/// σ² and cells (-1 for none).
type Localizations<'py> = (
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, i64>,
);

#[pymethods]
impl PyTrackPosterior {
    #[new]
    fn new(
        py: Python<'_>,
        model: &str,
        cells: Mesh<'_>,
        localizations: Localizations<'_>,
        exposure_time: f64,
        begins: Option<Vec<bool>>,
    ) -> PyResult<Self> {
        let model = Model::named(model)?;
        let (centers, starts, neighbours, volumes) = &cells;
        let (first, positions, times, noise, cell) = &localizations;
        let adjacency = neighbourhood(starts, neighbours)?;
        let volumes = slice("volumes", volumes)?;
        let first = counts("starts", slice("starts", first)?)?;
        let times = slice("times", times)?.to_vec();
        let noise = slice("noise", noise)?.to_vec();
        let numbers = slice("cell", cell)?.iter();
        let cell = numbers.map(|&cell| usize::try_from(cell).ok()).collect();
        macro_rules! posterior {
            ($dimension:literal) => {{
                let centers = rows::<$dimension>("centers", centers)?;
                let positions = rows::<$dimension>("positions", positions)?.to_vec();
                py.detach(|| {
                    let tracks = Tracks::new(first, positions, times, noise, cell, exposure_time)?;
                    let begins = begins.as_deref();
                    TrackPosterior::new(model, centers, &adjacency, volumes, &tracks, begins)
                })?
            }};
        }
        Ok(Self(match dimension("centers", centers)? {
            2 => AnyPosterior::Plane(posterior!(2)),
            _ => AnyPosterior::Space(posterior!(3)),
        }))
    }

    /// Numbers of the cells in which steps begin; every map has one element for each of them.
    #[getter]
    fn cells<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        indices(py, with_posterior!(self, posterior => posterior.cells()))
    }

    /// Searches the maximum of the posterior, and the scales of the priors.
    ///
    /// A dictionary: `diffusivity` and `log_diffusivity_std`; `potential` (least value 0; empty in a model
    /// that has none) and `vector`, each with its standard deviations, `…_std`; `scales`, amplitude and
    /// range of the field of ln D and of the others; `log_evidence` and `log_evidence_of_starts`,
    /// `objective`, `status`, `iterations`.
    /// Raises what a signal handler raises, `KeyboardInterrupt` for Ctrl-C.
    fn estimate<'py>(
        &self,
        py: Python<'py>,
        max_iterations: usize,
        max_seconds: Option<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let settings = settings(max_iterations, max_seconds)?;
        with_posterior!(self, posterior => {
            let found = interruptible(py, |interrupt| posterior.estimate(&settings, interrupt))??;
            estimated(py, found)
        })
    }

    /// Standard deviation of `weights · V` at the maximum that `estimate` finds, for each row of weights, which
    /// sum to zero.
    fn contrast_deviations<'py>(
        &self,
        py: Python<'py>,
        weights: PyReadonlyArray2<'py, f64>,
        max_iterations: usize,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let settings = settings(max_iterations, None)?;
        let count = weights.shape()[1].max(1);
        let elements: Vec<f64> = weights.as_array().iter().copied().collect();
        let weights: Vec<Vec<f64>> = elements.chunks_exact(count).map(<[f64]>::to_vec).collect();
        let found = with_posterior!(self, posterior => {
            interruptible(py, |interrupt| {
                posterior.contrast_deviations(&weights, &settings, interrupt)
            })??
        });
        Ok(found.into_pyarray(py))
    }
}

fn settings(max_iterations: usize, max_seconds: Option<f64>) -> PyResult<Settings> {
    Ok(Settings {
        max_iterations,
        max_time: time_limit(max_seconds)?,
        ..Settings::default()
    })
}

fn estimated<const D: usize>(
    py: Python<'_>,
    found: TrackEstimate<D>,
) -> PyResult<Bound<'_, PyDict>> {
    let result = PyDict::new(py);
    result.set_item("diffusivity", found.diffusivity.into_pyarray(py))?;
    let log_std = found.log_diffusivity_std.into_pyarray(py);
    result.set_item("log_diffusivity_std", log_std)?;
    result.set_item("potential", found.potential.into_pyarray(py))?;
    result.set_item("potential_std", found.potential_std.into_pyarray(py))?;
    result.set_item("vector", stacked(py, &found.vector)?)?;
    result.set_item("vector_std", stacked(py, &found.vector_std)?)?;
    result.set_item("scales", found.scales)?;
    result.set_item("log_evidence", found.log_evidence)?;
    let of_starts = found.log_evidence_of_starts;
    result.set_item("log_evidence_of_starts", of_starts)?;
    result.set_item("objective", found.value)?;
    result.set_item("status", found.status.to_string())?;
    result.set_item("iterations", found.iterations)?;
    Ok(result)
}
