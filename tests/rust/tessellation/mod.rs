//! The lattice of hexagons; the other tessellations in files of their own.

mod gwr;
mod kmeans;
mod margin;
mod merging;
mod quad_tree;
mod random;
mod settings;
mod shared_edges;
mod squares;
mod voronoi;
mod voronoi_in_space;

use proptest::prelude::*;
use tramway::Error;
use tramway::tessellation::hexagons::{Frame, Hexagons, by_count, by_spacing};

fn frame(width: f64, height: f64) -> Frame {
    Frame {
        lower: [0.0, 0.0],
        upper: [width, height],
        tilt: 0.0,
        pivot: [0.0, 0.0],
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Expected values are those of `HexagonalMesh(avg_distance=0.3)` of the original, version 0.7, for
/// the points (0.1, 0.2), (0.77, 0.4), (0.3, 0.63), printed to nine decimals.
#[test]
fn lattice_is_that_of_the_original() {
    let mut frame = Frame {
        lower: [0.1, 0.2],
        upper: [0.77, 0.63],
        tilt: 0.0,
        pivot: [0.39, 0.41],
    };
    let hexagons = by_spacing(&frame, 0.3).unwrap();
    assert_eq!(hexagons.count, (3, 3));
    assert_eq!(hexagons.radius, 0.15);
    let rows = [
        (-0.015, 0.155_192_379, 4),
        (0.135, 0.415, 3),
        (-0.015, 0.674_807_621, 4),
    ];
    let expected = rows
        .iter()
        .flat_map(|&(x, y, count)| (0..count).map(move |i| [x + 0.3 * f64::from(i), y]));
    assert_centers(&hexagons, &expected.collect::<Vec<_>>());
    let starts = [0, 2, 6, 10, 12, 17, 23, 28, 30, 34, 38, 40];
    let neighbours = [
        1, 4, 0, 2, 4, 5, 1, 3, 5, 6, 2, 6, 0, 1, 5, 7, 8, 1, 2, 4, 6, 8, 9, 2, 3, 5, 9, 10, 4, 8,
        4, 5, 7, 9, 5, 6, 8, 10, 6, 9,
    ];
    assert_eq!(
        hexagons.tessellation.adjacency.as_parts(),
        (&starts[..], &neighbours[..])
    );

    frame.tilt = 1.0;
    let tilted = by_spacing(&frame, 0.3).unwrap();
    let expected = [
        [0.166_663_522, -0.013_169_873],
        [0.426_471_143, 0.136_830_127],
        [0.686_278_764, 0.286_830_127],
        [0.946_086_385, 0.436_830_127],
        [0.166_663_522, 0.286_830_127],
        [0.426_471_143, 0.436_830_127],
        [0.686_278_764, 0.586_830_127],
        [-0.093_144_099, 0.436_830_127],
        [0.166_663_522, 0.586_830_127],
        [0.426_471_143, 0.736_830_127],
        [0.686_278_764, 0.886_830_127],
    ];
    assert_centers(&tilted, &expected);
    assert_eq!(
        tilted.tessellation.adjacency,
        hexagons.tessellation.adjacency
    );
}

#[track_caller]
fn assert_centers(hexagons: &Hexagons, expected: &[[f64; 2]]) {
    let centers = &hexagons.tessellation.centers;
    assert_eq!(centers.len(), expected.len());
    for (&center, &expected) in centers.iter().zip(expected) {
        assert!(
            distance(center, expected) < 2e-9,
            "{center:?} is not {expected:?}"
        ); // the rounding
    }
}

/// Number of cells by the formula of the lattice, for the numbers of columns and of steps that an
/// inradius needs; the inverse of `r = W / 2m` must not be rounded up.
fn count(width: f64, height: f64, radius: f64) -> f64 {
    let needed = |length: f64| (length * (1.0 - 1e-12)).ceil();
    let m = needed(width / (2.0 * radius)).max(1.0);
    let n = needed(height / (3.0_f64.sqrt() * radius)) + 1.0;
    m * n + (n / 2.0).ceil()
}

/// The radius that a search over all breakpoints finds.
fn best_radius(width: f64, height: f64, wanted: f64) -> f64 {
    let breakpoints = (1..400).flat_map(|i| {
        [
            width / f64::from(2 * i),
            height / (3.0_f64.sqrt() * f64::from(i)),
        ]
    });
    let mut best = (f64::INFINITY, f64::INFINITY);
    for radius in breakpoints.filter(|&radius| radius > 0.0) {
        let error = (count(width, height, radius) - wanted).abs();
        if (error, radius) < best {
            best = (error, radius);
        }
    }
    best.1
}

proptest! {
    #[test]
    fn count_is_met_as_nearly_as_possible(
        width in 0.1..10.0_f64,
        height in 0.1..10.0_f64,
        scale in prop::sample::select(vec![1e-3, 1.0, 1e6]),
        wanted in 0.2..300.0_f64,
    ) {
        let (width, height) = (width * scale, height * scale);
        let hexagons = by_count(&frame(width, height), wanted, 0.0).unwrap();
        let expected = best_radius(width, height, wanted);
        // by_count goes a few roundings above the breakpoint.
        prop_assert!((hexagons.radius / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn neighbours_are_at_the_spacing_and_nobody_else(
        width in 0.5..3.0_f64,
        height in 0.5..3.0_f64,
        spacing in 0.15..2.0_f64,
        tilt in -2.0..2.0_f64,
    ) {
        let frame = Frame { tilt, pivot: [1.0, -1.0], ..frame(width, height) };
        let hexagons = by_spacing(&frame, spacing).unwrap();
        let tessellation = &hexagons.tessellation;
        for (i, &center) in tessellation.centers.iter().enumerate() {
            let expected: Vec<usize> = (0..tessellation.centers.len())
                // The next distance in the lattice is √3 times as long.
                .filter(|&j| j != i && distance(center, tessellation.centers[j]) < 1.3 * spacing)
                .collect();
            prop_assert_eq!(tessellation.adjacency.neighbours(i), &expected[..]);
        }
        // Area of a regular hexagon from its spacing: (√3 / 2) spacing².
        let area = 0.75_f64.sqrt() * spacing * spacing;
        prop_assert!(tessellation.volumes.iter().all(|volume| (volume / area - 1.0).abs() < 1e-12));
    }

    /// No point of the box is further from the nearest center than the corners of a hexagon.
    #[test]
    fn the_box_is_covered(
        width in 0.0..3.0_f64,
        height in 0.1..3.0_f64,
        spacing in 0.15..2.0_f64,
        at in (0.0..=1.0_f64, 0.0..=1.0_f64),
    ) {
        let hexagons = by_spacing(&frame(width, height), spacing).unwrap();
        let point = [at.0 * width, at.1 * height];
        let centers = hexagons.tessellation.centers.iter();
        let nearest = centers.map(|&center| distance(center, point)).fold(f64::INFINITY, f64::min);
        prop_assert!(nearest <= spacing / 3.0_f64.sqrt() * (1.0 + 1e-12));
    }
}

#[test]
fn boxes_without_width_or_height_are_tessellated() {
    for (width, height) in [(1.0, 0.0), (0.0, 1.0), (1.0, 1e-9), (1e-9, 1.0)] {
        let hexagons = by_count(&frame(width, height), 20.0, 0.0).unwrap();
        let cells = hexagons.tessellation.centers.len();
        assert!(
            (10..=22).contains(&cells), // a box of almost no height counts as two rows
            "{width} × {height}: {cells} cells"
        );
        let components = hexagons.tessellation.adjacency.components();
        assert!(components.iter().all(|&component| component == 0));
    }
}

#[test]
fn min_spacing_bounds_the_spacing() {
    let hexagons = by_count(&frame(1.0, 1.0), 1000.0, 0.25).unwrap();
    assert_eq!(hexagons.radius, 0.125);
}

#[test]
fn impossible_lattices_are_refused() {
    let point = Frame {
        lower: [1.0, 2.0],
        upper: [1.0, 2.0],
        ..frame(1.0, 1.0)
    };
    for result in [by_spacing(&point, 0.1), by_count(&point, 10.0, 0.0)] {
        assert!(matches!(result, Err(Error::InsufficientData { .. })));
    }
    let message = |result: tramway::Result<Hexagons>| result.unwrap_err().to_string();
    let many = message(by_spacing(&frame(1e5, 1e5), 0.1));
    assert!(
        many.contains("0.1 µm for an extent of 100000 × 100000 µm"),
        "{many}"
    );
    assert!(many.contains("are the coordinates in µm?"), "{many}");
    for spacing in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-320] {
        assert!(message(by_spacing(&frame(1.0, 1.0), spacing)).contains("`spacing`"));
    }
    for count in [0.0, -1.0, f64::NAN, 1e9] {
        assert!(message(by_count(&frame(1.0, 1.0), count, 0.0)).contains("`count`"));
    }
    assert!(message(by_count(&frame(1.0, 1.0), 9.0, -1.0)).contains("`min_spacing`"));
    assert!(message(by_spacing(&frame(-1.0, 1.0), 0.1)).contains("`upper`"));
    assert!(message(by_spacing(&frame(f64::NAN, 1.0), 0.1)).contains("finite"));
    let turned = Frame {
        tilt: f64::NAN,
        ..frame(1.0, 1.0)
    };
    assert!(message(by_spacing(&turned, 0.1)).contains("`tilt`"));
}
