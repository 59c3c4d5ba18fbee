//! The posteriors of maps that are Matérn fields as a Python object, and their maxima.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{counts, dimension, imaging, indices, neighbourhood, rows, slice, stacked};
use super::given::{Mesh, Translocations};
use super::inference::{Contrasts, columns};
use super::interrupt::{interruptible, time_limit};
use crate::inference::likelihood::tracks::Tracks;
use crate::inference::{FieldEstimate, FieldPosterior, Mesh as Cells, Model};
use crate::optimizer::Settings;
use crate::statistics::CellStatistics;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyFieldPosterior>()
}

/// Posterior of maps that are Matérn fields, in either number of dimensions.
#[pyclass(module = "tramway._core", name = "FieldPosterior")]
struct PyFieldPosterior(AnyPosterior);

enum AnyPosterior {
    Plane(FieldPosterior<2>),
    Space(FieldPosterior<3>),
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

/// Makes the posterior of cells in either number of dimensions, by an expression in which `D` is that
/// number and `cells` are the cells.
macro_rules! posterior_of {
    ($py:ident, $mesh:ident, $scales:ident, $D:ident, $cells:ident => $result:expr) => {{
        let (centers, starts, neighbours, volumes) = &$mesh;
        let adjacency = neighbourhood(starts, neighbours)?;
        let volumes = slice("volumes", volumes)?;
        macro_rules! in_dimensions {
            ($dimension:literal) => {{
                const $D: usize = $dimension;
                let $cells = Cells::<$D> {
                    centers: rows::<$D>("centers", centers)?,
                    adjacency: &adjacency,
                    volumes,
                };
                let mut posterior: FieldPosterior<$D> = $result;
                if let Some(scales) = $scales {
                    posterior.set_scales(&scales)?;
                }
                posterior
            }};
        }
        Ok(Self(match dimension("centers", centers)? {
            2 => AnyPosterior::Plane(in_dimensions!(2)),
            _ => AnyPosterior::Space(in_dimensions!(3)),
        }))
    }};
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
impl PyFieldPosterior {
    /// The posterior of tracks; in equilibrium if `begins` tells which are not the rest of an earlier one.
    #[staticmethod]
    fn of_tracks(
        py: Python<'_>,
        model: &str,
        cells: Mesh<'_>,
        localizations: Localizations<'_>,
        exposure_time: f64,
        begins: Option<Vec<bool>>,
        scales: Option<Vec<[f64; 2]>>,
    ) -> PyResult<Self> {
        let model = Model::named(model)?;
        let (first, positions, times, noise, cell) = &localizations;
        let first = counts("starts", slice("starts", first)?)?;
        let times = slice("times", times)?.to_vec();
        let noise = slice("noise", noise)?.to_vec();
        let numbers = slice("cell", cell)?.iter();
        let cell: Vec<Option<usize>> = numbers.map(|&cell| usize::try_from(cell).ok()).collect();
        posterior_of!(py, cells, scales, D, mesh => {
            let positions = rows::<D>("positions", positions)?.to_vec();
            py.detach(|| {
                let tracks = Tracks::new(first, positions, times, noise, cell, exposure_time)?;
                FieldPosterior::of_tracks(model, &mesh, &tracks, begins.as_deref())
            })?
        })
    }

    /// The posterior of displacements by themselves.
    #[staticmethod]
    fn of_displacements(
        py: Python<'_>,
        model: &str,
        cells: Mesh<'_>,
        translocations: Translocations<'_>,
        localization_precision: f64,
        exposure_time: f64,
        scales: Option<Vec<[f64; 2]>>,
    ) -> PyResult<Self> {
        let model = Model::named(model)?;
        let (cell, displacements, lags, noise) = &translocations;
        let cell = slice("cell", cell)?;
        let lags = slice("lags", lags)?;
        let imaging = imaging(noise.as_ref(), exposure_time)?;
        posterior_of!(py, cells, scales, D, mesh => {
            let displacements = rows::<D>("displacements", displacements)?;
            py.detach(|| {
                let count = mesh.centers.len();
                let statistics =
                    CellStatistics::imaged(count, cell, displacements, lags, imaging)?;
                FieldPosterior::of_displacements(model, &mesh, &statistics, localization_precision)
            })?
        })
    }

    /// Numbers of the cells that hold data; every map has one element for each of them.
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

    /// Numbers of the cells that data tell of: those that hold data, and in equilibrium those in which a
    /// track may begin.
    #[getter]
    fn told_cells<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        indices(
            py,
            &with_posterior!(self, posterior => posterior.told_cells()),
        )
    }

    /// `weights · V` at the maximum that `estimate` finds, for each row of weights, one per cell of the
    /// tessellation, which sum to zero: values, standard deviations, and how much the prior draws each.
    fn contrasts<'py>(
        &self,
        py: Python<'py>,
        weights: PyReadonlyArray2<'py, f64>,
        max_iterations: usize,
    ) -> PyResult<Contrasts<'py>> {
        let settings = settings(max_iterations, None)?;
        let count = weights.shape()[1].max(1);
        let elements: Vec<f64> = weights.as_array().iter().copied().collect();
        let weights: Vec<Vec<f64>> = elements.chunks_exact(count).map(<[f64]>::to_vec).collect();
        let found = with_posterior!(self, posterior => {
            interruptible(py, |interrupt| posterior.contrasts(&weights, &settings, interrupt))??
        });
        Ok(columns(py, &found))
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
    found: FieldEstimate<D>,
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
