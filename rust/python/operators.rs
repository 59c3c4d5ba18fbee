//! The gradient of a map.

use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{counts, for_dimension, indices, neighbourhood, rows, slice, stacked};
use super::errors::InvalidInputError;
use crate::error::check_length;
use crate::operators::GradientOperator;
use crate::tessellation::Adjacency;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(gradient, module)?)?;
    module.add_function(wrap_pyfunction!(gradient_operator, module)?)
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
    check_length("field", field.len(), cells.len(), "`cells`")?;
    let operator = operator_among(rows::<D>("centers", centers)?, adjacency, cells)?;
    let gradient: Vec<[f64; D]> = (0..cells.len())
        .map(|cell| where_defined(operator.apply(field, cell), operator.defined(cell)))
        .collect();
    stacked(py, &gradient)
}

/// The gradient among `cells` (ascending) as a sparse matrix for each axis, all of one pattern: where
/// the entries of each row start, their columns (ascending), and one row of weights for each entry, NaN
/// along an axis without such cells on either side. Rows and columns are counted among `cells`.
#[pyfunction]
#[allow(clippy::type_complexity)]
fn gradient_operator<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
    cells: PyReadonlyArray1<'py, i64>,
) -> PyResult<(
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray2<f64>>,
)> {
    let adjacency = neighbourhood(&adjacency_starts, &adjacency)?;
    let cells = counts("cells", slice("cells", &cells)?)?;
    for_dimension!(
        centers,
        "centers",
        operator_in(py, &centers, &adjacency, &cells)
    )
}

#[allow(clippy::type_complexity)]
fn operator_in<'py, const D: usize>(
    py: Python<'py>,
    centers: &PyReadonlyArray2<'py, f64>,
    adjacency: &Adjacency,
    cells: &[usize],
) -> PyResult<(
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray2<f64>>,
)> {
    let operator = operator_among(rows::<D>("centers", centers)?, adjacency, cells)?;
    let (mut starts, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
    for cell in 0..cells.len() {
        let defined = operator.defined(cell);
        for (other, weight) in operator.row(cell) {
            columns.push(other);
            weights.push(where_defined(weight, defined));
        }
        starts.push(columns.len());
    }
    Ok((
        indices(py, &starts),
        indices(py, &columns),
        stacked(py, &weights)?,
    ))
}

fn operator_among<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    cells: &[usize],
) -> PyResult<GradientOperator<D>> {
    let as_many = "`centers`";
    check_length("adjacency", adjacency.cell_count(), centers.len(), as_many)?;
    let ascending = cells.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || cells.last().is_some_and(|last| *last >= centers.len()) {
        return Err(InvalidInputError::new_err(
            "`cells` are not numbers of cells in ascending order",
        ));
    }
    let known: Vec<[f64; D]> = cells.iter().map(|&cell| centers[cell]).collect();
    Ok(GradientOperator::new(&known, &adjacency.restricted(cells)))
}

fn where_defined<const D: usize>(values: [f64; D], defined: [bool; D]) -> [f64; D] {
    std::array::from_fn(|axis| {
        if defined[axis] {
            values[axis]
        } else {
            f64::NAN
        }
    })
}
