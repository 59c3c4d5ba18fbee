//! Cells with few points.

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::Error;
use tramway::assignment::assign_nearest;
use tramway::geometry::ConvexPolygon;
use tramway::tessellation::merging::merge_small;

fn square() -> ConvexPolygon {
    ConvexPolygon::hull(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]).unwrap()
}

fn uniform(count: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| [random.random(), random.random()])
        .collect()
}

/// Five stripes with 9, 3, 2, 1 and 0 points, of which 3 are needed. By hand: the third and the last
/// go at once (the fourth has a neighbour that goes); the fourth then has those of the third that
/// are nearer to it, and its own: two at 0.58 and one at 0.7, enough.
#[test]
fn cells_give_way_by_turns() {
    let centers: Vec<[f64; 2]> = (0..5).map(|i| [0.1 + 0.2 * f64::from(i), 0.5]).collect();
    let mut points = vec![[0.1, 0.3]; 9];
    points.extend([[0.3, 0.5]; 3]);
    points.extend([[0.58, 0.5]; 2]);
    points.push([0.7, 0.5]);
    let merged = merge_small(&centers, &points, &square(), 3, false).unwrap();
    assert_eq!(merged, [centers[0], centers[1], centers[3]]);
    let moved = merge_small(&centers, &points, &square(), 3, true).unwrap();
    let means = [[0.1, 0.3], [0.3, 0.5], [0.62, 0.5]];
    assert!(
        moved
            .iter()
            .flatten()
            .zip(means.as_flattened())
            .all(|(a, b)| (a - b).abs() < 1e-15)
    );
}

#[test]
fn all_points_together_must_be_enough() {
    let points = uniform(10, 1);
    let merged = merge_small(&uniform(7, 2), &points, &square(), 10, false).unwrap();
    assert_eq!(merged.len(), 1);
    let refused = merge_small(&uniform(7, 2), &points, &square(), 11, false);
    assert!(matches!(refused, Err(Error::InsufficientData { .. })));
}

proptest! {
    #[test]
    fn no_cell_has_too_few_points(
        seed in 0..1000_u64,
        cells in 1..60_usize,
        min_count in 0..200_usize,
        update in any::<bool>(),
    ) {
        let (points, centers) = (uniform(200, seed), uniform(cells, seed + 1));
        let merged = merge_small(&centers, &points, &square(), min_count, update).unwrap();
        let mut counts = vec![0; merged.len()];
        for cell in assign_nearest(&points, &merged).unwrap() {
            counts[cell] += 1;
        }
        prop_assert!(counts.iter().all(|&count| count >= min_count));
        prop_assert!(update || merged.iter().all(|center| centers.contains(center)));
    }
}
