//! Boxes and convex polygons.

mod bounds;
pub(crate) mod convex_polygon;

pub(crate) use bounds::extent;
pub use convex_polygon::ConvexPolygon;
