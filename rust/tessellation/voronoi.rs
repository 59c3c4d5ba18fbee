//! Voronoi cells, cut off at the border of a convex region.
//!
//! A cell is what is left of the region after cutting along the bisectors to the other centers. They
//! are visited outwards; those that are nearer to no corner than its own center are left out, many
//! at a time. Each cell is computed on its own, in coordinates relative to its center.

use std::array::from_fn;
use std::cmp::Ordering;
use std::sync::LazyLock;

use rayon::prelude::*;

use super::{Adjacency, Tessellation};
use crate::assignment::{Bounds, Outwards};
use crate::error::{check_finite, check_length};
use crate::geometry::{ConvexCell, ConvexPolygon};
use crate::{Error, Result, threads};

/// Difference of volumes that are the same, in units of them: a face that is missed by it is far shorter
/// than others.
const SAME_VOLUME: f64 = 1e-9;

/// Cuts a region into the Voronoi cells of some centers; neighbours share a face inside the region.
///
/// The volumes add up to that of the region. n centers take O(n log n) time, unless many cells have
/// many neighbours.
///
/// # Errors
///
/// [`Error::Element`] if a coordinate is not finite, if two centers are the same, or if a center
/// outside of the region is too far to have a part of it; [`Error::InsufficientData`] without
/// centers.
pub fn voronoi<const D: usize>(
    centers: &[[f64; D]],
    region: &impl ConvexCell<D>,
) -> Result<Tessellation<D>> {
    let (volumes, faces) = volumes_and_faces(centers, region)?;
    let pairs = faces.into_iter().map(|face| face.between);
    Ok(Tessellation {
        centers: centers.to_vec(),
        adjacency: Adjacency::from_pairs(centers.len(), pairs)?,
        volumes,
    })
}

/// Between two Voronoi cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Their numbers, the lower one first.
    pub between: (usize, usize),
    /// Its length in µm, or area in µm².
    pub size: f64,
}

/// Volume of each Voronoi cell, and the faces between cells, in the order of their numbers.
///
/// # Errors
///
/// As [`voronoi`].
pub(super) fn volumes_and_faces<const D: usize>(
    centers: &[[f64; D]],
    region: &impl ConvexCell<D>,
) -> Result<(Vec<f64>, Vec<Face>)> {
    let cells = each_cell(centers, region, |cell| (cell.volume(), cell.faces()))?;
    if let Some(index) = cells.iter().position(|(volume, _)| *volume <= 0.0) {
        return Err(Error::Element {
            name: "centers",
            index,
            seen: format!(
                "{:?} µm, of whose cell nothing is in the region",
                centers[index]
            ),
            expected: "centers in the region, or next to it",
        });
    }
    let faces = cells.iter().enumerate().flat_map(|(index, (_, faces))| {
        // From the first of two cells only: rounding may differ in the other one.
        let later = faces.iter().filter(move |(other, _)| index < *other);
        later.map(move |&(other, size)| Face {
            between: (index, other),
            size,
        })
    });
    let faces = faces.collect();
    Ok((cells.into_iter().map(|(volume, _)| volume).collect(), faces))
}

/// Corners of each Voronoi cell in the plane, counterclockwise.
///
/// # Errors
///
/// As [`voronoi`], except that cells may be empty.
pub fn outlines(centers: &[[f64; 2]], region: &ConvexPolygon) -> Result<Vec<Vec<[f64; 2]>>> {
    let relative = each_cell(centers, region, |cell| cell.corners().to_vec())?;
    let with_centers = relative.into_iter().zip(centers);
    let absolute = with_centers.map(|(corners, center)| {
        let corners = corners.iter();
        corners
            .map(|[x, y]| [center[0] + x, center[1] + y])
            .collect()
    });
    Ok(absolute.collect())
}

/// Size of the face that each Voronoi cell has with each of its neighbours, in the order of the adjacency:
/// length in µm, or area in µm²; 0 for cells that have none.
///
/// To know neighbours and volumes saves the search for who can be a neighbour, which takes most of the time of
/// [`voronoi`]. It is done for cells whose volume is another one than that within the bisectors to
/// these neighbours, as where some are not told.
///
/// # Errors
///
/// As [`voronoi`], except that cells may be empty; and if lengths differ.
pub fn face_sizes<const D: usize>(
    centers: &[[f64; D]],
    region: &impl ConvexCell<D>,
    adjacency: &Adjacency,
    volumes: &[f64],
) -> Result<Vec<f64>> {
    check_finite("centers", centers)?;
    let count = adjacency.cell_count();
    check_length("centers", centers.len(), count, "the adjacency")?;
    check_length("volumes", volumes.len(), count, "the adjacency")?;
    let around = LazyLock::new(|| Outwards::new(centers));
    let sizes_of = |index: usize| {
        let (center, neighbours) = (&centers[index], adjacency.neighbours(index));
        let mut found = region.relative_to(center);
        for &other in neighbours {
            found.cut(&from_fn(|d| centers[other][d] - center[d]), other);
        }
        if (found.volume() - volumes[index]).abs() > SAME_VOLUME * volumes[index] {
            found = cell(index, center, region, &around);
        }
        let faces = found.faces();
        let size_of = |other: &usize| {
            let face = faces.iter().find(|(number, _)| number == other);
            face.map_or(0.0, |&(_, size)| size)
        };
        neighbours.iter().map(size_of).collect::<Vec<_>>()
    };
    threads::install(|| (0..count).into_par_iter().flat_map_iter(sizes_of).collect())
}

/// What is to be known of each cell, relative to its center.
fn each_cell<const D: usize, C: ConvexCell<D>, T: Send>(
    centers: &[[f64; D]],
    region: &C,
    known: impl Fn(C) -> T + Sync,
) -> Result<Vec<T>> {
    check_finite("centers", centers)?;
    check_distinct(centers)?;
    if centers.is_empty() {
        return Err(Error::InsufficientData {
            seen: "there is no cell center".to_owned(),
            needed: "at least one is needed to make cells".to_owned(),
        });
    }
    let around = Outwards::new(centers);
    threads::install(|| {
        let cells = (0..centers.len()).into_par_iter();
        cells
            .map(|index| known(cell(index, &centers[index], region, &around)))
            .collect()
    })
}

fn cell<const D: usize, C: ConvexCell<D>>(
    index: usize,
    center: &[f64; D],
    region: &C,
    around: &Outwards<D>,
) -> C {
    let mut cell = region.relative_to(center);
    let mut others = around.from(center);
    while let Some(other) = others.next(|bounds| can_cut(&cell, bounds)) {
        if other.index != index {
            cell.cut(&other.position, other.index);
        }
    }
    cell
}

/// Whether a center in a box may be nearer to a corner of the cell than the cell's own, or as near
/// but for rounding.
fn can_cut<const D: usize>(cell: &impl ConvexCell<D>, bounds: &Bounds<D>) -> bool {
    cell.has_corner(|corner| {
        let squared = corner.iter().map(|c| c * c).sum::<f64>();
        bounds.squared_distance(corner) <= squared * (1.0 + 1e-12)
    })
}

pub(super) fn check_distinct<const D: usize>(centers: &[[f64; D]]) -> Result<()> {
    let mut order: Vec<usize> = (0..centers.len()).collect();
    // Centers are finite; unlike a total order, this one takes -0 and 0 for the same.
    let compare = |i: usize, j: usize| centers[i].partial_cmp(&centers[j]);
    order.sort_by(|&i, &j| compare(i, j).unwrap_or(Ordering::Equal));
    let same = order
        .windows(2)
        .find(|pair| compare(pair[0], pair[1]) == Some(Ordering::Equal));
    same.map_or(Ok(()), |pair| {
        Err(Error::Element {
            name: "centers",
            index: pair[1],
            seen: format!("{:?} µm, the same as center {}", centers[pair[1]], pair[0]),
            expected: "centers that are all different",
        })
    })
}
