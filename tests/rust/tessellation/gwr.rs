//! Centers that grow when required.

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
    neighbours: 20,
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
        [5.5, 9.0],
        [9.0, 0.0],
        [0.5, 0.25],
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

/// The same rules without any search structure.
fn grow_slowly<const D: usize>(points: &[[f64; D]], growth: &Growth) -> Vec<[f64; D]> {
    let radius = |point: &[f64; D]| {
        let mut distances: Vec<f64> = points.iter().map(|other| distance(point, other)).collect();
        distances.sort_by(f64::total_cmp);
        let last = distances.get(growth.neighbours - 1);
        last.map_or(growth.max_radius, |r| {
            r.clamp(growth.min_radius, growth.max_radius)
        })
    };
    let radii: Vec<f64> = points.iter().map(radius).collect();
    let mut centers: Vec<([f64; D], f64)> = Vec::new();
    let mut random = ChaCha8Rng::seed_from_u64(growth.seed);
    for _ in 0..10_000.max(6 * points.len()) {
        let i = random.random_range(0..points.len());
        let nearest = centers
            .iter_mut()
            .min_by(|a, b| distance(&a.0, &points[i]).total_cmp(&distance(&b.0, &points[i])));
        match nearest {
            Some((center, wins)) if distance(center, &points[i]) <= radii[i] => {
                let rate = 0.2 * (1.0 - (1.0 - (-1.05 * *wins / 333.0).exp()) / 1.05);
                *wins += 1.0;
                let moved = |d: usize| center[d] + rate * (points[i][d] - center[d]);
                *center = std::array::from_fn(moved);
            }
            _ => centers.push((points[i], 0.0)),
        }
    }
    let centers: Vec<_> = centers.into_iter().map(|(center, _)| center).collect();
    let counts = counts(points, &centers);
    let with_points = centers.into_iter().zip(counts);
    with_points
        .filter_map(|(c, n)| (n > 0).then_some(c))
        .collect()
}

fn assert_centers<const D: usize>(points: &[[f64; D]], growth: &Growth) {
    let (centers, expected) = (grow(points, growth).unwrap(), grow_slowly(points, growth));
    assert_eq!(centers.len(), expected.len());
    for (center, expected) in centers.iter().zip(&expected) {
        assert!(distance(center, expected) < 1e-12);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn searches_find_the_nearest_center(
        seed in 0..1000_u64,
        count in 1..250_usize,
        neighbours in 1..40_usize,
        max_radius in prop::sample::select(vec![0.05, 0.3, 10.0]),
        crowd in 0..250_usize,
    ) {
        let growth = Growth { neighbours, min_radius: 0.02, max_radius, seed };
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
    let growth = Growth {
        neighbours: 50,
        ..GROWTH
    };
    let centers = grow(&points, &growth).unwrap();
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
    let line: Vec<[f64; 2]> = (0..1000).map(|i| [f64::from(i) / 1000.0, 7.0]).collect();
    assert!((20..100).contains(&cells(&line))); // of some 30 points
    // Far more points in one place than anywhere else.
    let mut spot = uniform::<2>(3_000, 3);
    spot.extend(std::iter::repeat_n([0.5, 0.5], 30_000));
    let elsewhere = cells(&spot[..3_000]);
    assert!(cells(&spot).abs_diff(elsewhere) < elsewhere / 10);
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

/// Where all displacements are as long, that length is the radius: the same centers as with bounds
/// that leave no other.
#[test]
fn displacements_are_how_far_is_far() {
    let points = uniform::<2>(2000, 3);
    let growth = Growth {
        min_radius: 0.01,
        max_radius: 1.0,
        ..GROWTH
    };
    let fixed = Growth {
        min_radius: 0.1,
        max_radius: 0.1,
        ..GROWTH
    };
    let centers = grow_by_lengths(&points, &[0.1; 2000], &growth).unwrap();
    assert_eq!(centers, grow(&points, &fixed).unwrap());
    let short = grow_by_lengths(&points, &[0.1; 9], &growth);
    assert!(short.unwrap_err().to_string().contains("`lengths`"));
    let bad = grow_by_lengths(&points, &[f64::NAN; 2000], &growth);
    assert!(matches!(bad, Err(Error::Element { .. })));
}
