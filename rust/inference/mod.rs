//! Posteriors of models of motion: a likelihood and priors, and what follows from them.

mod cells;
mod estimate;
mod field;
pub mod hyperparameters;
mod jeffreys;
mod laplace;
pub mod likelihood;
mod posterior;
mod prior_choice;
mod priors;
mod track_posterior;

pub use cells::MIN_VARIANCE;
pub use estimate::Estimate;
pub use laplace::{Covariance, Laplace};
pub use likelihood::Model;
pub use posterior::{Parameters, Posterior};
pub use prior_choice::{Trial, choose_priors};
pub use priors::{Prior, Quantity};
pub use track_posterior::{TrackEstimate, TrackPosterior};
