//! How far from each other centers may be around each point, by what is in the boxes around it.
//!
//! As in the original TRamWAy, whose numbers of cells depend on it: points are counted in boxes
//! that the least radius is the diagonal of, 2^D of them together where one has hardly any; and the
//! points next to one are those in the fewest rings of boxes around its own that have enough.

use std::collections::HashMap;

use rayon::prelude::*;

use super::gwr::Growth;
use crate::assignment::{Bounds, Found, Outwards};
use crate::{Result, threads};

/// Points that each of 2^D boxes has to have for them to be counted one by one.
const LEAST_IN_EACH: usize = 2;

/// Square of the radius of each point: that of the ball around it that has as many points as are
/// next to it, or the median of their `lengths`, in bounds.
///
/// Squares, because a center often begins at the very neighbour that the radius reaches to: rounding
/// must not decide.
pub(super) fn squared_radii<const D: usize>(
    points: &[[f64; D]],
    lengths: Option<&[f64]>,
    growth: &Growth,
) -> Result<Vec<f64>> {
    let next_to_it = neighbours::<D>(growth.min_count);
    let [least, most] = [growth.min_radius, growth.max_radius].map(|radius| radius * radius);
    let squared = |length: f64| length.clamp(growth.min_radius, growth.max_radius).powi(2);
    threads::install(|| {
        let boxes = Boxes::new(points, growth);
        let counted: Vec<usize> = (0..points.len())
            .filter(|&point| {
                // Of displacements that there are very many of, the original knows no lengths.
                let of_use =
                    |home: usize| lengths.is_none() || !matches!(boxes.around[home], Around::Crowd);
                boxes.of_points[point].is_some_and(of_use)
            })
            .collect();
        let places: Vec<[f64; D]> = counted.iter().map(|&point| points[point]).collect();
        let outwards = Outwards::new(&places);
        let squared_radius = |point: usize| {
            let Some(home) = boxes.of_points[point] else {
                return least;
            };
            let rings = match (boxes.around[home], lengths) {
                (Around::Crowd, _) | (Around::Enough, None) => return least,
                (Around::Few, None) => return most,
                (Around::Enough | Around::Few, Some(lengths)) => {
                    let inside = boxes.all[home].points.iter();
                    return squared(median(inside.map(|&other| lengths[other]).collect()));
                }
                (Around::Rings(rings), _) => rings,
            };
            // Points of boxes that are counted together may be one box further.
            let reach = (rings + 2.0) * boxes.side;
            let mut search = outwards.from(&points[point]);
            let near = std::iter::from_fn(|| search.next(|it| it.largest_distance() <= reach));
            let within = |found: &Found<D>| {
                let other = boxes.of_points[counted[found.index]];
                other.is_some_and(|other| boxes.rings_between(home, other) <= rings)
            };
            let mut near = near.filter(within);
            match lengths {
                None => near
                    .nth(next_to_it)
                    .map_or(most, |found| found.squared_distance.clamp(least, most)),
                Some(lengths) => {
                    let near = near.take(next_to_it);
                    squared(median(near.map(|it| lengths[counted[it.index]]).collect()))
                }
            }
        };
        (0..points.len())
            .into_par_iter()
            .map(squared_radius)
            .collect()
    })
}

/// Points that are to be next to one for cells of `min_count`: twice as many as in the cube around
/// a ball of so many.
fn neighbours<const D: usize>(min_count: usize) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of points
    let in_cube = (cube_to_ball::<D>() * min_count as f64).round() as usize;
    in_cube.saturating_mul(2)
}

/// Volume of a cube in that of the ball inside.
fn cube_to_ball<const D: usize>() -> f64 {
    let dim = if D == 2 { 4.0 } else { 6.0 };
    dim / std::f64::consts::PI
}

/// Of some numbers.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 {
        numbers[middle]
    } else {
        f64::midpoint(numbers[middle - 1], numbers[middle])
    }
}

/// What there is around the points of a box.
#[derive(Clone, Copy)]
enum Around {
    /// More points in the box than a cell is to have.
    Crowd,
    /// Enough, with those in the boxes that share its faces.
    Enough,
    /// Enough in so many rings of boxes around.
    Rings(f64),
    /// Too few within the largest radius.
    Few,
}

struct CountedBox<const D: usize> {
    place: [i64; D],
    points: Vec<usize>,
}

/// The boxes that have points.
struct Boxes<const D: usize> {
    side: f64,
    all: Vec<CountedBox<D>>,
    around: Vec<Around>,
    of_points: Vec<Option<usize>>,
}

impl<const D: usize> Boxes<D> {
    fn new(points: &[[f64; D]], growth: &Growth) -> Self {
        let side = growth.min_radius / (D as f64).sqrt();
        let all = count(points, side);
        let mut of_points = vec![None; points.len()];
        for (home, counted) in all.iter().enumerate() {
            for &point in &counted.points {
                of_points[point] = Some(home);
            }
        }
        let around = what_is_around(&all, growth, side);
        Self {
            side,
            all,
            around,
            of_points,
        }
    }

    fn rings_between(&self, one: usize, other: usize) -> f64 {
        let [one, other] = [one, other].map(|index| self.all[index].place);
        (0..D).fold(0.0, |most, d| (one[d].abs_diff(other[d]) as f64).max(most))
    }
}

/// Counts points in boxes, all but those that begin one: the first along each axis are in none, in
/// the original, and ask for centers as if they were in a crowd.
fn count<const D: usize>(points: &[[f64; D]], side: f64) -> Vec<CountedBox<D>> {
    let first = |d: usize| {
        points
            .iter()
            .map(|point| point[d])
            .fold(f64::INFINITY, f64::min)
    };
    let lower: [f64; D] = std::array::from_fn(first);
    #[allow(clippy::cast_possible_truncation)] // far out, boxes are empty anyhow
    let place = |point: usize| -> [i64; D] {
        std::array::from_fn(|d| ((points[point][d] - lower[d]) / side) as i64)
    };
    let block = |point: usize| place(point).map(|along| along / 2);
    let mut inside: Vec<usize> = (0..points.len())
        .filter(|&point| (0..D).all(|d| points[point][d] > lower[d]))
        .collect();
    inside.par_sort_by_cached_key(|&point| block(point));
    let mut all = Vec::new();
    for together in inside.chunk_by(|&one, &other| block(one) == block(other)) {
        let mut parts: HashMap<[i64; D], Vec<usize>> = HashMap::new();
        for &point in together {
            parts.entry(place(point)).or_default().push(point);
        }
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_unstable();
        if parts.len() == 1 << D
            && parts
                .iter()
                .all(|(_, points)| points.len() >= LEAST_IN_EACH)
        {
            all.extend(
                parts
                    .into_iter()
                    .map(|(place, points)| CountedBox { place, points }),
            );
        } else {
            all.push(CountedBox {
                place: block(together[0]).map(|along| 2 * along),
                points: together.to_vec(),
            });
        }
    }
    all
}

fn what_is_around<const D: usize>(
    all: &[CountedBox<D>],
    growth: &Growth,
    side: f64,
) -> Vec<Around> {
    let counts: HashMap<[i64; D], usize> = all
        .iter()
        .map(|counted| (counted.place, counted.points.len()))
        .collect();
    let places: Vec<[f64; D]> = all
        .iter()
        .map(|counted| counted.place.map(|along| along as f64))
        .collect();
    let outwards = Outwards::new(&places);
    let furthest = (2.0 * growth.max_radius / side * cube_to_ball::<D>()).ceil();
    let enough = growth.min_count.saturating_add(1);
    let needed = neighbours::<D>(growth.min_count) + 1;
    let around = |(home, counted): (usize, &CountedBox<D>)| {
        let here = counted.points.len();
        if here >= enough {
            return Around::Crowd;
        }
        let faces = (0..2 * D).filter_map(|face| {
            let mut place = counted.place;
            place[face / 2] = place[face / 2].saturating_add(if face % 2 == 0 { 1 } else { -1 });
            counts.get(&place)
        });
        let beside = faces.sum::<usize>() as f64 / (2 * D) as f64;
        if here as f64 > 2.0 * (enough as f64 - beside) {
            return Around::Enough;
        }
        rings(&outwards, &places[home], all, needed, furthest)
    };
    all.par_iter().enumerate().map(around).collect()
}

/// How many rings of boxes around one have as many points as needed, one ring at least.
fn rings<const D: usize>(
    outwards: &Outwards<D>,
    place: &[f64; D],
    all: &[CountedBox<D>],
    needed: usize,
    furthest: f64,
) -> Around {
    // Rings and the number of points of the boxes that may be among them, outermost last.
    let mut near: Vec<(f64, usize)> = Vec::new();
    let mut inside = 0;
    let mut reach = furthest.max(1.0);
    let mut search = outwards.from(place);
    while let Some(found) = search.next(|bounds| bounds.largest_distance() <= reach) {
        let ring = Bounds::of_point(&found.position).largest_distance();
        let points = all[found.index].points.len();
        near.insert(
            near.partition_point(|other| other.0 <= ring),
            (ring, points),
        );
        inside += points;
        while let Some((_, outermost)) = near.pop_if(|it| inside - it.1 >= needed) {
            inside -= outermost;
        }
        if inside >= needed {
            reach = near.last().map_or(reach, |it| it.0.max(1.0));
        }
    }
    if inside >= needed {
        Around::Rings(reach)
    } else {
        Around::Few
    }
}
