//! Overdamped Langevin walks, seen through a microscope.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

use super::Landscape;
use super::start::EquilibriumPositions;
use crate::error::check_finite;
use crate::{Error, Result, threads};

/// What is recorded, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Movie<const D: usize> {
    /// Number of molecules.
    pub track_count: usize,
    /// Localizations of each.
    pub track_length: usize,
    /// Time between frames, in s.
    pub frame_interval: f64,
    /// Steps of the walk between frames.
    pub substeps: usize,
    /// Standard deviation of the error on each coordinate of a localization, in µm.
    pub localization_precision: f64,
    /// Lower corner of the box that the molecules stay in, in µm.
    pub lower: [f64; D],
    /// Upper corner of that box, in µm.
    pub upper: [f64; D],
}

/// Localizations of every track, one track after the other.
///
/// Molecules start in equilibrium, with density exp(−V) in the box, and make steps of duration `h`
/// `dr = (D F + ∇D) h + √(2 D h) ξ`: the walk (in the sense of Itô) that has exp(−V) as its
/// equilibrium wherever D varies. The walls of the box reflect them. A localization adds an
/// independent error to each coordinate, which the displacements before and after it share.
///
/// Each track draws from its own random stream of `seed`, so that the number of threads changes
/// nothing, and neither do more tracks those that were there.
///
/// # Errors
///
/// [`Error::Value`] if a field of `movie` is out of its domain, or if the steps are too long for
/// the landscape: √(2 D h) above half of its smallest width.
pub fn simulate<const D: usize>(
    landscape: &impl Landscape<D>,
    movie: &Movie<D>,
    seed: u64,
) -> Result<Vec<[f64; D]>> {
    check(landscape, movie)?;
    let start = EquilibriumPositions::new(landscape, movie.lower, movie.upper);
    let mut localizations = vec![[0.0; D]; movie.track_count * movie.track_length];
    threads::install(|| {
        localizations
            .par_chunks_mut(movie.track_length)
            .enumerate()
            .for_each(|(track, seen)| {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream(track as u64);
                let mut position = start.draw(&mut random);
                for (frame, localization) in seen.iter_mut().enumerate() {
                    if frame > 0 {
                        for _ in 0..movie.substeps {
                            step(landscape, movie, &mut position, &mut random);
                        }
                    }
                    *localization = position.map(|coordinate| {
                        coordinate + movie.localization_precision * normal(&mut random)
                    });
                }
            });
    })?;
    Ok(localizations)
}

fn step<const D: usize>(
    landscape: &impl Landscape<D>,
    movie: &Movie<D>,
    position: &mut [f64; D],
    random: &mut impl Rng,
) {
    let duration = movie.frame_interval / movie.substeps as f64;
    let diffusivity = landscape.diffusivity(position);
    let force = landscape.force(position);
    let diffusivity_gradient = landscape.diffusivity_gradient(position);
    let spread = (2.0 * diffusivity * duration).sqrt();
    for d in 0..D {
        let drift = diffusivity * force[d] + diffusivity_gradient[d];
        let moved = position[d] + drift * duration + spread * normal(random);
        position[d] = reflect(moved, movie.lower[d], movie.upper[d]);
    }
}

fn normal(random: &mut impl Rng) -> f64 {
    random.sample(StandardNormal)
}

/// Folds a coordinate back into the box, as often as it takes.
fn reflect(coordinate: f64, lower: f64, upper: f64) -> f64 {
    if (lower..=upper).contains(&coordinate) {
        return coordinate;
    }
    let width = upper - lower;
    let unfolded = (coordinate - lower).rem_euclid(2.0 * width);
    (lower + unfolded.min(2.0 * width - unfolded)).clamp(lower, upper)
}

fn check<const D: usize>(landscape: &impl Landscape<D>, movie: &Movie<D>) -> Result<()> {
    let refuse = |name, seen: String, expected| {
        Err(Error::Value {
            name,
            seen,
            expected,
        })
    };
    if movie.track_length == 0 {
        return refuse("track_length", "0".to_owned(), "at least 1");
    }
    if movie
        .track_count
        .checked_mul(movie.track_length)
        .is_none_or(|rows| rows > 1 << 32)
    {
        let seen = format!("{} tracks of {}", movie.track_count, movie.track_length);
        return refuse("track_count", seen, "at most 2^32 localizations");
    }
    if movie.substeps == 0 {
        return refuse("substeps", "0".to_owned(), "at least 1");
    }
    if !(movie.frame_interval > 0.0 && movie.frame_interval.is_finite()) {
        let seen = format!("{} s", movie.frame_interval);
        return refuse("frame_interval", seen, "a positive number of seconds");
    }
    if !(movie.localization_precision >= 0.0 && movie.localization_precision.is_finite()) {
        let seen = format!("{} µm", movie.localization_precision);
        return refuse(
            "localization_precision",
            seen,
            "a distance in µm, at least 0",
        );
    }
    check_finite("lower, upper", &[movie.lower, movie.upper])?;
    if (0..D).any(|d| movie.lower[d] >= movie.upper[d]) {
        let seen = format!("{:?}, with lower {:?}", movie.upper, movie.lower);
        return refuse("upper", seen, "above `lower` in every coordinate");
    }
    let duration = movie.frame_interval / movie.substeps as f64;
    let length = (2.0 * landscape.max_diffusivity() * duration).sqrt();
    if length > landscape.min_width() / 2.0 {
        let seen = format!(
            "{}, steps of {length:.3} µm in a landscape that changes over {} µm",
            movie.substeps,
            landscape.min_width()
        );
        return refuse(
            "substeps",
            seen,
            "enough for steps of at most half that width",
        );
    }
    Ok(())
}
