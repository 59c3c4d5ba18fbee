//! Spatial operators over the cells of a tessellation, as sparse rows built once: everything that
//! couples the cells of a map is linear in the map.

mod gradient;
mod variation;

pub use gradient::GradientOperator;
pub use variation::{Contrast, Variation};
