//! What models of motion say of maps that are there.

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{for_dimension, rows, slice};
use crate::inference::{Model, count_long_steps};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(mobility, module)?)?;
    module.add_function(wrap_pyfunction!(long_steps, module)?)
}

/// Mobility h(D) of each cell in the model that is named: what turns its vector into a velocity.
#[pyfunction]
fn mobility<'py>(
    py: Python<'py>,
    model: &str,
    diffusivity: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let model = Model::named(model)?;
    let diffusivity = slice("diffusivity", &diffusivity)?;
    Ok(PyArray1::from_iter(
        py,
        diffusivity.iter().map(|&d| model.mobility(d)[0]),
    ))
}

/// In how many cells of these widths molecules move further within a lag than the cell is wide. D and the
/// vector that moves them in the model that is named, zero where nothing does, have their standard deviations
/// beside them.
#[pyfunction]
fn long_steps(
    model: &str,
    widths: PyReadonlyArray1<'_, f64>,
    lag: f64,
    diffusivity: [PyReadonlyArray1<'_, f64>; 2],
    vector: [PyReadonlyArray2<'_, f64>; 2],
) -> PyResult<usize> {
    let model = Model::named(model)?;
    let widths = slice("widths", &widths)?;
    let [d, d_std] = &diffusivity;
    let diffusivity = [slice("diffusivity", d)?, slice("diffusivity std", d_std)?];
    for_dimension!(
        vector[0],
        "vector",
        long_steps_in(model, widths, lag, diffusivity, &vector)
    )
}

fn long_steps_in<const D: usize>(
    model: Model,
    widths: &[f64],
    lag: f64,
    diffusivity: [&[f64]; 2],
    [vector, vector_std]: &[PyReadonlyArray2<'_, f64>; 2],
) -> PyResult<usize> {
    let vector: [&[[f64; D]]; 2] = [rows("vector", vector)?, rows("vector std", vector_std)?];
    Ok(count_long_steps(model, widths, lag, diffusivity, vector)?)
}
