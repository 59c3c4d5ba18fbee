//! Cells around a tessellation, for what does not end where it does.

use super::Adjacency;
use super::voronoi::{Face, check_distinct, volumes_and_faces};
use crate::Result;
use crate::assignment::Outwards;
use crate::error::check_finite;
use crate::geometry::{ConvexPolygon, ConvexPolyhedron, bounds_and_mean};

/// A cube is halved while it is wider than this many times the nearest cell, and than this many times the
/// distance to its center.
const WIDEST: [f64; 2] = [1.5, 1.35];
/// A cube whose middle is nearer to a center than this many times the size of its cell is in that cell.
const NEAREST: f64 = 0.75;

/// A tessellation that is continued beyond its border.
#[derive(Debug, Clone, PartialEq)]
pub struct WithMargin<const D: usize> {
    /// Centers of its cells, then of those around, µm.
    pub centers: Vec<[f64; D]>,
    /// Neighbours within the tessellation, which alone holds data: cells around have none.
    pub adjacency: Adjacency,
    /// Areas or volumes of the Voronoi cells of all centers, µm² or µm³.
    pub volumes: Vec<f64>,
    /// Faces of the Voronoi cells.
    pub faces: Vec<Face>,
}

impl<const D: usize> WithMargin<D> {
    /// Neighbours, among them cells around that share a face with one of the `count` of the tessellation.
    ///
    /// # Panics
    ///
    /// If `count` is larger than the number of cells.
    #[must_use]
    pub fn adjacency_across(&self, count: usize) -> Adjacency {
        let inner =
            (0..count).flat_map(|i| self.adjacency.neighbours(i).iter().map(move |&j| (i, j)));
        let faces = self.faces.iter().map(|face| face.between);
        let across = faces.filter(|&(lower, higher)| lower < count && count <= higher);
        Adjacency::from_pairs(self.centers.len(), inner.chain(across))
            .expect("numbers of its cells")
    }
}

/// Continues a tessellation on all sides, and in its holes: around its cells there are cubes (squares in
/// the plane) as large as the cells that they are next to, and larger with the distance, as far as the
/// tessellation is wide.
///
/// Around n cells in the plane there are about as many cubes as cells at the border.
/// Takes O(n log n).
///
/// # Errors
///
/// If a center is not finite, or two are the same.
pub fn with_margin<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    volumes: &[f64],
) -> Result<WithMargin<D>> {
    check_finite("centers", centers)?;
    check_distinct(centers)?;
    let sizes: Vec<f64> = volumes.iter().map(|v| v.powf(1.0 / D as f64)).collect();
    let usual = sizes.iter().sum::<f64>() / sizes.len() as f64;
    let [lower, upper, _] = bounds_and_mean(centers);
    let width = (0..D).map(|d| upper[d] - lower[d]).fold(usual, f64::max);
    let mut around = Around {
        centers: Outwards::new(centers),
        sizes,
        lower: lower.map(|x| x - width),
        upper: upper.map(|x| x + width),
        middles: Vec::new(),
        widest: 0.0,
    };
    let middle = std::array::from_fn(|d| 0.5 * (lower[d] + upper[d]));
    let levels = (3.0 * width / usual).log2().ceil();
    around.divide(middle, usual * levels.exp2());

    let count = centers.len();
    let mut all = centers.to_vec();
    all.append(&mut around.middles);
    let (volumes, faces) = voronoi_cells(&all, 0.5 * around.widest)?;
    let own = (0..count).flat_map(|i| adjacency.neighbours(i).iter().map(move |&j| (i, j)));
    Ok(WithMargin {
        adjacency: Adjacency::from_pairs(all.len(), own)?,
        centers: all,
        volumes,
        faces,
    })
}

/// The cubes around cells, as they are found.
struct Around<const D: usize> {
    centers: Outwards<D>,
    sizes: Vec<f64>,
    /// The box that they reach into.
    lower: [f64; D],
    upper: [f64; D],
    middles: Vec<[f64; D]>,
    /// Side of the largest.
    widest: f64,
}

impl<const D: usize> Around<D> {
    /// Takes a cube, or its parts.
    fn divide(&mut self, middle: [f64; D], side: f64) {
        let half = 0.5 * side;
        if (0..D).any(|d| middle[d] + half < self.lower[d] || middle[d] - half > self.upper[d]) {
            return;
        }
        let Some(nearest) = self.centers.from(&middle).next(|_| true) else {
            return;
        };
        let (distance, size) = (nearest.squared_distance.sqrt(), self.sizes[nearest.index]);
        if side > (WIDEST[0] * size).max(WIDEST[1] * distance) {
            for part in 0..1 << D {
                let toward = |d: usize| if part >> d & 1 == 1 { 0.25 } else { -0.25 };
                let middle = std::array::from_fn(|d| middle[d] + side * toward(d));
                self.divide(middle, half);
            }
        } else if distance > NEAREST * size {
            self.middles.push(middle);
            self.widest = self.widest.max(side);
        }
    }
}

/// Volumes and faces of the Voronoi cells in a box that reaches so far beyond the centers.
fn voronoi_cells<const D: usize>(
    centers: &[[f64; D]],
    beyond: f64,
) -> Result<(Vec<f64>, Vec<Face>)> {
    let [lower, upper, _] = bounds_and_mean(centers);
    let corners = [lower.map(|x| x - beyond), upper.map(|x| x + beyond)];
    if D == 2 {
        let [[x, y], [right, top]] = corners.map(resized);
        let region = ConvexPolygon::hull(&[[x, y], [right, y], [right, top], [x, top]])?;
        let centers: Vec<[f64; 2]> = centers.iter().map(|&c| resized(c)).collect();
        return volumes_and_faces(&centers, &region);
    }
    let region = ConvexPolyhedron::bounding_box(&corners.map(resized))?;
    let centers: Vec<[f64; 3]> = centers.iter().map(|&c| resized(c)).collect();
    volumes_and_faces(&centers, &region)
}

/// The same point where the compiler knows its dimension.
fn resized<const D: usize, const E: usize>(point: [f64; D]) -> [f64; E] {
    std::array::from_fn(|d| point[d])
}
