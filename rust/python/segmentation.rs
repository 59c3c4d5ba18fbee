//! Cutting space into cells.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arrays::{self, for_dimension};
use super::errors::InvalidInputError;
use crate::Result;
use crate::geometry::{ConvexCell, ConvexPolygon, ConvexPolyhedron};
use crate::tessellation::gwr::{self, Growth};
use crate::tessellation::hexagons::{self, Frame, Hexagons};
use crate::tessellation::kmeans as lloyd;
use crate::tessellation::quad_tree::{QuadTree, Split};
use crate::tessellation::squares::{self, Squares};
use crate::tessellation::{self, Tessellation, merging, random};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(hexagons_by_spacing, module)?)?;
    module.add_function(wrap_pyfunction!(hexagons_by_count, module)?)?;
    module.add_function(wrap_pyfunction!(squares_by_spacing, module)?)?;
    module.add_function(wrap_pyfunction!(squares_by_count, module)?)?;
    module.add_function(wrap_pyfunction!(squares_by_shape, module)?)?;
    module.add_function(wrap_pyfunction!(convex_hull, module)?)?;
    module.add_function(wrap_pyfunction!(voronoi, module)?)?;
    module.add_function(wrap_pyfunction!(voronoi_outlines, module)?)?;
    module.add_function(wrap_pyfunction!(kmeans, module)?)?;
    module.add_function(wrap_pyfunction!(grow_centers, module)?)?;
    module.add_function(wrap_pyfunction!(random_centers, module)?)?;
    module.add_function(wrap_pyfunction!(merge_small, module)?)?;
    module.add_function(wrap_pyfunction!(quad_tree, module)?)?;
    module.add_function(wrap_pyfunction!(quad_tree_cells, module)?)?;
    module.add_function(wrap_pyfunction!(quad_tree_locate, module)?)
}

/// Centers, where the neighbours of each cell begin, the neighbours, and areas or volumes.
type CellArrays<'py> = (
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
);

fn cell_arrays<const D: usize>(
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

/// The cells, inradius, and number of columns and rows.
type HexagonArrays<'py> = (CellArrays<'py>, f64, (usize, usize));

/// The lattice of hexagons whose centers are `spacing` apart.
#[pyfunction]
fn hexagons_by_spacing(
    py: Python<'_>,
    spacing: f64,
    lower: [f64; 2],
    upper: [f64; 2],
    tilt: f64,
    pivot: [f64; 2],
) -> PyResult<HexagonArrays<'_>> {
    let frame = Frame {
        lower,
        upper,
        tilt,
        pivot,
    };
    let hexagons = py.detach(|| hexagons::by_spacing(&frame, spacing))?;
    hexagon_arrays(py, hexagons)
}

/// The lattice of about `count` hexagons.
#[pyfunction]
fn hexagons_by_count(
    py: Python<'_>,
    count: f64,
    min_spacing: f64,
    lower: [f64; 2],
    upper: [f64; 2],
    tilt: f64,
    pivot: [f64; 2],
) -> PyResult<HexagonArrays<'_>> {
    let frame = Frame {
        lower,
        upper,
        tilt,
        pivot,
    };
    let hexagons = py.detach(|| hexagons::by_count(&frame, count, min_spacing))?;
    hexagon_arrays(py, hexagons)
}

fn hexagon_arrays(py: Python<'_>, hexagons: Hexagons) -> PyResult<HexagonArrays<'_>> {
    let Hexagons {
        tessellation,
        radius,
        count,
    } = hexagons;
    Ok((cell_arrays(py, tessellation)?, radius, count))
}

/// The cells, and the corners of the grid.
type SquareArrays<'py> = (CellArrays<'py>, Bound<'py, PyArray2<f64>>, Vec<usize>);

/// The squares of about a side in a box, of which `bounds` has the corners.
#[pyfunction]
fn squares_by_spacing<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    spacing: f64,
) -> PyResult<SquareArrays<'py>> {
    for_dimension!(
        bounds,
        "bounds",
        squares_in(py, &bounds, |lower, upper| {
            squares::by_spacing(lower, upper, spacing)
        })
    )
}

/// About `count` squares in a box.
#[pyfunction]
fn squares_by_count<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    count: f64,
    min_spacing: f64,
) -> PyResult<SquareArrays<'py>> {
    for_dimension!(
        bounds,
        "bounds",
        squares_in(py, &bounds, |lower, upper| {
            squares::by_count(lower, upper, count, min_spacing)
        })
    )
}

/// A box cut into a number of parts along each axis.
#[pyfunction]
fn squares_by_shape<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    count: Vec<usize>,
) -> PyResult<SquareArrays<'py>> {
    for_dimension!(bounds, "bounds", squares_of_shape(py, &bounds, &count))
}

fn squares_of_shape<'py, const D: usize>(
    py: Python<'py>,
    bounds: &PyReadonlyArray2<'py, f64>,
    count: &[usize],
) -> PyResult<SquareArrays<'py>> {
    let count: [usize; D] = count.try_into().map_err(|_| {
        InvalidInputError::new_err(format!(
            "`count_per_dim` has {} numbers, expected {D}, one per space dimension",
            count.len()
        ))
    })?;
    squares_in(py, bounds, |lower, upper| {
        squares::by_shape(lower, upper, count)
    })
}

fn squares_in<'py, const D: usize>(
    py: Python<'py>,
    bounds: &PyReadonlyArray2<'py, f64>,
    make: impl FnOnce(&[f64; D], &[f64; D]) -> Result<Squares<D>> + Send,
) -> PyResult<SquareArrays<'py>> {
    let [lower, upper] = corners::<D>(bounds)?;
    let squares = py.detach(|| make(&lower, &upper))?;
    Ok((
        cell_arrays(py, squares.tessellation)?,
        arrays::stacked(py, &[squares.lower, squares.upper])?,
        squares.count.to_vec(),
    ))
}

/// Lower and upper corner of a box.
fn corners<const D: usize>(bounds: &PyReadonlyArray2<'_, f64>) -> PyResult<[[f64; D]; 2]> {
    arrays::rows::<D>("bounds", bounds)?
        .try_into()
        .map_err(|_| InvalidInputError::new_err("`bounds` has other than two rows"))
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

/// Centers moved into the middle of the points nearest to them.
#[pyfunction]
fn kmeans<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    start: PyReadonlyArray2<'py, f64>,
    tolerance: f64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    for_dimension!(points, "points", kmeans_in(py, &points, &start, tolerance))
}

fn kmeans_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    start: &PyReadonlyArray2<'py, f64>,
    tolerance: f64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let start = arrays::rows::<D>("start", start)?;
    let centers = py.detach(|| lloyd::kmeans(points, start, tolerance))?;
    arrays::stacked(py, &centers)
}

/// Centers of a network that grows when required.
#[pyfunction]
fn grow_centers<'py>(
    py: Python<'py>,
    points: PyReadonlyArray2<'py, f64>,
    neighbours: usize,
    min_radius: f64,
    max_radius: f64,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let growth = Growth {
        neighbours,
        min_radius,
        max_radius,
        seed,
    };
    for_dimension!(points, "points", grow_centers_in(py, &points, &growth))
}

fn grow_centers_in<'py, const D: usize>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, f64>,
    growth: &Growth,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let points = arrays::rows::<D>("points", points)?;
    let centers = py.detach(|| gwr::grow(points, growth))?;
    arrays::stacked(py, &centers)
}

/// Centers drawn uniformly in a box, of which `bounds` has the corners.
#[pyfunction]
fn random_centers<'py>(
    py: Python<'py>,
    bounds: PyReadonlyArray2<'py, f64>,
    count: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    for_dimension!(
        bounds,
        "bounds",
        random_centers_in(py, &bounds, count, seed)
    )
}

fn random_centers_in<'py, const D: usize>(
    py: Python<'py>,
    bounds: &PyReadonlyArray2<'py, f64>,
    count: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let [lower, upper] = corners::<D>(bounds)?;
    let centers = py.detach(|| random::uniform(&lower, &upper, count, seed))?;
    arrays::stacked(py, &centers)
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
