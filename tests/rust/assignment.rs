//! Filing points under cells, against a search of all centers.

use proptest::prelude::*;
use tramway::Error;
use tramway::assignment::assign_nearest;

/// The first of the nearest centers, by looking at all.
fn brute_force<const D: usize>(point: &[f64; D], centers: &[[f64; D]]) -> usize {
    let squared = |center: &[f64; D]| (0..D).map(|d| (point[d] - center[d]).powi(2)).sum::<f64>();
    let mut best = 0;
    for (i, center) in centers.iter().enumerate() {
        if squared(center) < squared(&centers[best]) {
            best = i;
        }
    }
    best
}

/// Coordinates on a coarse grid: many ties, and centers that coincide.
fn coarse<const D: usize>(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<[f64; D]>> {
    let coordinate = (-4_i32..5).prop_map(|i| f64::from(i) / 2.0);
    prop::collection::vec(prop::array::uniform(coordinate), count)
}

fn scattered<const D: usize>(
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<[f64; D]>> {
    prop::collection::vec(prop::array::uniform(-1e3..1e3_f64), count)
}

fn assert_nearest<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]]) {
    let expected: Vec<usize> = points
        .iter()
        .map(|point| brute_force(point, centers))
        .collect();
    assert_eq!(assign_nearest(points, centers).unwrap(), expected);
}

proptest! {
    #[test]
    fn ties_go_to_the_first_center(points in coarse::<2>(0..40), centers in coarse::<2>(1..200)) {
        assert_nearest(&points, &centers);
    }

    #[test]
    fn ties_go_to_the_first_center_in_space(
        points in coarse::<3>(0..40),
        centers in coarse::<3>(1..200),
    ) {
        assert_nearest(&points, &centers);
    }

    #[test]
    fn nearest_center_is_found(points in scattered::<2>(0..40), centers in scattered::<2>(1..200)) {
        assert_nearest(&points, &centers);
    }

    #[test]
    fn nearest_center_is_found_in_space(
        points in scattered::<3>(0..40),
        centers in scattered::<3>(1..200),
    ) {
        assert_nearest(&points, &centers);
    }
}

#[test]
fn many_points_are_filed_alike_by_any_number_of_threads() {
    // Multiples of irrational numbers are spread evenly; more points than one thread's chunk.
    let spread = |i: usize, a: f64, b: f64| [(i as f64 * a).fract(), (i as f64 * b).fract()];
    let points: Vec<_> = (0..20_000)
        .map(|i| spread(i, 2.0_f64.sqrt(), 3.0_f64.sqrt()))
        .collect();
    let centers: Vec<_> = (0..300)
        .map(|i| spread(i, 5.0_f64.sqrt(), 7.0_f64.sqrt()))
        .collect();
    assert_nearest(&points, &centers);
}

#[test]
fn extreme_coordinates_do_not_overflow_into_nonsense() {
    assert_eq!(
        assign_nearest(&[[1e200, 0.0]], &[[-1e200, 0.0], [1e200, 1.0]]).unwrap(),
        [1]
    );
    assert_eq!(
        assign_nearest(&[[3e200, 0.0]], &[[-1e200, 0.0]]).unwrap(),
        [0]
    );
}

#[test]
fn bad_input_is_refused() {
    let no_center = assign_nearest(&[[0.0, 0.0]], &[]);
    assert!(matches!(no_center, Err(Error::InsufficientData { .. })));
    let point = assign_nearest(&[[0.0, 0.0], [0.0, f64::NAN]], &[[0.0, 0.0]]).unwrap_err();
    assert!(point.to_string().contains("`points[1]`"), "{point}");
    let center = assign_nearest(&[[0.0, 0.0]], &[[f64::INFINITY, 0.0]]).unwrap_err();
    assert!(center.to_string().contains("`centers[0]`"), "{center}");
}
