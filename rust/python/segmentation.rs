//! Cutting space into cells.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{self, for_dimension};
use super::errors::InvalidInputError;
use crate::Result;
use crate::geometry::{self, ConvexCell, ConvexPolygon, ConvexPolyhedron};
use crate::tessellation::settings::{Settings, Value};
use crate::tessellation::{self, Tessellation, merging};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(bounds_and_mean, module)?)?;
    module.add_function(wrap_pyfunction!(convex_hull, module)?)?;
    module.add_function(wrap_pyfunction!(voronoi, module)?)?;
    module.add_function(wrap_pyfunction!(voronoi_outlines, module)?)?;
    module.add_function(wrap_pyfunction!(shared_edges, module)?)?;
    module.add_function(wrap_pyfunction!(towards_neighbours, module)?)?;
    module.add_function(wrap_pyfunction!(voronoi_edges, module)?)?;
    module.add_function(wrap_pyfunction!(place_centers, module)?)?;
    module.add_function(wrap_pyfunction!(merge_small, module)?)
}

/// Centers, where the neighbours of each cell begin, the neighbours, and areas or volumes.
pub(super) type CellArrays<'py> = (
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
);

pub(super) fn cell_arrays<const D: usize>(
    py: Python<'_>,
    tessellation: Tessellation<D>,
) -> PyResult<CellArrays<'_>> {
    let (starts, neighbours) = tessellation.adjacency.as_parts();
    Ok((
        arrays::stacked(py, &tessellation.centers)?,
        arrays::indices(py, starts),
        arrays::indices(py, neighbours),
        tessellation.volumes.into_pyarray(py),
    ))
}

/// Lower and upper corner of the box around points, and their mean.
#[pyfunction]
fn bounds_and_mean<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    for_dimension!(points, "points", bounds_and_mean_in(py, &points))
}

fn bounds_and_mean_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let found = py.detach(|| geometry::bounds_and_mean(points));
    arrays::stacked(py, &found)
}

/// Corners of the convex hull of points, counterclockwise.
#[pyfunction]
fn convex_hull<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let points = arrays::rows::<2>("points", &points)?;
    let hull = py.detach(|| ConvexPolygon::hull(points))?;
    arrays::stacked(py, hull.corners())
}

/// Voronoi cells in the convex hull of the corners of a region, in space in the box around them.
#[pyfunction]
fn voronoi<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    region: PyReadonlyArray2<'py, f64>,
) -> PyResult<CellArrays<'py>> {
    match arrays::dimension("centers", &centers)? {
        2 => voronoi_in(py, &centers, &region, ConvexPolygon::hull),
        _ => voronoi_in(py, &centers, &region, ConvexPolyhedron::bounding_box),
    }
}

fn voronoi_in<'py, const D: usize, C: ConvexCell<D>>(
    py: Python<'py>,
    centers: &PyReadonlyArray2<'py, f64>,
    region: &PyReadonlyArray2<'py, f64>,
    bounded: fn(&[[f64; D]]) -> Result<C>,
) -> PyResult<CellArrays<'py>> {
    let centers = arrays::rows("centers", centers)?;
    let region = arrays::rows("region", region)?;
    let cells = py.detach(|| tessellation::voronoi(centers, &bounded(region)?))?;
    cell_arrays(py, cells)
}

/// The corners of all cells in the plane, and where those of each cell begin.
type OutlineArrays<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<i64>>);

/// Outlines of the Voronoi cells in the convex hull of the corners of a region.
#[pyfunction]
fn voronoi_outlines<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    region: PyReadonlyArray2<'py, f64>,
) -> PyResult<OutlineArrays<'py>> {
    let centers = arrays::rows::<2>("centers", &centers)?;
    let region = arrays::rows::<2>("region", &region)?;
    let outlines = py.detach(|| tessellation::outlines(centers, &ConvexPolygon::hull(region)?))?;
    let mut starts = vec![0];
    starts.extend(outlines.iter().scan(0, |end, outline| {
        *end += outline.len();
        Some(*end)
    }));
    Ok((
        arrays::stacked(py, &outlines.concat())?,
        arrays::indices(py, &starts),
    ))
}

/// Length and normal of each edge.
type EdgeArrays<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// Length and normal of the edge that each cell of the plane shares with each of its neighbours.
#[pyfunction]
fn shared_edges<'py>(
    py: Python<'py>,
    corners: PyReadonlyArray2<'py, f64>,
    starts: PyReadonlyArray1<'py, i64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
) -> PyResult<EdgeArrays<'py>> {
    let corners = arrays::rows::<2>("corners", &corners)?;
    let starts = arrays::counts("starts", arrays::slice("starts", &starts)?)?;
    let adjacency = arrays::neighbourhood(&adjacency_starts, &adjacency)?;
    let edges = py.detach(|| tessellation::shared_edges(corners, &starts, &adjacency))?;
    let normals: Vec<[f64; 2]> = edges.iter().map(|edge| edge.normal).collect();
    Ok((
        PyArray1::from_iter(py, edges.iter().map(|edge| edge.length)),
        arrays::stacked(py, &normals)?,
    ))
}

/// Distance from each cell to each of its neighbours, and the unit vector there.
#[pyfunction]
fn towards_neighbours<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
) -> PyResult<EdgeArrays<'py>> {
    let adjacency = arrays::neighbourhood(&adjacency_starts, &adjacency)?;
    for_dimension!(
        centers,
        "centers",
        towards_neighbours_in(py, &centers, &adjacency)
    )
}

fn towards_neighbours_in<'py, const D: usize>(
    py: Python<'py>,
    centers: &PyReadonlyArray2<'py, f64>,
    adjacency: &tessellation::Adjacency,
) -> PyResult<EdgeArrays<'py>> {
    let centers = arrays::rows::<D>("centers", centers)?;
    let (distances, directions) = tessellation::towards_neighbours(centers, adjacency)?;
    Ok((
        distances.into_pyarray(py),
        arrays::stacked(py, &directions)?,
    ))
}

/// Length of the edge that each Voronoi cell of the plane shares with each of its neighbours.
#[pyfunction]
fn voronoi_edges<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    region: PyReadonlyArray2<'py, f64>,
    adjacency_starts: PyReadonlyArray1<'py, i64>,
    adjacency: PyReadonlyArray1<'py, i64>,
    volumes: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let centers = arrays::rows::<2>("centers", &centers)?;
    let region = arrays::rows::<2>("region", &region)?;
    let adjacency = arrays::neighbourhood(&adjacency_starts, &adjacency)?;
    let volumes = arrays::slice("volumes", &volumes)?;
    let sizes = py.detach(|| {
        let region = ConvexPolygon::hull(region)?;
        tessellation::face_sizes(centers, &region, &adjacency, volumes)
    })?;
    Ok(sizes.into_pyarray(py))
}

/// Centers of Voronoi cells, placed among points by the way of a name, with its settings.
#[pyfunction]
fn place_centers<'py>(
    py: Python<'py>,
    name: &str,
    points: PyReadonlyArray2<'py, f64>,
    settings: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let settings = settings
        .iter()
        .map(|(name, value)| Ok((name.extract()?, value_of(&name, &value)?)))
        .collect::<PyResult<_>>()?;
    let settings = Settings(settings);
    for_dimension!(
        points,
        "points",
        place_centers_in(py, name, &points, &settings)
    )
}

fn place_centers_in<'py, const D: usize>(
    py: Python<'py>,
    name: &str,
    points: &PyReadonlyArray2<'py, f64>,
    settings: &Settings,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let centers = py.detach(|| tessellation::place(name, points, settings))?;
    arrays::stacked(py, &centers)
}

fn value_of(name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(number) = value.extract::<u64>() {
        return Ok(Value::Whole(number));
    }
    if let Ok(number) = value.extract::<f64>() {
        return Ok(Value::Number(number));
    }
    if let Ok(array) = value.extract::<PyReadonlyArray2<'_, f64>>() {
        return Ok(Value::Points(array.as_array().iter().copied().collect()));
    }
    Err(InvalidInputError::new_err(format!(
        "`{name}` is {}, expected a number, or an array of points",
        value.repr()?
    )))
}

/// Centers of Voronoi cells that all have a number of points, out of more centers.
#[pyfunction]
fn merge_small<'py>(
    py: Python<'py>,
    centers: PyReadonlyArray2<'py, f64>,
    points: PyReadonlyArray2<'py, f64>,
    region: PyReadonlyArray2<'py, f64>,
    min_count: usize,
    update_centers: bool,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let least = (min_count, update_centers);
    let bounding_box = ConvexPolyhedron::bounding_box;
    match arrays::dimension("points", &points)? {
        2 => merge_in(py, &centers, &points, &region, ConvexPolygon::hull, least),
        _ => merge_in(py, &centers, &points, &region, bounding_box, least),
    }
}

fn merge_in<'py, const D: usize, C: ConvexCell<D>>(
    py: Python<'py>,
    centers: &PyReadonlyArray2<'py, f64>,
    points: &PyReadonlyArray2<'py, f64>,
    region: &PyReadonlyArray2<'py, f64>,
    bounded: fn(&[[f64; D]]) -> Result<C>,
    (min_count, update_centers): (usize, bool),
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let centers = arrays::rows("centers", centers)?;
    let points = arrays::rows("points", points)?;
    let region = arrays::rows("region", region)?;
    let kept = py.detach(|| {
        merging::merge_small(
            centers,
            points,
            &bounded(region)?,
            min_count,
            update_centers,
        )
    })?;
    arrays::stacked(py, &kept)
}
