//! Posteriors of models of motion: a likelihood and priors, and what follows from them.

mod cells;
mod components;
mod estimate;
mod field;
mod field_posterior;
mod gauge;
pub mod hyperparameters;
mod jeffreys;
mod laplace;
pub mod likelihood;
mod long_steps;
mod posterior;
mod precision;
mod prior_choice;
mod priors;
mod walk;

pub use cells::MIN_VARIANCE;
pub use estimate::Estimate;
pub use field_posterior::{Contrast, FieldEstimate, FieldPosterior, Mesh};
pub use laplace::{Covariance, Laplace};
pub use likelihood::Model;
pub use long_steps::count_long_steps;
pub use posterior::{Parameters, Posterior};
pub use prior_choice::{Trial, choose_priors};
pub use priors::{Prior, Quantity};
