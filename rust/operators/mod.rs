//! Spatial operators over the cells of a tessellation, as sparse rows built once: everything that
//! couples the cells of a map is linear in the map.

mod curvature;
mod gradient;
mod local_polynomials;
mod matern;
mod time_steps;
mod variation;

pub use gradient::GradientOperator;
pub use local_polynomials::LocalPolynomials;
pub use matern::{FieldPrecision, Matern};
pub use time_steps::TimeSegments;
pub use variation::{Contrast, Smoothness, Variation};
