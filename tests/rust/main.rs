//! One test binary, one module per topic, named as the modules of the crate.

// Sums of the same terms in the same order are compared exactly, on purpose.
#![allow(clippy::float_cmp, clippy::cast_possible_wrap, clippy::unwrap_used)]

mod assignment;
mod cellwise;
mod delimited;
mod estimate;
mod fields;
mod imaging;
mod long_steps;
mod operators;
mod optimizer;
mod potential;
mod prior_choice;
mod priors;
mod simulation;
mod statistics;
mod succession;
mod support;
mod tessellation;
mod time_priors;
mod tracks;
mod trajectories;
