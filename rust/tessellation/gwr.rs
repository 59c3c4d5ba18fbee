//! Cell centers that multiply where points are far from all of them: a network that grows when
//! required.
//!
//! S. Marsland, J. Shapiro, U. Nehmzow, A self-organising network that grows when required, Neural
//! Networks 15, 1041 (2002). As in the original TRamWAy, a new center begins at the point that asked
//! for it, without waiting for the others to settle, and how far is far depends on the density of
//! points. A center moves a part of its way to each point that it is the nearest to, less and less:
//! it follows the last few of them and leaves others behind, which ask for centers of their own. Of
//! the network there are no edges: neighbours are those of the Voronoi cells, and do not move along
//! with a center (with the original's rates that changes nothing but groups far apart, which pull at
//! each other).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::moving_centers::MovingCenters;
use super::settings::Settings;
use crate::assignment::{Outwards, assign_nearest};
use crate::error::check_finite;
use crate::{Error, Result, threads};

/// Points are drawn so often each, in the mean …
const DRAWS_PER_POINT: usize = 6;

/// … and where they are few, so often all together.
const LEAST_DRAWS: usize = 10_000;

/// Part of its way to a point that a center moves which has not moved yet.
const FIRST_RATE: f64 = 0.2;

/// Points that a center has to be the nearest to until it moves much less.
const SETTLING: f64 = 333.0;

/// How slowly centers settle: of [`FIRST_RATE`], 1 − 1 / 1.05 is left in the end.
const HABITUATION: f64 = 1.05;

/// Part of its way to a point that a center moves which was the nearest to so many before
/// (as in Marsland et al., with the values of the original TRamWAy).
fn rate(wins: u32) -> f64 {
    let settled = 1.0 - (-HABITUATION * f64::from(wins) / SETTLING).exp();
    FIRST_RATE * (1.0 - settled / HABITUATION)
}

/// When centers are added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// A point asks for a center if all are further than the radius of the ball around it that
    /// holds this many points, itself included, …
    pub neighbours: usize,
    /// … but than this at least, in µm, …
    pub min_radius: f64,
    /// … and than this at most, in µm.
    pub max_radius: f64,
    /// Of the points that are drawn.
    pub seed: u64,
}

/// Grows centers that are close where points are dense; each is the nearest to some point.
///
/// N points take O(N (k + log N)) time for k `neighbours`; then 6 N of them, or 10 000 if that is
/// more, are drawn at random, and each looks for the center next to it. The same points in the same
/// order give the same centers.
///
/// # Errors
///
/// [`Error::Value`] if a radius is not positive, or `min_radius` above `max_radius`;
/// [`Error::InsufficientData`] without points; [`Error::Element`] if a coordinate is not finite.
pub fn grow<const D: usize>(points: &[[f64; D]], growth: &Growth) -> Result<Vec<[f64; D]>> {
    check(growth)?;
    check_points(points)?;
    grow_within(points, &squared_radii(points, growth)?, growth.seed)
}

/// As [`grow`], but a point asks for a center if all are further than the displacements around it
/// are long: their median, of as many as there are `neighbours`.
///
/// # Errors
///
/// Those of [`grow`]; [`Error::Element`] if a length is not finite, [`Error::Value`] if there is not
/// one for each point.
pub fn grow_by_lengths<const D: usize>(
    points: &[[f64; D]],
    lengths: &[f64],
    growth: &Growth,
) -> Result<Vec<[f64; D]>> {
    check(growth)?;
    check_points(points)?;
    if lengths.len() != points.len() {
        return Err(Error::Value {
            name: "lengths",
            seen: format!("{} numbers", lengths.len()),
            expected: "one for each point",
        });
    }
    check_finite("lengths", lengths.as_chunks::<1>().0)?;
    let squared_radii = squared_median_lengths(points, lengths, growth)?;
    grow_within(points, &squared_radii, growth.seed)
}

fn grow_within<const D: usize>(
    points: &[[f64; D]],
    squared_radii: &[f64],
    seed: u64,
) -> Result<Vec<[f64; D]>> {
    let mut centers = MovingCenters::new(points, squared_radii);
    let mut wins: Vec<u32> = Vec::new();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..LEAST_DRAWS.max(DRAWS_PER_POINT * points.len()) {
        let i = random.random_range(0..points.len());
        if let Some(nearest) = centers.nearest_within(squared_radii[i], &points[i]) {
            centers.pull(nearest, &points[i], rate(wins[nearest]));
            wins[nearest] += 1;
        } else {
            centers.add(points[i]);
            wins.push(0);
        }
    }
    let centers = centers.into_centers();
    let mut occupied = vec![false; centers.len()];
    for cell in assign_nearest(points, &centers)? {
        occupied[cell] = true;
    }
    let with_points = centers.into_iter().zip(occupied);
    Ok(with_points
        .filter_map(|(center, occupied)| occupied.then_some(center))
        .collect())
}

/// Grows centers; the settings are those of [`Growth`], and maybe `lengths` of displacements.
///
/// # Errors
///
/// Those of [`grow`], and if a setting is missing.
pub fn place<const D: usize>(points: &[[f64; D]], settings: &Settings) -> Result<Vec<[f64; D]>> {
    let growth = Growth {
        neighbours: settings.count("neighbours")?,
        min_radius: settings.number("min_radius")?,
        max_radius: settings.number("max_radius")?,
        seed: settings.whole("seed")?,
    };
    match settings.points::<1>("lengths") {
        Ok(lengths) => grow_by_lengths(points, lengths.as_flattened(), &growth),
        Err(_) => grow(points, &growth),
    }
}

fn check_points<const D: usize>(points: &[[f64; D]]) -> Result<()> {
    check_finite("points", points)?;
    if points.is_empty() {
        return Err(Error::InsufficientData {
            seen: "there are no points".to_owned(),
            needed: "at least one is needed to grow centers".to_owned(),
        });
    }
    Ok(())
}

fn check(growth: &Growth) -> Result<()> {
    if !(growth.min_radius > 0.0 && growth.min_radius.is_finite()) {
        return Err(Error::Value {
            name: "min_radius",
            seen: format!("{} µm", growth.min_radius),
            expected: "a positive length",
        });
    }
    if !(growth.max_radius >= growth.min_radius && growth.max_radius.is_finite()) {
        return Err(Error::Value {
            name: "max_radius",
            seen: format!("{} µm", growth.max_radius),
            expected: "a length, at least `min_radius`",
        });
    }
    Ok(())
}

/// Square of how far each point may be from the nearest center. Squares, because a center often
/// begins at the very neighbour that the radius reaches to: rounding must not decide.
fn squared_radii<const D: usize>(points: &[[f64; D]], growth: &Growth) -> Result<Vec<f64>> {
    let around = Outwards::new(points);
    let [least, most] = [growth.min_radius, growth.max_radius].map(|radius| radius * radius);
    let squared_radius = |point: &[f64; D]| {
        let mut search = around.from(point);
        let mut reached = 0.0;
        for _ in 0..growth.neighbours {
            match search.next(|bounds| bounds.squared_distance(&[0.0; D]) < most) {
                Some(found) => reached = found.squared_distance,
                None => return most,
            }
        }
        reached.max(least)
    };
    threads::install(|| points.par_iter().map(squared_radius).collect())
}

/// Square of the median length of the displacements around each point.
fn squared_median_lengths<const D: usize>(
    points: &[[f64; D]],
    lengths: &[f64],
    growth: &Growth,
) -> Result<Vec<f64>> {
    let around = Outwards::new(points);
    let furthest = growth.max_radius * growth.max_radius;
    let squared_median = |point: &[f64; D]| {
        let mut search = around.from(point);
        let mut near: Vec<f64> = (0..growth.neighbours.max(1))
            .map_while(|_| search.next(|bounds| bounds.squared_distance(&[0.0; D]) < furthest))
            .map(|found| lengths[found.index])
            .collect();
        let middle = near.len() / 2;
        let (_, &mut median, _) = near.select_nth_unstable_by(middle, f64::total_cmp);
        median.clamp(growth.min_radius, growth.max_radius).powi(2)
    };
    threads::install(|| points.par_iter().map(squared_median).collect())
}
