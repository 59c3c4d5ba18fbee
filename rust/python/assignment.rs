//! Filing points under cells.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{self, for_dimension};
use crate::assignment::{self, MemberCount, Members};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(assign_nearest, module)?)?;
    module.add_function(wrap_pyfunction!(assign_within_radius, module)?)?;
    module.add_function(wrap_pyfunction!(assign_nearest_points, module)?)?;
    module.add_function(wrap_pyfunction!(assign_nearest_in_time, module)?)
}

/// Index of the nearest center of each point.
#[pyfunction]
fn assign_nearest<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    centers: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    for_dimension!(points, "points", assign_nearest_in(py, &points, &centers))
}

fn assign_nearest_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    centers: &PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let centers = arrays::rows::<D>("centers", centers)?;
    #[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
    let number = |index: usize| index as i64;
    let cells = py.detach(|| assignment::assign_nearest_as(points, centers, number))?;
    Ok(cells.into_pyarray(py))
}

/// Where the points of each cell begin, and the points.
type MemberArrays<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>);

fn member_arrays<'py>(py: Python<'py>, members: &Members) -> MemberArrays<'py> {
    let (starts, points) = members.as_parts();
    (arrays::indices(py, starts), arrays::indices(py, points))
}

fn members(
    starts: &PyReadonlyArray1<'_, i64>,
    points: &PyReadonlyArray1<'_, i64>,
    point_count: usize,
) -> PyResult<Members> {
    let starts = arrays::counts("starts", arrays::slice("starts", starts)?)?;
    let points = arrays::counts("members", arrays::slice("members", points)?)?;
    Ok(Members::new(starts, points, point_count)?)
}

/// The points within a distance of each center.
#[pyfunction]
fn assign_within_radius<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    centers: PyReadonlyArray2<'py, f64>,
    radius: f64,
) -> PyResult<MemberArrays<'py>> {
    for_dimension!(
        points,
        "points",
        within_radius_in(py, &points, &centers, radius)
    )
}

fn within_radius_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    centers: &PyReadonlyArray2<'py, f64>,
    radius: f64,
) -> PyResult<MemberArrays<'py>> {
    let points = arrays::rows::<D>("points", points)?;
    let centers = arrays::rows::<D>("centers", centers)?;
    let found = py.detach(|| assignment::within_radius(points, centers, radius))?;
    Ok(member_arrays(py, &found))
}

/// The points of each cell, filled up to `min` or cut to `max` by their nearness to the center.
#[pyfunction]
fn assign_nearest_points<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    centers: PyReadonlyArray2<'py, f64>,
    starts: PyReadonlyArray1<'py, i64>,
    own: PyReadonlyArray1<'py, i64>,
    min: usize,
    max: usize,
) -> PyResult<MemberArrays<'py>> {
    let own = members(&starts, &own, points.as_array().nrows())?;
    let count = MemberCount { min, max };
    for_dimension!(
        points,
        "points",
        nearest_points_in(py, &points, &centers, &own, count)
    )
}

fn nearest_points_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    centers: &PyReadonlyArray2<'py, f64>,
    own: &Members,
    count: MemberCount,
) -> PyResult<MemberArrays<'py>> {
    let points = arrays::rows::<D>("points", points)?;
    let centers = arrays::rows::<D>("centers", centers)?;
    let found = py.detach(|| assignment::nearest_points(points, centers, own, count))?;
    Ok(member_arrays(py, &found))
}

/// The points of each cell in each segment of time, filled up to `min` or cut to `max` by their
/// nearness to the middle of the segment.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn assign_nearest_in_time<'py>(
    py: Python<'py>,
    times: PyReadonlyArray1<'py, f64>,
    cell: PyReadonlyArray1<'py, i64>,
    cell_count: usize,
    middles: PyReadonlyArray1<'py, f64>,
    starts: PyReadonlyArray1<'py, i64>,
    own: PyReadonlyArray1<'py, i64>,
    min: usize,
    max: usize,
) -> PyResult<MemberArrays<'py>> {
    let times = arrays::slice("times", &times)?;
    let middles = arrays::slice("middles", &middles)?;
    let cell = arrays::counts("cell", arrays::slice("cell", &cell)?)?;
    let own = members(&starts, &own, times.len())?;
    let count = MemberCount { min, max };
    let found =
        py.detach(|| assignment::nearest_in_time(times, &cell, cell_count, middles, &own, count))?;
    Ok(member_arrays(py, &found))
}
