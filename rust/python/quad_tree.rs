//! Quad and octrees.

use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{self, for_dimension};
use super::errors::InvalidInputError;
use super::segmentation::{CellArrays, cell_arrays};
use crate::tessellation::quad_tree::{QuadTree, Split};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(quad_tree, module)?)?;
    module.add_function(wrap_pyfunction!(quad_tree_cells, module)?)?;
    module.add_function(wrap_pyfunction!(quad_tree_locate, module)?)
}

/// Lower corner and side of the root, and depths of the leaves.
type TreeArrays<'py> = (Bound<'py, PyArray2<f64>>, f64, Bound<'py, PyArray1<i64>>);

/// The quad or octree of some points.
#[pyfunction]
fn quad_tree<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    min_side: f64,
    min_count: usize,
    max_count: usize,
) -> PyResult<TreeArrays<'py>> {
    let split = Split {
        min_side,
        min_count,
        max_count,
    };
    for_dimension!(points, "points", quad_tree_in(py, &points, &split))
}

fn quad_tree_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    split: &Split,
) -> PyResult<TreeArrays<'py>> {
    let points = arrays::rows::<D>("points", points)?;
    let tree = py.detach(|| QuadTree::grow(points, split))?;
    let depths = tree.depths().iter().copied().map(i64::from);
    Ok((
        arrays::stacked(py, &[tree.lower()])?,
        tree.side(),
        PyArray1::from_iter(py, depths),
    ))
}

/// The leaves of a tree as cells; `lower` has one row.
#[pyfunction]
fn quad_tree_cells<'py>(
    py: Python<'py>,
    lower: PyReadonlyArray2<'py, f64>,
    side: f64,
    depths: PyReadonlyArray1<'py, i64>,
) -> PyResult<CellArrays<'py>> {
    for_dimension!(
        lower,
        "lower",
        quad_tree_cells_in(py, &lower, side, &depths)
    )
}

fn quad_tree_cells_in<'py, const D: usize>(
    py: Python<'py>,
    lower: &PyReadonlyArray2<'py, f64>,
    side: f64,
    depths: &PyReadonlyArray1<'py, i64>,
) -> PyResult<CellArrays<'py>> {
    let tree = tree::<D>(lower, side, depths)?;
    let cells = py.detach(|| tree.tessellation())?;
    cell_arrays(py, cells)
}

/// The leaf of each point.
#[pyfunction]
fn quad_tree_locate<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    lower: PyReadonlyArray2<'py, f64>,
    side: f64,
    depths: PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    for_dimension!(
        points,
        "points",
        quad_tree_locate_in(py, &points, &lower, side, &depths)
    )
}

fn quad_tree_locate_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    lower: &PyReadonlyArray2<'py, f64>,
    side: f64,
    depths: &PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let tree = tree::<D>(lower, side, depths)?;
    let cells = py.detach(|| tree.locate(points))?;
    Ok(arrays::indices(py, &cells))
}

fn tree<const D: usize>(
    lower: &PyReadonlyArray2<'_, f64>,
    side: f64,
    depths: &PyReadonlyArray1<'_, i64>,
) -> PyResult<QuadTree<D>> {
    let &[lower] = arrays::rows::<D>("lower", lower)? else {
        return Err(InvalidInputError::new_err("`lower` has other than one row"));
    };
    // What is no depth is too deep, which the core says.
    let depths = arrays::slice("depths", depths)?.iter();
    let depths = depths.map(|&depth| u32::try_from(depth).unwrap_or(u32::MAX));
    Ok(QuadTree::from_depths(lower, side, depths.collect())?)
}
