//! numpy arrays as the slices that the core takes.

use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use super::errors::InvalidInputError;
use crate::error::check_length;
use crate::operators::Smoothness;
use crate::statistics::Imaging;
use crate::tessellation::Adjacency;

/// The elements of a contiguous one-dimensional array.
pub(super) fn slice<'a, T: numpy::Element>(
    name: &str,
    array: &'a PyReadonlyArray1<'_, T>,
) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| not_contiguous(name))
}

/// How localizations tell of positions.
pub(super) fn imaging<'a>(
    noise: Option<&'a PyReadonlyArray1<'_, f64>>,
    exposure_time: f64,
) -> PyResult<Imaging<'a>> {
    let noise = noise.map(|noise| slice("noise", noise)).transpose()?;
    Ok(Imaging {
        noise,
        exposure_time,
    })
}

/// The rows of a contiguous (n, D) array.
pub(super) fn rows<'a, const D: usize>(
    name: &str,
    array: &'a PyReadonlyArray2<'_, f64>,
) -> PyResult<&'a [[f64; D]]> {
    if array.shape()[1] != D {
        return Err(InvalidInputError::new_err(format!(
            "`{name}` has {} columns, expected {D}, one per space dimension",
            array.shape()[1]
        )));
    }
    // `as_slice` would also hand out the elements of a Fortran-ordered array, column by column.
    if !array.is_c_contiguous() {
        return Err(not_contiguous(name));
    }
    Ok(array
        .as_slice()
        .map_err(|_| not_contiguous(name))?
        .as_chunks()
        .0)
}

/// Contiguous columns, one for each space dimension.
pub(super) fn columns<'a, const D: usize>(
    name: &'static str,
    columns: &'a [PyReadonlyArray1<'_, f64>],
) -> PyResult<[&'a [f64]; D]> {
    check_length(name, columns.len(), D, "the space dimensions")?;
    let columns = columns.iter().map(|column| slice(name, column));
    let columns = columns.collect::<PyResult<Vec<_>>>()?;
    Ok(std::array::from_fn(|d| columns[d]))
}

/// Number of space dimensions of an (n, D) array, 2 or 3.
pub(super) fn dimension(name: &str, array: &PyReadonlyArray2<'_, f64>) -> PyResult<usize> {
    match array.shape()[1] {
        dimension @ (2 | 3) => Ok(dimension),
        other => Err(InvalidInputError::new_err(format!(
            "`{name}` has {other} columns, expected 2 or 3, one per space dimension"
        ))),
    }
}

/// Numbers of cells, rows or entries, none of them negative.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // as memory can hold so many
pub(super) fn counts(name: &str, values: &[i64]) -> PyResult<Vec<usize>> {
    if values.iter().any(|value| *value < 0) {
        return Err(InvalidInputError::new_err(format!(
            "`{name}` has a negative element"
        )));
    }
    Ok(values.iter().map(|&value| value as usize).collect())
}

/// Numbers of cells or rows as an array.
#[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
pub(super) fn indices<'py>(py: Python<'py>, values: &[usize]) -> Bound<'py, PyArray1<i64>> {
    PyArray1::from_iter(py, values.iter().map(|&value| value as i64))
}

/// Neighbours of every cell, from where each cell's start and all of them.
pub(super) fn neighbourhood(
    starts: &PyReadonlyArray1<'_, i64>,
    neighbours: &PyReadonlyArray1<'_, i64>,
) -> PyResult<Adjacency> {
    Ok(Adjacency::new(
        counts("adjacency_starts", slice("adjacency_starts", starts)?)?,
        counts("adjacency", slice("adjacency", neighbours)?)?,
    )?)
}

/// Points as an (n, D) array.
pub(super) fn stacked<'py, const D: usize>(
    py: Python<'py>,
    points: &[[f64; D]],
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    points
        .as_flattened()
        .to_vec()
        .into_pyarray(py)
        .reshape([points.len(), D])
}

fn not_contiguous(name: &str) -> PyErr {
    InvalidInputError::new_err(format!(
        "`{name}` is not contiguous in memory: pass numpy.ascontiguousarray({name})"
    ))
}

/// Calls a function of the core for the number of columns of `points`, 2 or 3.
macro_rules! for_dimension {
    ($points:expr, $name:literal, $call:ident ( $($argument:expr),* $(,)? )) => {
        match $crate::python::arrays::dimension($name, &$points)? {
            2 => $call::<2>($($argument),*),
            _ => $call::<3>($($argument),*),
        }
    };
}
pub(super) use for_dimension;

/// First- or second-order smoothness, from 1 (the default) or 2.
pub(super) fn smoothness_of(order: Option<&Bound<'_, PyAny>>) -> PyResult<Smoothness> {
    let Some(order) = order else {
        return Ok(Smoothness::default());
    };
    match order.extract::<f64>() {
        Ok(1.0) => Ok(Smoothness::First),
        Ok(2.0) => Ok(Smoothness::Second),
        _ => Err(InvalidInputError::new_err(format!(
            "`smoothness` is {}, expected 1 or 2",
            order.repr()?
        ))),
    }
}
