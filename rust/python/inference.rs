//! The posterior of a model as a Python object, and its maximum.

use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use super::arrays::{dimension, imaging, neighbourhood, rows, slice, smoothness_of, stacked};
use super::errors::InvalidInputError;
use super::interrupt::{interruptible, time_limit};
use crate::inference::{DiffusivityPotential, Laplace, Parameters, choose_priors};
use crate::operators::TimeSegments;
use crate::optimizer::{Curvature, Objective, Report, Settings, minimize};
use crate::statistics::CellStatistics;

/// D, V, value, status, iterations and factorisations.
type Maximum<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    f64,
    String,
    usize,
    usize,
);

/// Log evidence, and standard deviations of D, V and F.
type Deviations<'py> = (
    f64,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
);

type Pair<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Posterior of the DV model, in either number of dimensions.
#[pyclass(module = "tramway._core", name = "DiffusivityPotential")]
struct PyDiffusivityPotential(Posterior);

enum Posterior {
    Plane(DiffusivityPotential<2>),
    Space(DiffusivityPotential<3>),
}

/// Evaluates an expression with the posterior, whatever its dimension.
macro_rules! with_posterior {
    ($self:expr, $posterior:ident => $result:expr) => {
        match &$self.0 {
            Posterior::Plane($posterior) => $result,
            Posterior::Space($posterior) => $result,
        }
    };
    (mut $self:expr, $posterior:ident => $result:expr) => {
        match &mut $self.0 {
            Posterior::Plane($posterior) => $result,
            Posterior::Space($posterior) => $result,
        }
    };
}

#[pymethods]
impl PyDiffusivityPotential {
    /// `noise` is the mean σ² of the two ends of each displacement, beside that of
    /// `localization_precision`.
    #[new]
    #[pyo3(signature = (
        centers, adjacency_starts, adjacency, volumes, cell, displacements, lags,
        localization_precision, diffusivity_prior, potential_prior, min_diffusivity,
        smoothness = None, noise = None, exposure_time = 0.0
    ))]
    #[allow(clippy::too_many_arguments)] // the private end of a call that users make by keyword
    fn new(
        py: Python<'_>,
        centers: PyReadonlyArray2<'_, f64>,
        adjacency_starts: PyReadonlyArray1<'_, i64>,
        adjacency: PyReadonlyArray1<'_, i64>,
        volumes: PyReadonlyArray1<'_, f64>,
        cell: PyReadonlyArray1<'_, i64>,
        displacements: PyReadonlyArray2<'_, f64>,
        lags: PyReadonlyArray1<'_, f64>,
        localization_precision: f64,
        diffusivity_prior: f64,
        potential_prior: f64,
        min_diffusivity: f64,
        smoothness: Option<Bound<'_, PyAny>>,
        noise: Option<PyReadonlyArray1<'_, f64>>,
        exposure_time: f64,
    ) -> PyResult<Self> {
        let adjacency = neighbourhood(&adjacency_starts, &adjacency)?;
        let parameters = Parameters {
            localization_precision,
            diffusivity_prior,
            potential_prior,
            min_diffusivity,
            smoothness: smoothness_of(smoothness.as_ref())?,
        };
        let volumes = slice("volumes", &volumes)?;
        let cell = slice("cell", &cell)?;
        let lags = slice("lags", &lags)?;
        let imaging = imaging(noise.as_ref(), exposure_time)?;
        macro_rules! posterior {
            ($dimension:literal) => {{
                let centers = rows::<$dimension>("centers", &centers)?;
                let displacements = rows::<$dimension>("displacements", &displacements)?;
                py.detach(|| {
                    let count = centers.len();
                    let statistics =
                        CellStatistics::imaged(count, cell, displacements, lags, imaging)?;
                    DiffusivityPotential::new(centers, &adjacency, volumes, &statistics, parameters)
                })?
            }};
        }
        Ok(Self(match dimension("centers", &centers)? {
            2 => Posterior::Plane(posterior!(2)),
            _ => Posterior::Space(posterior!(3)),
        }))
    }

    /// Adds priors on how D and V of a cell change from one time segment to the next, those that have
    /// a weight; `volumes` are those of all cells, in all segments.
    fn add_time_priors(
        &mut self,
        middles: PyReadonlyArray1<'_, f64>,
        volumes: PyReadonlyArray1<'_, f64>,
        diffusivity_prior: Option<f64>,
        potential_prior: Option<f64>,
    ) -> PyResult<()> {
        let segments = TimeSegments::new(slice("middles", &middles)?, slice("volumes", &volumes)?)?;
        with_posterior!(mut self, posterior => {
            posterior.add_time_priors(&segments, diffusivity_prior, potential_prior)
        })?;
        Ok(())
    }

    /// Adds Jeffreys' prior on D and the force of each cell.
    fn add_jeffreys_prior(&mut self) {
        with_posterior!(mut self, posterior => {
            *posterior = posterior.clone().with_jeffreys_prior();
        });
    }

    /// Numbers of the cells that hold data; every other array has one element for each of them.
    #[getter]
    #[allow(clippy::cast_possible_wrap)] // cell numbers came in as i64
    fn cells<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        let cells = with_posterior!(self, posterior => posterior.cells());
        cells
            .iter()
            .map(|&cell| cell as i64)
            .collect::<Vec<_>>()
            .into_pyarray(py)
    }

    /// A start for the search.
    fn start<'py>(&self, py: Python<'py>) -> Pair<'py> {
        split(py, with_posterior!(self, posterior => posterior.start()))
    }

    /// Negative log posterior.
    fn value(
        &self,
        py: Python<'_>,
        diffusivity: PyReadonlyArray1<'_, f64>,
        potential: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<f64> {
        let x = self.join(&diffusivity, &potential)?;
        Ok(with_posterior!(self, posterior => py.detach(|| posterior.value(&x))))
    }

    /// Gradient of the value by D and by V.
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        diffusivity: PyReadonlyArray1<'py, f64>,
        potential: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Pair<'py>> {
        let x = self.join(&diffusivity, &potential)?;
        let mut gradient = vec![0.0; x.len()];
        with_posterior!(self, posterior => py.detach(|| posterior.gradient(&x, &mut gradient)));
        Ok(split(py, gradient))
    }

    /// Lower triangle of the Hessian in the variables `[D…, V…]`: column starts, rows, values.
    #[allow(clippy::type_complexity, clippy::cast_possible_wrap)]
    fn hessian<'py>(
        &self,
        py: Python<'py>,
        diffusivity: PyReadonlyArray1<'py, f64>,
        potential: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<(
        Bound<'py, PyArray1<i64>>,
        Bound<'py, PyArray1<i64>>,
        Bound<'py, PyArray1<f64>>,
    )> {
        let x = self.join(&diffusivity, &potential)?;
        let pattern = with_posterior!(self, posterior => posterior.pattern());
        let mut values = vec![0.0; pattern.len()];
        with_posterior!(self, posterior => {
            py.detach(|| posterior.curvature(&x, Curvature::Exact, &mut values));
        });
        let integers = |list: &[usize]| {
            list.iter()
                .map(|&i| i as i64)
                .collect::<Vec<_>>()
                .into_pyarray(py)
        };
        Ok((
            integers(pattern.starts()),
            integers(pattern.rows()),
            values.into_pyarray(py),
        ))
    }

    /// Force at each cell, NaN where undefined.
    fn force<'py>(
        &self,
        py: Python<'py>,
        potential: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let potential = slice("potential", &potential)?;
        with_posterior!(self, posterior => {
            crate::error::check_length(
                "potential", potential.len(), posterior.cell_count(), "the cells with data",
            )?;
            stacked(py, &posterior.force(potential))
        })
    }

    /// Searches the maximum of the posterior: D, V (least value 0), value, status, iterations,
    /// factorisations. Raises what a signal handler raises, `KeyboardInterrupt` for Ctrl-C.
    #[pyo3(signature = (diffusivity, potential, tolerance, max_iterations, max_seconds))]
    fn maximize<'py>(
        &self,
        py: Python<'py>,
        diffusivity: Option<PyReadonlyArray1<'py, f64>>,
        potential: Option<PyReadonlyArray1<'py, f64>>,
        tolerance: f64,
        max_iterations: usize,
        max_seconds: Option<f64>,
    ) -> PyResult<Maximum<'py>> {
        let mut x = match (diffusivity, potential) {
            (Some(diffusivity), Some(potential)) => self.join(&diffusivity, &potential)?,
            _ => with_posterior!(self, posterior => posterior.start()),
        };
        let settings = Settings {
            tolerance,
            max_iterations,
            max_time: time_limit(max_seconds)?,
        };
        let report = with_posterior!(self, posterior => interruptible(py, |interrupt| {
            let report = minimize(posterior, &mut x, &settings, interrupt);
            posterior.normalize_potential(&mut x);
            report
        }))?;
        Ok(maximum(py, x, &report))
    }

    /// Chooses by the evidence the weights that `chosen` tells, of D's and of V's variation, and leaves
    /// them in the posterior: its maximum for them, and a row for each trial, the best last (the
    /// weights, log evidence).
    #[pyo3(signature = (chosen, tolerance, max_iterations, max_seconds))]
    fn choose_priors<'py>(
        &mut self,
        py: Python<'py>,
        chosen: Vec<bool>,
        tolerance: f64,
        max_iterations: usize,
        max_seconds: Option<f64>,
    ) -> PyResult<(Maximum<'py>, Bound<'py, PyArray2<f64>>)> {
        let priors = with_posterior!(self, posterior => posterior.prior_weights().len());
        crate::error::check_length("chosen", chosen.len(), priors, "the priors")?;
        let settings = Settings {
            tolerance,
            max_iterations,
            max_time: time_limit(max_seconds)?,
        };
        let mut x = with_posterior!(self, posterior => posterior.start());
        let (trials, report) = with_posterior!(mut self, posterior => {
            interruptible(py, |interrupt| {
                let found = choose_priors(posterior, &mut x, &chosen, &settings, interrupt);
                posterior.normalize_potential(&mut x);
                found
            })
        })?;
        let trials: Vec<Vec<f64>> = trials
            .into_iter()
            .map(|trial| [trial.weights, vec![trial.log_evidence]].concat())
            .collect();
        Ok((maximum(py, x, &report), PyArray2::from_vec2(py, &trials)?))
    }

    /// The Gaussian approximation at the maximum (D, V): log evidence and standard deviations of D, V
    /// (less its mean) and F; none if the curvature is not positive definite.
    fn uncertainty<'py>(
        &self,
        py: Python<'py>,
        diffusivity: PyReadonlyArray1<'py, f64>,
        potential: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Option<Deviations<'py>>> {
        let x = self.join(&diffusivity, &potential)?;
        with_posterior!(self, posterior => {
            let found = py.detach(|| {
                let laplace = Laplace::new(posterior, &x)?;
                let uncertainty = posterior.uncertainty(&laplace, &laplace.covariance());
                Some((posterior.log_evidence(&x, &laplace), uncertainty))
            });
            let Some((log_evidence, uncertainty)) = found else { return Ok(None) };
            Ok(Some((
                log_evidence,
                uncertainty.diffusivity.into_pyarray(py),
                uncertainty.potential.into_pyarray(py),
                stacked(py, &uncertainty.force)?,
            )))
        })
    }

    /// Standard deviation of `weights · V` at the maximum (D, V), for each row of weights, which sum to
    /// zero in each connected set of cells; none if the curvature is not positive definite.
    fn contrast_deviations<'py>(
        &self,
        py: Python<'py>,
        diffusivity: PyReadonlyArray1<'py, f64>,
        potential: PyReadonlyArray1<'py, f64>,
        weights: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
        let x = self.join(&diffusivity, &potential)?;
        let count = weights.shape()[1].max(1);
        let weights = weights
            .as_slice()
            .map_err(|_| InvalidInputError::new_err("`weights` is not contiguous"))?;
        let deviations = with_posterior!(self, posterior => py.detach(|| {
            Laplace::new(posterior, &x).map(|laplace| {
                weights
                    .chunks_exact(count)
                    .map(|row| posterior.contrast_deviation(row, &laplace))
                    .collect::<crate::Result<Vec<f64>>>()
            })
        }));
        Ok(deviations.transpose()?.map(|found| found.into_pyarray(py)))
    }
}

impl PyDiffusivityPotential {
    /// The vector of variables `[D…, V…]`.
    fn join(
        &self,
        diffusivity: &PyReadonlyArray1<'_, f64>,
        potential: &PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Vec<f64>> {
        let expected = with_posterior!(self, posterior => posterior.cell_count());
        let mut x = Vec::with_capacity(2 * expected);
        for (name, part) in [("diffusivity", diffusivity), ("potential", potential)] {
            let part = slice(name, part)?;
            crate::error::check_length(name, part.len(), expected, "the cells with data")?;
            x.extend_from_slice(part);
        }
        Ok(x)
    }
}

fn maximum<'py>(py: Python<'py>, x: Vec<f64>, report: &Report) -> Maximum<'py> {
    let (diffusivity, potential) = split(py, x);
    let status = report.status.to_string();
    (
        diffusivity,
        potential,
        report.value,
        status,
        report.iterations,
        report.factorizations,
    )
}

fn split(py: Python<'_>, mut x: Vec<f64>) -> Pair<'_> {
    let potential = x.split_off(x.len() / 2);
    (x.into_pyarray(py), potential.into_pyarray(py))
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyDiffusivityPotential>()
}
