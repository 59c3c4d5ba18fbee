//! The posterior of a model as a Python object, and its maximum.

use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{dimension, indices, neighbourhood, rows, slice, smoothness_of, stacked};
use super::errors::InvalidInputError;
use super::given::{Given, Mesh, Observed};
use super::interrupt::{interruptible, time_limit};
use crate::error::check_length;
use crate::inference::{Contrast, Estimate, Laplace, MIN_VARIANCE, Model, Parameters, Posterior};
use crate::operators::TimeSegments;
use crate::optimizer::{Curvature, Objective, Settings, Status, minimize};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MIN_VARIANCE", MIN_VARIANCE)?;
    for (name, status) in [
        ("CONVERGED", Status::Converged),
        ("MAX_ITERATIONS", Status::MaxIterations),
        ("MAX_TIME", Status::MaxTime),
        ("STALLED", Status::Stalled),
        ("INTERRUPTED", Status::Interrupted),
    ] {
        module.add(name, status.to_string())?;
    }
    module.add_class::<PyPosterior>()
}

/// Values of contrasts, kT, their standard deviations, and how much the priors draw each.
pub(super) type Contrasts<'py> = [Bound<'py, PyArray1<f64>>; 3];

/// The columns of a table of contrasts.
pub(super) fn columns<'py>(py: Python<'py>, found: &[Contrast]) -> Contrasts<'py> {
    let of: [fn(&Contrast) -> f64; 3] = [|c| c.value, |c| c.deviation, |c| c.drawn];
    of.map(|of| PyArray1::from_iter(py, found.iter().map(of)))
}

/// Posterior of a model, in either number of dimensions.
#[pyclass(module = "tramway._core", name = "Posterior")]
struct PyPosterior {
    posterior: AnyPosterior,
    /// Names of the weights of its priors, in their order.
    priors: Vec<&'static str>,
}

enum AnyPosterior {
    Plane(Posterior<2>),
    Space(Posterior<3>),
}

/// Evaluates an expression with the posterior, whatever its dimension.
macro_rules! with_posterior {
    ($self:expr, $posterior:ident => $result:expr) => {
        with_posterior!(in &$self.posterior, $posterior => $result)
    };
    (in $any:expr, $posterior:ident => $result:expr) => {
        match $any {
            AnyPosterior::Plane($posterior) => $result,
            AnyPosterior::Space($posterior) => $result,
        }
    };
}

const DIFFUSIVITY_PRIORS: [&str; 2] = ["diffusivity_prior", "diffusivity_time_prior"];

#[pymethods]
impl PyPosterior {
    #[new]
    fn new(
        py: Python<'_>,
        model: &str,
        cells: Mesh<'_>,
        observed: Observed<'_>,
        settings: Given<'_>,
    ) -> PyResult<Self> {
        let model = Model::named(model)?;
        let (centers, starts, neighbours, volumes) = &cells;
        let [of_diffusivity, of_diffusivity_in_time] = DIFFUSIVITY_PRIORS;
        let [of_field, of_field_in_time] = model.field_priors();
        let parameters = Parameters {
            localization_precision: settings.localization_precision,
            min_diffusivity: settings.min_diffusivity,
            smoothness: smoothness_of(settings.smoothness.as_ref())?,
            diffusivity_prior: settings.weight(Some(of_diffusivity)).unwrap_or(0.0),
            field_prior: settings.weight(of_field).unwrap_or(0.0),
        };
        let in_time = [
            settings.weight(Some(of_diffusivity_in_time)),
            settings.weight(of_field_in_time),
        ];
        let adjacency = neighbourhood(starts, neighbours)?;
        let volumes = slice("volumes", volumes)?;
        let segments = match &settings.middles {
            Some(middles) if in_time.iter().any(Option::is_some) => {
                Some(TimeSegments::new(slice("middles", middles)?, volumes)?)
            }
            _ => None,
        };
        let exposure_time = settings.exposure_time;
        let has_jeffreys_prior = settings.jeffreys_prior;
        macro_rules! posterior {
            ($dimension:literal) => {{
                let centers = rows::<$dimension>("centers", centers)?;
                let statistics = observed.statistics(py, centers.len(), exposure_time)?;
                py.detach(|| -> crate::Result<_> {
                    let mut posterior =
                        Posterior::new(model, centers, adjacency, volumes, statistics, parameters)?;
                    if let Some(segments) = &segments {
                        posterior.add_time_priors(segments, in_time[0], in_time[1])?;
                    }
                    Ok(if has_jeffreys_prior {
                        posterior.with_jeffreys_prior()
                    } else {
                        posterior
                    })
                })?
            }};
        }
        let posterior = match dimension("centers", centers)? {
            2 => AnyPosterior::Plane(posterior!(2)),
            _ => AnyPosterior::Space(posterior!(3)),
        };
        let mut priors: Vec<&str> = [Some(of_diffusivity), of_field]
            .into_iter()
            .flatten()
            .collect();
        if segments.is_some() {
            let names = [Some(of_diffusivity_in_time), of_field_in_time];
            let given = names
                .into_iter()
                .zip(in_time)
                .filter(|(_, weight)| weight.is_some());
            priors.extend(given.filter_map(|(name, _)| name));
        }
        Ok(Self { posterior, priors })
    }

    /// Numbers of the cells that hold data; every map has one element for each of them.
    #[getter]
    fn cells<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        indices(py, with_posterior!(self, posterior => posterior.cells()))
    }

    /// Number of displacements in each of these cells.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_posterior!(self, posterior => posterior.counts()).into_pyarray(py)
    }

    /// Median lag of the displacements, s.
    #[getter]
    fn median_lag(&self) -> f64 {
        with_posterior!(self, posterior => posterior.median_lag())
    }

    /// A start for the search: the variables, D of each cell first.
    fn start<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        with_posterior!(self, posterior => posterior.start()).into_pyarray(py)
    }

    /// Negative log posterior.
    fn value(&self, py: Python<'_>, x: PyReadonlyArray1<'_, f64>) -> PyResult<f64> {
        let x = self.variables(&x)?;
        Ok(with_posterior!(self, posterior => py.detach(|| posterior.value(x))))
    }

    /// Gradient of the value.
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let x = self.variables(&x)?;
        let mut gradient = vec![0.0; x.len()];
        with_posterior!(self, posterior => py.detach(|| posterior.gradient(x, &mut gradient)));
        Ok(gradient.into_pyarray(py))
    }

    /// Lower triangle of the Hessian: column starts, rows, values.
    #[allow(clippy::type_complexity)]
    fn hessian<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<(
        Bound<'py, PyArray1<i64>>,
        Bound<'py, PyArray1<i64>>,
        Bound<'py, PyArray1<f64>>,
    )> {
        let x = self.variables(&x)?;
        let pattern = with_posterior!(self, posterior => posterior.pattern());
        let mut values = vec![0.0; pattern.len()];
        with_posterior!(self, posterior => {
            py.detach(|| posterior.curvature(x, Curvature::Exact, &mut values));
        });
        Ok((
            indices(py, pattern.starts()),
            PyArray1::from_iter(py, pattern.rows().iter().map(|&row| i64::from(row))),
            values.into_pyarray(py),
        ))
    }

    /// Searches the maximum alone, as [`estimate`](Self::estimate) does with the weights that there are:
    /// where it is, the least negative log posterior, and the number of iterations.
    fn minimum<'py>(
        &self,
        py: Python<'py>,
        tolerance: f64,
        max_iterations: usize,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, f64, usize)> {
        let settings = Settings {
            tolerance,
            max_iterations,
            max_time: None,
        };
        let (x, report) = with_posterior!(self, posterior => interruptible(py, |interrupt| {
            let mut x = posterior.start();
            let report = minimize(posterior, &mut x, &settings, interrupt);
            (x, report)
        })?);
        Ok((x.into_pyarray(py), report.value, report.iterations))
    }

    /// Searches the maximum of the posterior; the weights of the priors that are named are those that
    /// maximise the evidence.
    ///
    /// A dictionary: `diffusivity`, `potential` (least value 0; empty in a model that has none) and
    /// `vector`, each with its standard deviations, `…_std`; `long_steps`, in how many cells molecules leave
    /// the cell within the median lag; `log_evidence`; `weights`, of all priors by name; `trials`, a row for each one of the search for weights, the best last (all weights, log
    /// evidence); `objective`, `status`, `iterations`. Raises what a signal handler raises,
    /// `KeyboardInterrupt` for Ctrl-C.
    fn estimate<'py>(
        &mut self,
        py: Python<'py>,
        chosen: Vec<String>,
        tolerance: f64,
        max_iterations: usize,
        max_seconds: Option<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let is_chosen: Vec<bool> = self
            .priors
            .iter()
            .map(|prior| chosen.iter().any(|name| name == prior))
            .collect();
        let settings = Settings {
            tolerance,
            max_iterations,
            max_time: time_limit(max_seconds)?,
        };
        let result = with_posterior!(in &mut self.posterior, posterior => {
            let found = interruptible(py, |interrupt| {
                posterior.estimate(&is_chosen, &settings, interrupt)
            })??;
            estimated(py, found)?
        });
        let weights = PyDict::new(py);
        let values = with_posterior!(self, posterior => posterior.prior_weights());
        for (name, value) in self.priors.iter().zip(values) {
            weights.set_item(name, value)?;
        }
        result.set_item("weights", weights)?;
        Ok(result)
    }

    /// `weights · V` at the maximum `x`, for each row of weights, which sum to zero in each connected
    /// set of cells: values, standard deviations, and how much more each would be without the draw of
    /// the priors. None if the curvature is not positive definite.
    fn contrasts<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray1<'py, f64>,
        weights: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Option<Contrasts<'py>>> {
        let x = self.variables(&x)?;
        let count = weights.shape()[1].max(1);
        let weights = weights
            .as_slice()
            .map_err(|_| InvalidInputError::new_err("`weights` is not contiguous"))?;
        let found = with_posterior!(self, posterior => py.detach(|| {
            Laplace::new(posterior, x).map(|laplace| {
                weights
                    .chunks_exact(count)
                    .map(|row| posterior.contrast(row, x, &laplace))
                    .collect::<crate::Result<Vec<Contrast>>>()
            })
        }));
        Ok(found.transpose()?.map(|found| columns(py, &found)))
    }
}

impl PyPosterior {
    fn variables<'a>(&self, x: &'a PyReadonlyArray1<'_, f64>) -> PyResult<&'a [f64]> {
        let x = slice("x", x)?;
        let expected = with_posterior!(self, posterior => posterior.pattern().size());
        check_length("x", x.len(), expected, "the variables of the posterior")?;
        Ok(x)
    }
}

fn estimated<const D: usize>(py: Python<'_>, found: Estimate<D>) -> PyResult<Bound<'_, PyDict>> {
    let result = PyDict::new(py);
    let trials: Vec<Vec<f64>> = found
        .trials
        .into_iter()
        .map(|trial| [trial.weights, vec![trial.log_evidence]].concat())
        .collect();
    result.set_item("diffusivity", found.diffusivity.into_pyarray(py))?;
    result.set_item("diffusivity_std", found.diffusivity_std.into_pyarray(py))?;
    result.set_item("potential", found.potential.into_pyarray(py))?;
    result.set_item("potential_std", found.potential_std.into_pyarray(py))?;
    result.set_item("vector", stacked(py, &found.vector)?)?;
    result.set_item("vector_std", stacked(py, &found.vector_std)?)?;
    result.set_item("long_steps", found.long_steps)?;
    result.set_item("log_evidence", found.log_evidence)?;
    result.set_item("trials", PyArray2::from_vec2(py, &trials)?)?;
    result.set_item("objective", found.report.value)?;
    result.set_item("status", found.report.status.to_string())?;
    result.set_item("iterations", found.report.iterations)?;
    Ok(result)
}
