//! Centers that grow when required.

use std::collections::HashMap;

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::assignment::assign_nearest;
use tramway::tessellation::gwr::{Growth, grow, grow_by_lengths};
use tramway::{Error, threads};

fn uniform<const D: usize>(count: usize, seed: u64) -> Vec<[f64; D]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| std::array::from_fn(|_| random.random()))
        .collect()
}

fn distance<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    (0..D).map(|d| (a[d] - b[d]).powi(2)).sum::<f64>().sqrt()
}

fn counts<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]]) -> Vec<usize> {
    let mut counts = vec![0; centers.len()];
    for cell in assign_nearest(points, centers).unwrap() {
        counts[cell] += 1;
    }
    counts
}

const GROWTH: Growth = Growth {
    min_count: 20,
    min_radius: 1e-3,
    max_radius: 10.0,
    seed: 1,
};

/// Three groups, each narrower than the radius, which their distances exceed: by hand, three
/// centers, each no further from the mean than the points of its group.
#[test]
fn centers_stay_in_groups() {
    let points = [
        [0.0, 0.0],
        [5.0, 9.0],
        [0.0, 0.5],
        [0.5, 0.25],
        [9.0, 0.0],
        [5.5, 9.0],
    ];
    let growth = Growth {
        min_radius: 1.0,
        max_radius: 1.0,
        ..GROWTH
    };
    let mut centers = grow(&points, &growth).unwrap();
    centers.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let means = [[1.0 / 6.0, 0.25], [5.25, 9.0], [9.0, 0.0]];
    assert_eq!(centers.len(), 3);
    for (center, mean) in centers.iter().zip(&means) {
        assert!(distance(center, mean) < 0.34); // the furthest point is at 0.3333
    }
}

/// How far is far, without any search structure.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn radii_slowly<const D: usize>(
    points: &[[f64; D]],
    lengths: Option<&[f64]>,
    growth: &Growth,
) -> Vec<f64> {
    let side = growth.min_radius / (D as f64).sqrt();
    let lower: [f64; D] = std::array::from_fn(|d| {
        let along = points.iter().map(|point| point[d]);
        along.fold(f64::INFINITY, f64::min)
    });
    let inside: Vec<usize> = (0..points.len())
        .filter(|&i| (0..D).all(|d| points[i][d] > lower[d]))
        .collect();
    let place = |i: usize| -> [i64; D] {
        std::array::from_fn(|d| ((points[i][d] - lower[d]) / side).floor() as i64)
    };
    let home = |i: usize| {
        let corner = place(i).map(|along| 2 * (along / 2));
        let one_by_one = (0..1 << D).all(|part: usize| {
            let part = std::array::from_fn(|d| corner[d] + (part as i64 >> d & 1));
            inside.iter().filter(|&&j| place(j) == part).count() >= 2
        });
        if one_by_one { place(i) } else { corner }
    };
    let homes: Vec<Option<[i64; D]>> = (0..points.len())
        .map(|i| inside.contains(&i).then(|| home(i)))
        .collect();
    let count = |of: [i64; D]| homes.iter().filter(|home| **home == Some(of)).count() as f64;
    let cube = if D == 2 { 4.0 } else { 6.0 } / std::f64::consts::PI;
    let next_to_it = 2 * (cube * growth.min_count as f64).round() as usize;
    let furthest = (2.0 * growth.max_radius / side * cube).ceil() as u64;
    let enough = growth.min_count as f64 + 1.0;
    let median = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        let n = numbers.len();
        f64::midpoint(numbers[(n - 1) / 2], numbers[n / 2])
    };
    let radius = |i: usize| {
        let Some(home) = homes[i] else {
            return growth.min_radius;
        };
        let here = count(home);
        if here >= enough {
            return growth.min_radius;
        }
        let own = || {
            let inside = (0..points.len()).filter(|&j| homes[j] == Some(home));
            lengths.map(|lengths| median(inside.map(|j| lengths[j]).collect()))
        };
        let beside = (0..D).flat_map(|d| [-1, 1].map(|step| (d, step)));
        let beside = beside.map(|(d, step)| {
            let mut beside = home;
            beside[d] += step;
            count(beside)
        });
        if 2.0 * (enough - beside.sum::<f64>() / (2 * D) as f64) < here {
            return own().unwrap_or(growth.min_radius);
        }
        let rings_to = |j: usize| {
            homes[j].map(|other| (0..D).map(|d| other[d].abs_diff(home[d])).max().unwrap())
        };
        let rings: Vec<Option<u64>> = (0..points.len()).map(rings_to).collect();
        let within = |most: u64| {
            let near = |&j: &usize| rings[j].is_some_and(|rings| rings <= most);
            (0..points.len()).filter(near).collect::<Vec<_>>()
        };
        let mut near = vec![];
        for rings in 1..=furthest.max(1) {
            near = within(rings);
            if near.len() > next_to_it {
                break;
            }
        }
        if near.len() <= next_to_it {
            return own().unwrap_or(growth.max_radius);
        }
        near.sort_by(|&a, &b| {
            distance(&points[a], &points[i]).total_cmp(&distance(&points[b], &points[i]))
        });
        match lengths {
            None => distance(&points[near[next_to_it]], &points[i]),
            Some(lengths) => {
                near.retain(|&j| count(homes[j].unwrap()) < enough);
                near.truncate(next_to_it);
                median(near.iter().map(|&j| lengths[j]).collect())
            }
        }
    };
    (0..points.len())
        .map(|i| radius(i).clamp(growth.min_radius, growth.max_radius))
        .collect()
}

/// The same rules without any search structure.
fn grow_slowly<const D: usize>(
    points: &[[f64; D]],
    lengths: Option<&[f64]>,
    growth: &Growth,
) -> Vec<[f64; D]> {
    let radii = radii_slowly(points, lengths, growth);
    let unsettled = |moves: f64| 1.0 - (1.0 - (-1.05 * moves / 333.0).exp()) / 1.05;
    let mut centers = vec![points[0], points[points.len() - 1]];
    let mut moves = vec![0.0; 2];
    let mut ages = HashMap::from([((0, 1), 0.0)]);
    let link = |a: usize, b: usize| (a.min(b), a.max(b));
    let mut random = ChaCha8Rng::seed_from_u64(growth.seed);
    for _ in 0..(6 * points.len()).div_ceil(10_000) * 10_000 {
        let i = random.random_range(0..points.len());
        let far = |index: usize| distance(&centers[index], &points[i]);
        let mut order: Vec<usize> = (0..centers.len()).collect();
        order.sort_by(|&a, &b| far(a).total_cmp(&far(b)));
        let (nearest, second) = (order[0], order[1]);
        if far(nearest) > radii[i] {
            ages.remove(&link(nearest, second));
            ages.insert(link(nearest, centers.len()), 0.0);
            ages.insert(link(second, centers.len()), 0.0);
            centers.push(points[i]);
            moves.push(0.0);
        } else {
            ages.insert(link(nearest, second), 0.0);
            for index in 0..centers.len() {
                let first_rate = match ages.contains_key(&link(nearest, index)) {
                    _ if index == nearest => 0.2,
                    true => 0.006,
                    false => continue,
                };
                let rate = first_rate * unsettled(moves[index]);
                let from = centers[index];
                centers[index] = std::array::from_fn(|d| from[d] + rate * (points[i][d] - from[d]));
            }
        }
        moves[nearest] += 1.0;
        let lifetime = 20.0_f64.max(0.05 * centers.len() as f64);
        ages.retain(|&(a, b), age| {
            if a != nearest && b != nearest {
                return true;
            }
            moves[a + b - nearest] += 1.0;
            *age += 1.0;
            *age <= lifetime
        });
    }
    let counts = counts(points, &centers);
    let with_points = centers.into_iter().zip(counts);
    with_points
        .filter_map(|(c, n)| (n > 0).then_some(c))
        .collect()
}

fn assert_centers<const D: usize>(points: &[[f64; D]], growth: &Growth) {
    let mut random = ChaCha8Rng::seed_from_u64(growth.seed);
    let lengths: Vec<f64> = points
        .iter()
        .map(|_| 0.2 * random.random::<f64>())
        .collect();
    let by_lengths = grow_by_lengths(points, &lengths, growth).unwrap();
    for (centers, lengths) in [
        (grow(points, growth).unwrap(), None),
        (by_lengths, Some(&lengths[..])),
    ] {
        let expected = grow_slowly(points, lengths, growth);
        assert_eq!(centers.len(), expected.len());
        for (center, expected) in centers.iter().zip(&expected) {
            assert!(distance(center, expected) < 1e-12);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn searches_find_the_nearest_center(
        seed in 0..1000_u64,
        count in 1..250_usize,
        min_count in 1..20_usize,
        max_radius in prop::sample::select(vec![0.05, 0.3, 1.0]),
        crowd in 0..250_usize,
    ) {
        let growth = Growth { min_count, min_radius: 0.04, max_radius, seed };
        // Some of the points in a spot, so that sizes of cells differ.
        let mut flat = uniform::<2>(count, seed);
        flat.iter_mut().take(crowd).for_each(|p| *p = p.map(|c| 0.6 + 0.1 * c));
        assert_centers(&flat, &growth);
        let mut solid = uniform::<3>(count, seed);
        solid.iter_mut().take(crowd).for_each(|p| *p = p.map(|c| 0.6 + 0.1 * c));
        assert_centers(&solid, &growth);
    }
}

#[test]
fn cells_have_about_as_many_points_where_density_differs() {
    // Four times as dense on the left, so half the distance between centers.
    let mut points = uniform::<2>(10_000, 2);
    points
        .iter_mut()
        .take(8_000)
        .for_each(|point| point[0] -= 1.0);
    let centers = grow(&points, &GROWTH).unwrap();
    let left = centers.iter().filter(|center| center[0] < 0.0).count();
    let ratio = left as f64 / (centers.len() - left) as f64;
    assert!((3.2..4.8).contains(&ratio), "{ratio}"); // some 60 and 300 cells, and a border
    let mut counts = counts(&points, &centers);
    counts.sort_unstable();
    let few = counts[counts.len() / 10];
    assert!(few >= 15, "{few}"); // of 27 in the mean
}

#[test]
fn any_points_come_to_an_end() {
    let cells = |points: &[[f64; 2]]| {
        let growth = Growth {
            max_radius: 0.1,
            ..GROWTH
        };
        grow(points, &growth).unwrap().len()
    };
    assert_eq!(cells(&[[3.0, 4.0]]), 1);
    assert_eq!(cells(&[[3.0, 4.0]; 500]), 1);
    assert_eq!(cells(&[[3.0, 4.0], [3.0, 5.0]]), 2);
    let line: Vec<[f64; 2]> = (0..1000).map(|i| [f64::from(i) / 1000.0; 2]).collect();
    assert!((20..100).contains(&cells(&line))); // of some 30 points
    // More boxes along an axis than can be numbered.
    let tiny = Growth {
        min_radius: 1e-30,
        ..GROWTH
    };
    let far = [[0.0, 0.0], [1.0, 2.0], [1e9, 1e9], [1e9, 2e9]];
    assert_eq!(grow(&far, &tiny).unwrap().len(), 4);
    // Far more points in one place than anywhere else.
    let mut spot = uniform::<2>(3_000, 3);
    spot.extend(std::iter::repeat_n([0.5, 0.5], 30_000));
    let elsewhere = cells(&spot[..3_000]);
    // The seed makes 5 %, and centers that are linked to the one there follow it.
    assert!(cells(&spot).abs_diff(elsewhere) < elsewhere / 5);
}

#[test]
fn the_seed_decides_and_threads_do_not() {
    let points = uniform::<3>(3_000, 4);
    let centers = grow(&points, &GROWTH).unwrap();
    threads::set_thread_count(1).unwrap();
    assert_eq!(grow(&points, &GROWTH).unwrap(), centers);
    threads::set_thread_count(0).unwrap();
    let other = Growth { seed: 2, ..GROWTH };
    assert_ne!(grow(&points, &other).unwrap(), centers);
}

#[test]
fn impossible_input_is_refused() {
    let message = |growth: Growth| grow(&[[0.0; 2]], &growth).unwrap_err().to_string();
    for radius in [0.0, -1.0, f64::NAN] {
        let growth = Growth {
            min_radius: radius,
            ..GROWTH
        };
        assert!(message(growth).contains("`min_radius`"));
    }
    for radius in [1e-4, f64::NAN, f64::INFINITY] {
        let growth = Growth {
            max_radius: radius,
            ..GROWTH
        };
        assert!(message(growth).contains("`max_radius`"));
    }
    let none = grow::<2>(&[], &GROWTH);
    assert!(matches!(none, Err(Error::InsufficientData { .. })));
    let bad = grow(&[[0.0, f64::NAN]], &GROWTH);
    assert!(matches!(bad, Err(Error::Element { .. })));
}

/// Where no displacement is longer than the least radius, that is the radius: the same centers as
/// with bounds that leave no other.
#[test]
fn displacements_are_how_far_is_far() {
    let points = uniform::<2>(2000, 3);
    let fixed = Growth {
        min_radius: 0.1,
        max_radius: 0.1,
        ..GROWTH
    };
    let growth = Growth {
        max_radius: 1.0,
        ..fixed
    };
    let centers = grow_by_lengths(&points, &[0.1; 2000], &growth).unwrap();
    assert_eq!(centers, grow(&points, &fixed).unwrap());
    let short = grow_by_lengths(&points, &[0.1; 9], &growth);
    assert!(short.unwrap_err().to_string().contains("`lengths`"));
    let bad = grow_by_lengths(&points, &[f64::NAN; 2000], &growth);
    assert!(matches!(bad, Err(Error::Element { .. })));
}
