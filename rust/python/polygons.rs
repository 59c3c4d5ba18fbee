//! Polygons, and sides of lines.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays;
use crate::geometry::{Polygon, Ring, side_of};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(are_in_polygon, module)?)?;
    module.add_function(wrap_pyfunction!(do_polygons_overlap, module)?)?;
    module.add_function(wrap_pyfunction!(sides_of, module)?)
}

/// Whether points are in a polygon, given as the lines around its parts and their holes.
#[pyfunction]
fn are_in_polygon<'py>(
    py: Python<'py>,
    parts: Vec<Vec<Ring>>,
    points: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let points = arrays::rows::<2>("positions", &points)?;
    let are_in = py.detach(|| Polygon::new(parts).contains(points));
    Ok(are_in.into_pyarray(py))
}

/// Whether two polygons have a point in common, each given as in [`are_in_polygon`].
#[pyfunction]
fn do_polygons_overlap(py: Python<'_>, one: Vec<Vec<Ring>>, other: Vec<Vec<Ring>>) -> bool {
    py.detach(|| Polygon::new(one).overlaps(&Polygon::new(other)))
}

/// Where points are, seen from `start` to `end`: 1 left, 0 on the line, -1 right.
#[pyfunction]
fn sides_of<'py>(
    py: Python<'py>,
    start: [f64; 2],
    end: [f64; 2],
    points: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<i8>>> {
    let points = arrays::rows::<2>("points", &points)?;
    let sides = points.iter().map(|&point| side_of(start, end, point) as i8);
    Ok(PyArray1::from_iter(py, sides))
}
