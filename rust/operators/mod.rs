//! Spatial operators over the cells of a tessellation, as sparse rows built once: everything that
//! couples the cells of a map is linear in the map.

mod curvature;
mod gradient;
mod quadratic_form;
mod time_steps;

pub use gradient::GradientOperator;
pub use quadratic_form::{Contrast, QuadraticForm, Smoothness};
pub use time_steps::TimeSegments;
