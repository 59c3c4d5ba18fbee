//! Boxes, polygons, and convex cells: polygons and polyhedra.

mod bounds;
mod convex_polygon;
mod convex_polyhedron;
mod polygon;
mod side;

pub use bounds::bounds_and_mean;
pub(crate) use bounds::extent;
pub use convex_polygon::ConvexPolygon;
pub use convex_polyhedron::ConvexPolyhedron;
pub use polygon::{Polygon, Ring};
pub use side::side_of;

/// A face smaller than this, relative to the size of the cell, is a corner and rounding: four cells
/// of a square lattice meet in a point, and the diagonal ones are no neighbours.
const MIN_RELATIVE_FACE: f64 = 1e-9;

/// What is left of a convex region when it is cut along the bisectors of the origin and centers.
pub trait ConvexCell<const D: usize>: Clone + Send + Sync {
    /// The same in coordinates relative to `origin`.
    #[must_use]
    fn relative_to(&self, origin: &[f64; D]) -> Self;

    /// Removes what is nearer to a center than to the origin, if anything is; the center has a
    /// number to be known by.
    fn cut(&mut self, center: &[f64; D], number: usize);

    /// Whether a test holds for any corner.
    fn has_corner(&self, test: impl Fn(&[f64; D]) -> bool) -> bool;

    /// Numbers of the centers that it has a face with, and the length (or area) of each face.
    fn faces(&self) -> Vec<(usize, f64)>;

    /// Area, or volume; 0 if nothing is left.
    fn volume(&self) -> f64;
}
