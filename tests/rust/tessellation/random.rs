//! Centers drawn at random.

use std::collections::HashMap;

use tramway::tessellation::place;
use tramway::tessellation::random::uniform;
use tramway::tessellation::settings::{Settings, Value};

#[test]
fn centers_are_uniform_in_the_box() {
    let (lower, upper) = ([1.0, -2.0, 0.0], [3.0, -1.0, 1.0]);
    let centers = uniform(&lower, &upper, 40_000, 3).unwrap();
    for d in 0..3 {
        let mut coordinates: Vec<f64> = centers.iter().map(|c| c[d]).collect();
        coordinates.sort_by(f64::total_cmp);
        let distance = coordinates.iter().enumerate().map(|(rank, c)| {
            let part = (c - lower[d]) / (upper[d] - lower[d]);
            assert!((0.0..=1.0).contains(&part));
            (part - rank as f64 / 40_000.0).abs()
        });
        // Kolmogorov and Smirnov: above 1.95 / √n with a probability of 0.001.
        assert!(distance.fold(0.0, f64::max) < 1.95 / 200.0);
    }
}

#[test]
fn the_seed_decides() {
    let draw = |count, seed| uniform(&[0.0; 2], &[1.0; 2], count, seed).unwrap();
    assert_eq!(draw(10, 1), draw(20, 1)[..10]);
    assert_ne!(draw(10, 1), draw(10, 2));
}

#[test]
fn they_are_placed_in_the_box_around_points() {
    let points = [[2.0, -1.0], [1.0, 3.0], [1.5, 0.0]];
    let settings = Settings(HashMap::from([
        ("count".to_owned(), Value::Whole(10)),
        ("seed".to_owned(), Value::Whole(4)),
    ]));
    assert_eq!(
        place("random", &points, &settings).unwrap(),
        uniform(&[1.0, -1.0], &[2.0, 3.0], 10, 4).unwrap()
    );
}
