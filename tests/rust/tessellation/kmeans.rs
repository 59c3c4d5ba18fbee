//! Centers in the middle of their points.

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::assignment::assign_nearest;
use tramway::tessellation::kmeans::kmeans;
use tramway::{Error, threads};

fn uniform(count: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| [random.random(), random.random()])
        .collect()
}

/// Three tight groups, and a center that begins away from all: by hand, one mean for each group.
#[test]
fn centers_end_in_the_middle_of_groups() {
    let points = [
        [0.0, 0.0],
        [0.0, 2.0],
        [10.0, 0.0],
        [10.0, 2.0],
        [5.0, 9.0],
        [5.0, 10.0],
    ];
    let start = [[1.0, 1.0], [50.0, 50.0], [8.0, 1.0], [5.0, 5.0]];
    let centers = kmeans(&points, &start, 0.0).unwrap();
    assert_eq!(centers, [[0.0, 1.0], [10.0, 1.0], [5.0, 9.5]]);
}

#[test]
fn threads_change_nothing() {
    let (points, start) = (uniform(20_000, 1), uniform(100, 2));
    let centers = kmeans(&points, &start, 1e-6).unwrap();
    threads::set_thread_count(1).unwrap();
    assert_eq!(kmeans(&points, &start, 1e-6).unwrap(), centers);
    threads::set_thread_count(0).unwrap();
}

#[test]
fn impossible_input_is_refused() {
    let message = |result: tramway::Result<Vec<[f64; 2]>>| result.unwrap_err().to_string();
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(message(kmeans(&[[0.0; 2]], &[[0.0; 2]], tolerance)).contains("`tol`"));
    }
    let none = kmeans(&[], &[[0.0; 2]], 0.0);
    assert!(matches!(none, Err(Error::InsufficientData { .. })));
    let no_centers = kmeans(&[[0.0; 2]], &[], 0.0);
    assert!(matches!(no_centers, Err(Error::InsufficientData { .. })));
    assert!(message(kmeans(&[[0.0, f64::NAN]], &[[0.0; 2]], 0.0)).contains("finite"));
}

proptest! {
    /// With no tolerance the iterations end in a fixed point: every center is the mean of the
    /// points nearest to it.
    #[test]
    fn centers_are_the_means_of_their_points(seed in 0..1000_u64, count in 1..30_usize) {
        let points = uniform(200, seed);
        let centers = kmeans(&points, &uniform(count, seed + 1), 0.0).unwrap();
        let cells = assign_nearest(&points, &centers).unwrap();
        for (cell, center) in centers.iter().enumerate() {
            let mine: Vec<_> = points.iter().zip(&cells).filter(|(_, c)| **c == cell).collect();
            for d in 0..2 {
                let mean = mine.iter().map(|(p, _)| p[d]).sum::<f64>() / mine.len() as f64;
                prop_assert!((mean - center[d]).abs() < 1e-12); // the rounding of a sum
            }
        }
    }
}
