//! Cell centers that multiply where points are far from all of them: a network that grows when
//! required.
//!
//! S. Marsland, J. Shapiro, U. Nehmzow, A self-organising network that grows when required, Neural
//! Networks 15, 1041 (2002). As in the original TRamWAy, a new center begins at the point that asked
//! for it, without waiting for the others to settle, and how far is far depends on the points around.
//! A center moves a part of its way to each point that it is the nearest to, less and less, and those
//! that it is linked to a little: they follow the last few points and leave others behind, which ask
//! for centers of their own. Links are forgotten in the end: neighbours are those of the Voronoi
//! cells.

use super::local_radii::squared_radii;
use super::moving_centers::MovingCenters;
use super::settings::Settings;
use crate::assignment::assign_nearest;
use crate::error::check_finite;
use crate::{Error, Result};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Points are drawn so often each, in the mean, …
const DRAWS_PER_POINT: usize = 6;

/// … and as many times this as are needed for that.
const BATCH: usize = 10_000;

/// Part of its way to a point that the nearest center moves which has not moved yet, …
const FIRST_RATE: f64 = 0.2;

/// … and a center that is linked to that one.
const FIRST_LINKED_RATE: f64 = 0.006;

/// Times that a center has to move until it moves much less.
const SETTLING: f64 = 333.0;

/// How slowly centers settle: of the first rates, 1 − 1 / 1.05 is left in the end.
const HABITUATION: f64 = 1.05;

/// Times that either of two centers is the nearest until their link is lost, unless they are the two
/// nearest: so many …
const LEAST_LIFETIME: f64 = 20.0;

/// … or, if that is more, such a part of the number of centers.
const LIFETIME_PER_CENTER: f64 = 0.05;

/// What is left of the first rate for a center that moved so often before (as in Marsland et al.,
/// with the values of the original TRamWAy).
fn unsettled(moves: u32) -> f64 {
    let settled = 1.0 - (-HABITUATION * f64::from(moves) / SETTLING).exp();
    1.0 - settled / HABITUATION
}

/// When centers are added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// A point asks for a center if all are further than the radius of the ball around it that has
    /// as many points as make most cells have this many, or nearly so, …
    pub min_count: usize,
    /// … but than this at least, in µm, …
    pub min_radius: f64,
    /// … and than this at most, in µm.
    pub max_radius: f64,
    /// Of the points that are drawn.
    pub seed: u64,
}

/// Grows centers that are close where points are dense; each is the nearest to some point.
///
/// N points take O(N (k + log N)) time for k points next to each; then 6 N of them, and up to whole
/// 10 000s, are drawn at random, and each looks for the two centers next to it. The same points in
/// the same order give the same centers.
///
/// # Errors
///
/// [`Error::Value`] if a radius is not positive, or `min_radius` above `max_radius`;
/// [`Error::InsufficientData`] without points; [`Error::Element`] if a coordinate is not finite.
pub fn grow<const D: usize>(points: &[[f64; D]], growth: &Growth) -> Result<Vec<[f64; D]>> {
    check(growth)?;
    check_points(points)?;
    grow_within(points, &squared_radii(points, None, growth)?, growth.seed)
}

/// As [`grow`], but a point asks for a center if all are further than the displacements around it
/// are long: their median.
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
    let squared_radii = squared_radii(points, Some(lengths), growth)?;
    grow_within(points, &squared_radii, growth.seed)
}

fn grow_within<const D: usize>(
    points: &[[f64; D]],
    squared_radii: &[f64],
    seed: u64,
) -> Result<Vec<[f64; D]>> {
    let mut network = Network::new(points, squared_radii);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..(DRAWS_PER_POINT * points.len()).next_multiple_of(BATCH) {
        let i = random.random_range(0..points.len());
        network.draw(&points[i], squared_radii[i]);
    }
    let centers = network.centers.into_centers();
    let mut occupied = vec![false; centers.len()];
    for cell in assign_nearest(points, &centers)? {
        occupied[cell] = true;
    }
    let with_points = centers.into_iter().zip(occupied);
    Ok(with_points
        .filter_map(|(center, occupied)| occupied.then_some(center))
        .collect())
}

/// Centers, and which are linked.
struct Network<const D: usize> {
    centers: MovingCenters<D>,
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    /// Times that it was the nearest.
    wins: u32,
    /// The same, and times that a center was that it is linked to.
    moves: u32,
    /// Centers that it is linked to, and the wins of both when they last were the two nearest.
    links: Vec<(usize, u32)>,
}

impl<const D: usize> Network<D> {
    /// Of the first and the last of some points, at least one.
    fn new(points: &[[f64; D]], squared_radii: &[f64]) -> Self {
        let mut network = Self {
            centers: MovingCenters::new(points, squared_radii),
            nodes: Vec::new(),
        };
        network.add(points[0]);
        network.add(points[points.len() - 1]);
        network.link(0, 1);
        network
    }

    fn add(&mut self, center: [f64; D]) -> usize {
        self.centers.add(center);
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn link(&mut self, one: usize, other: usize) {
        self.unlink(one, other);
        let wins = self.nodes[one].wins + self.nodes[other].wins;
        self.nodes[one].links.push((other, wins));
        self.nodes[other].links.push((one, wins));
    }

    fn unlink(&mut self, one: usize, other: usize) {
        self.nodes[one].links.retain(|link| link.0 != other);
        self.nodes[other].links.retain(|link| link.0 != one);
    }

    /// Adds a center at a point if all are further than the radius, or else moves those next to it.
    fn draw(&mut self, point: &[f64; D], squared_radius: f64) {
        let [(nearest, squared_distance), (second, _)] = self.centers.nearest_two(point);
        if squared_distance > squared_radius {
            self.unlink(nearest, second);
            let added = self.add(*point);
            self.link(added, nearest);
            self.link(added, second);
        } else {
            self.link(nearest, second);
            self.pull(nearest, point, FIRST_RATE);
            for link in 0..self.nodes[nearest].links.len() {
                self.pull(self.nodes[nearest].links[link].0, point, FIRST_LINKED_RATE);
            }
        }
        self.settle(nearest);
    }

    fn pull(&mut self, index: usize, point: &[f64; D], first_rate: f64) {
        let rate = first_rate * unsettled(self.nodes[index].moves);
        self.centers.pull(index, point, rate);
    }

    /// Counts that a center was the nearest, and loses links that are old.
    fn settle(&mut self, nearest: usize) {
        self.nodes[nearest].wins += 1;
        self.nodes[nearest].moves += 1;
        let lifetime = LEAST_LIFETIME.max(LIFETIME_PER_CENTER * self.nodes.len() as f64);
        for link in (0..self.nodes[nearest].links.len()).rev() {
            let (other, wins_then) = self.nodes[nearest].links[link];
            self.nodes[other].moves += 1;
            let wins = self.nodes[nearest].wins + self.nodes[other].wins;
            if f64::from(wins - wins_then) > lifetime {
                self.unlink(nearest, other);
            }
        }
    }
}

/// Grows centers; the settings are those of [`Growth`], and maybe `lengths` of displacements.
///
/// # Errors
///
/// Those of [`grow`], and if a setting is missing.
pub fn place<const D: usize>(points: &[[f64; D]], settings: &Settings) -> Result<Vec<[f64; D]>> {
    let growth = Growth {
        min_count: settings.count("min_count")?,
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
