//! What posteriors are made of, as Python gives it.

use std::collections::HashMap;

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{imaging, rows, slice};
use super::statistics::{Sums, statistics_of};
use crate::statistics::CellStatistics;

/// The cells of a tessellation: centers, where the neighbours of each begin, the neighbours, volumes.
pub(super) type Mesh<'py> = (
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, f64>,
);

/// Translocations: cell, displacement, lag, and the mean σ² of the two ends of each, if these have a
/// precision of their own.
pub(super) type Translocations<'py> = (
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    Option<PyReadonlyArray1<'py, f64>>,
);

/// The data: translocations, or sums over those of each cell.
#[derive(FromPyObject)]
pub(super) enum Observed<'py> {
    Translocations(Translocations<'py>),
    Sums(Sums<'py>),
}

impl Observed<'_> {
    /// The sums over the displacements of each cell.
    pub(super) fn statistics<const D: usize>(
        &self,
        py: Python<'_>,
        cell_count: usize,
        exposure_time: f64,
    ) -> PyResult<CellStatistics<D>> {
        match self {
            Self::Sums(sums) => statistics_of(sums, exposure_time),
            Self::Translocations((cell, displacements, lags, noise)) => {
                let displacements = rows::<D>("displacements", displacements)?;
                let imaging = imaging(noise.as_ref(), exposure_time)?;
                let (cell, lags) = (slice("cell", cell)?, slice("lags", lags)?);
                Ok(py.detach(|| {
                    CellStatistics::imaged(cell_count, cell, displacements, lags, imaging)
                })?)
            }
        }
    }
}

/// What is given, beside the data, under the names that users know; zero or none where it is not, but for the priors.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct Given<'py> {
    #[pyo3(default)]
    pub(super) localization_precision: f64,
    #[pyo3(default)]
    pub(super) exposure_time: f64,
    #[pyo3(default)]
    pub(super) min_diffusivity: f64,
    /// 1 or 2; 1 by default.
    #[pyo3(default)]
    pub(super) smoothness: Option<Bound<'py, PyAny>>,
    #[pyo3(default)]
    pub(super) jeffreys_prior: bool,
    /// Weights of the priors, by their names.
    pub(super) priors: HashMap<String, f64>,
    /// Middles of the time segments that `priors` in time are for.
    #[pyo3(default)]
    pub(super) middles: Option<PyReadonlyArray1<'py, f64>>,
}

impl Given<'_> {
    /// The weight of a prior, if there is one of that name and it is given.
    pub(super) fn weight(&self, name: Option<&str>) -> Option<f64> {
        name.and_then(|name| self.priors.get(name).copied())
    }
}
