//! Spatial operators over the cells of a tessellation, as sparse rows built once: everything that
//! couples the cells of a map is linear in the map.

mod curvature;
mod gradient;
mod local_polynomials;
mod lower_triangle;
mod matern;
mod matern_covariance;
mod quadratic_form;
mod time_steps;

pub use gradient::GradientOperator;
pub use local_polynomials::LocalPolynomials;
pub(crate) use local_polynomials::monomial;
pub use matern::{FieldPrecision, Matern};
pub use matern_covariance::MaternCovariance;
pub use quadratic_form::{Contrast, QuadraticForm, Smoothness};
pub use time_steps::TimeSegments;
