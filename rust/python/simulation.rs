//! Simulated trajectories.

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays;
use super::errors::InvalidInputError;
use crate::simulation::{self, Gaussian, GaussianLandscape, Movie};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(simulate_walks, module)?)
}

/// Localizations of every track, one track after the other. A row of `wells` or
/// `diffusivity_bumps` is a center, a height and a width.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the private end of a call that users make by keyword
fn simulate_walks<'py>(
    py: Python<'py>,
    track_count: usize,
    track_length: usize,
    frame_interval: f64,
    substeps: usize,
    localization_precision: f64,
    lower: Vec<f64>,
    upper: Vec<f64>,
    diffusivity: f64,
    diffusivity_bumps: PyReadonlyArray2<'py, f64>,
    wells: PyReadonlyArray2<'py, f64>,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    macro_rules! simulate {
        ($dimension:literal, $row:literal) => {{
            let movie = Movie {
                track_count,
                track_length,
                frame_interval,
                substeps,
                localization_precision,
                lower: corner::<$dimension>("lower", &lower)?,
                upper: corner::<$dimension>("upper", &upper)?,
            };
            let bumps = arrays::rows::<$row>("diffusivity_bumps", &diffusivity_bumps)?;
            let wells = arrays::rows::<$row>("wells", &wells)?;
            let landscape = GaussianLandscape::<$dimension>::new(
                diffusivity,
                bumps.iter().map(|row| gaussian(row)).collect(),
                wells.iter().map(|row| gaussian(row)).collect(),
            )?;
            let localizations = py.detach(|| simulation::simulate(&landscape, &movie, seed))?;
            arrays::stacked(py, &localizations)
        }};
    }
    if lower.len() == 2 {
        simulate!(2, 4)
    } else {
        simulate!(3, 5)
    }
}

fn corner<const D: usize>(name: &str, coordinates: &[f64]) -> PyResult<[f64; D]> {
    coordinates.try_into().map_err(|_| {
        InvalidInputError::new_err(format!(
            "`{name}` has {} coordinates, expected 2 or 3, as many as the other corner",
            coordinates.len()
        ))
    })
}

fn gaussian<const D: usize>(row: &[f64]) -> Gaussian<D> {
    Gaussian {
        center: std::array::from_fn(|d| row[d]),
        height: row[D],
        width: row[D + 1],
    }
}
