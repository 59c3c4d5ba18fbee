//! The grid of squares.

use proptest::prelude::*;
use tramway::Error;
use tramway::tessellation::squares::{Squares, by_count, by_shape, by_spacing};

/// Expected values from the original, version 0.7: `RegularMesh(avg_distance=0.3)` on points from
/// (0.1, 0.2) to (0.77, 0.63) has 2 × 1 cells; neighbours as drawn by hand.
#[test]
fn grid_is_that_of_the_original() {
    let squares = by_spacing(&[0.1, 0.2], &[0.77, 0.63], 0.3).unwrap();
    assert_eq!(squares.count, [2, 1]);
    let expected = [[0.2675, 0.415], [0.6025, 0.415]];
    for (center, expected) in squares.tessellation.centers.iter().zip(expected) {
        assert!((center[0] - expected[0]).abs() < 1e-15 && (center[1] - expected[1]).abs() < 1e-15);
    }
    assert_eq!(
        squares.tessellation.adjacency.as_parts(),
        (&[0, 1, 2][..], &[1, 0][..])
    );
}

#[test]
fn neighbours_are_across_faces_and_edges() {
    let plane = by_shape(&[0.0; 2], &[3.0, 4.0], [3, 4])
        .unwrap()
        .tessellation;
    assert_eq!(plane.centers[1], [0.5, 1.5]); // the last coordinate runs fastest
    assert_eq!(plane.adjacency.neighbours(0), [1, 4, 5]);
    assert_eq!(plane.adjacency.neighbours(5), [0, 1, 2, 4, 6, 8, 9, 10]);
    let space = by_shape(&[0.0; 3], &[3.0; 3], [3; 3]).unwrap().tessellation;
    let middle = space.adjacency.neighbours(13);
    assert_eq!(middle.len(), 18); // of 26, without those beyond the 8 corners
    assert!(
        [0, 2, 6, 8, 18, 20, 24, 26]
            .iter()
            .all(|corner| !middle.contains(corner))
    );
}

#[test]
fn numbers_are_rounded_to_the_nearest_and_are_at_least_one() {
    let count = |spacing| by_spacing(&[0.0; 2], &[1.0, 0.2], spacing).unwrap().count;
    assert_eq!(count(0.5), [2, 1]);
    assert_eq!(count(0.4), [2, 1]); // 2.5 and 0.5, to the even number and at least 1
    assert_eq!(count(0.1), [10, 2]);
    assert_eq!(count(9.0), [1, 1]);
}

#[test]
fn boxes_without_extent_along_an_axis_are_as_wide_as_a_cell() {
    let row = by_spacing(&[1.0, 2.0], &[2.0, 2.0], 0.25).unwrap();
    assert_eq!(
        (row.count, row.lower, row.upper),
        ([4, 1], [1.0, 1.875], [2.0, 2.125])
    );
    assert!(row.tessellation.volumes.iter().all(|&area| area == 0.0625));
    assert_eq!(
        by_count(&[0.0; 3], &[0.0, 2.0, 0.0], 8.0, 0.0)
            .unwrap()
            .count,
        [1, 8, 1]
    );
}

#[test]
fn min_spacing_bounds_the_side() {
    assert_eq!(
        by_count(&[0.0; 2], &[1.0; 2], 1000.0, 0.25).unwrap().count,
        [4, 4]
    );
}

#[test]
fn impossible_grids_are_refused() {
    let message = |result: tramway::Result<Squares<2>>| result.unwrap_err().to_string();
    let (zero, one) = ([0.0; 2], [1.0; 2]);
    for result in [by_spacing(&one, &one, 0.1), by_count(&one, &one, 10.0, 0.0)] {
        assert!(matches!(result, Err(Error::InsufficientData { .. })));
    }
    let many = message(by_spacing(&zero, &[1e5, 1e5], 0.1));
    assert!(
        many.contains("0.1 µm for an extent of 100000 × 100000 µm"),
        "{many}"
    );
    for spacing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(message(by_spacing(&zero, &one, spacing)).contains("`spacing`"));
    }
    assert!(message(by_count(&zero, &one, 0.0, 0.0)).contains("`count`"));
    assert!(message(by_count(&zero, &one, 9.0, -1.0)).contains("`min_spacing`"));
    assert!(message(by_spacing(&one, &zero, 0.1)).contains("`upper`"));
    assert!(message(by_shape(&zero, &one, [0, 3])).contains("`count_per_dim` is [0, 3]"));
    assert!(message(by_shape(&zero, &one, [10_000, 10_000])).contains("`count_per_dim`"));
    assert!(message(by_shape(&zero, &[1.0, 0.0], [2, 2])).contains("an extent along each axis"));
}

proptest! {
    #[test]
    fn cells_tile_the_box(
        extent in prop::array::uniform3(0.1..10.0_f64),
        scale in prop::sample::select(vec![1e-3, 1.0, 1e6]),
        wanted in 1.0..500.0_f64,
    ) {
        let extent = extent.map(|length| length * scale);
        let squares = by_count(&[0.0; 3], &extent, wanted, 0.0).unwrap();
        let cells = squares.tessellation.centers.len();
        prop_assert_eq!(cells, squares.count.iter().product::<usize>());
        let volume: f64 = squares.tessellation.volumes.iter().sum();
        prop_assert!((volume / extent.iter().product::<f64>() - 1.0).abs() < 1e-12);
        // Along each axis the number is within a half of the wanted one, unless that is below 1.
        let side = (extent.iter().product::<f64>() / wanted).cbrt();
        for (length, count) in extent.iter().zip(squares.count) {
            let exact = length / side;
            prop_assert!((exact - count as f64).abs() <= 0.5 + 1e-9 || (count == 1 && exact < 1.0));
        }
    }
}
