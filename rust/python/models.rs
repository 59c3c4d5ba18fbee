//! What models of motion say of maps that are there.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use super::arrays::slice;
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

/// A map and its standard deviation.
type WithDeviation<'py> = [PyReadonlyArray1<'py, f64>; 2];

/// In how many cells of these widths molecules move further within a lag than the cell is wide; `vector` is
/// what moves them in the model that is named, axis by axis, if anything does.
#[pyfunction]
fn long_steps(
    model: &str,
    widths: PyReadonlyArray1<'_, f64>,
    lag: f64,
    diffusivity: WithDeviation<'_>,
    vector: Vec<WithDeviation<'_>>,
) -> PyResult<usize> {
    let vector = vector.iter().map(slices).collect::<PyResult<Vec<_>>>()?;
    Ok(count_long_steps(
        Model::named(model)?,
        slice("widths", &widths)?,
        lag,
        slices(&diffusivity)?,
        &vector,
    )?)
}

fn slices<'a>([map, deviation]: &'a WithDeviation<'_>) -> PyResult<[&'a [f64]; 2]> {
    Ok([slice("map", map)?, slice("deviation", deviation)?])
}
