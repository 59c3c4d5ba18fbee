//! Voronoi cells in a convex region.

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::geometry::ConvexPolygon;
use tramway::tessellation::{Adjacency, face_sizes, outlines, voronoi};
use tramway::{Error, threads};

fn rectangle(lower: [f64; 2], upper: [f64; 2]) -> ConvexPolygon {
    ConvexPolygon::hull(&[lower, [lower[0], upper[1]], upper, [upper[0], lower[1]]]).unwrap()
}

fn uniform(count: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| [random.random(), random.random()])
        .collect()
}

fn squared_distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// Positive if c is to the left of the way from a to b.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn edges(outline: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    outline
        .iter()
        .copied()
        .zip(outline.iter().copied().cycle().skip(1))
}

/// Four centers in a cross around a fifth: the middle cell is a square of known size, and its
/// neighbours meet in its corners only.
#[test]
fn cells_of_a_cross_are_those_drawn_by_hand() {
    let centers = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
    let region = rectangle([-1.0, -1.0], [1.0, 1.0]);
    let tessellation = voronoi(&centers, &region).unwrap();
    assert_eq!(tessellation.adjacency.neighbours(0), [1, 2, 3, 4]);
    assert_eq!(tessellation.adjacency.neighbours(1), [0, 2, 4]);
    assert_eq!(tessellation.volumes, [1.0, 0.75, 0.75, 0.75, 0.75]);
    let mut corners = outlines(&centers, &region).unwrap().swap_remove(0);
    corners.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(
        corners,
        [[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]]
    );
}

/// Of the cross, by hand: diagonals of squares of side 1/2 between the arms, sides of length 1 around the
/// middle. Who is told of fewer neighbours has the same faces with these.
#[test]
fn faces_of_a_cross_are_those_drawn_by_hand() {
    let centers = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
    let region = rectangle([-1.0, -1.0], [1.0, 1.0]);
    let cells = voronoi(&centers, &region).unwrap();
    let diagonal = 0.5_f64.sqrt();
    let sizes = face_sizes(&centers, &region, &cells.adjacency, &cells.volumes).unwrap();
    let expected = [1.0, 1.0, 1.0, 1.0, 1.0, diagonal, diagonal];
    for (size, expected) in sizes.iter().zip(expected) {
        assert!((size - expected).abs() < 1e-15, "{sizes:?}");
    }
    // Without the middle one, and with one that is on the other side.
    let pairs = [(1, 2), (1, 3), (1, 4)];
    let others = Adjacency::from_pairs(5, pairs).unwrap();
    let sizes = face_sizes(&centers, &region, &others, &cells.volumes).unwrap();
    let expected = [diagonal, 0.0, diagonal, diagonal, 0.0, diagonal];
    for (size, expected) in sizes.iter().zip(expected) {
        assert!((size - expected).abs() < 1e-15, "{sizes:?}");
    }
    let refused = face_sizes(&centers, &region, &others, &[1.0]).unwrap_err();
    assert!(refused.to_string().contains("volumes"), "{refused}");
}

/// In a square lattice four cells meet in every corner: the diagonal ones are no neighbours.
#[test]
fn cells_that_meet_in_a_corner_are_no_neighbours() {
    let offset = [1e3 + 0.1, -7e2 - 0.3]; // so that coordinates are rounded
    let centers: Vec<[f64; 2]> = (0..100)
        .map(|i| {
            [
                offset[0] + 0.1 * f64::from(i / 10),
                offset[1] + 0.1 * f64::from(i % 10),
            ]
        })
        .collect();
    let region = rectangle(
        [offset[0] - 0.05, offset[1] - 0.05],
        [offset[0] + 0.95, offset[1] + 0.95],
    );
    let cells = voronoi(&centers, &region).unwrap();
    for i in 0..100_usize {
        let (row, column) = (i / 10, i % 10);
        let expected: Vec<usize> = (0..100)
            .filter(|j: &usize| (j / 10).abs_diff(row) + (j % 10).abs_diff(column) == 1)
            .collect();
        assert_eq!(cells.adjacency.neighbours(i), expected);
        // Coordinates near 1000 are rounded to 1e-13.
        assert!((cells.volumes[i] - 0.01).abs() < 1e-12);
    }
}

#[test]
fn centers_on_a_line_make_stripes() {
    let centers: Vec<[f64; 2]> = (0..20).map(|i| [f64::from(i), f64::from(i)]).collect();
    let cells = voronoi(&centers, &rectangle([0.0, 0.0], [19.0, 19.0])).unwrap();
    for i in 1..19 {
        assert_eq!(cells.adjacency.neighbours(i), [i - 1, i + 1]);
    }
    // A stripe between bisectors x + y = 2i ± 1 of the square, cut by its diagonal corners.
    assert!((cells.volumes[0] - 0.5).abs() < 1e-12);
    assert!((cells.volumes[1] - 4.0).abs() < 1e-12);
}

#[test]
fn one_center_has_the_whole_region() {
    let cells = voronoi(&[[0.2, 0.1]], &rectangle([0.0, 0.0], [3.0, 2.0])).unwrap();
    assert_eq!(cells.adjacency.cell_count(), 1);
    assert!((cells.volumes[0] - 6.0).abs() < 1e-12); // coordinates are relative to the center
}

#[test]
fn densities_may_differ_by_orders_of_magnitude() {
    let mut centers = uniform(300, 5);
    centers.extend(
        uniform(300, 6)
            .iter()
            .map(|[x, y]| [0.3 + 1e-6 * x, 0.3 + 1e-6 * y]),
    );
    let region = rectangle([0.0, 0.0], [1.0, 1.0]);
    let cells = voronoi(&centers, &region).unwrap();
    assert!((cells.volumes.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(cells.volumes.iter().all(|&volume| volume > 0.0));
}

#[test]
fn threads_change_nothing() {
    let centers = uniform(2000, 1);
    let region = rectangle([0.0, 0.0], [1.0, 1.0]);
    let cells = voronoi(&centers, &region).unwrap();
    threads::set_thread_count(1).unwrap();
    let alone = voronoi(&centers, &region).unwrap();
    threads::set_thread_count(0).unwrap();
    assert_eq!(alone, cells);
}

#[test]
fn impossible_cells_are_refused() {
    let region = rectangle([0.0, 0.0], [1.0, 1.0]);
    let message = |centers: &[[f64; 2]]| voronoi(centers, &region).unwrap_err().to_string();
    let same = message(&[[0.5, 0.0], [0.1, 0.1], [0.2, 0.2], [0.5, -0.0]]);
    assert!(
        same.contains("`centers[3]` is [0.5, -0.0] µm, the same as center 0"),
        "{same}"
    );
    let far = message(&[[0.5, 0.5], [0.6, 0.5], [5.0, 0.5]]);
    assert!(
        far.contains("`centers[2]` is [5.0, 0.5] µm, of whose cell nothing is"),
        "{far}"
    );
    assert!(message(&[[0.0, f64::NAN]]).contains("finite"));
    assert!(matches!(
        voronoi(&[], &region),
        Err(Error::InsufficientData { .. })
    ));
}

#[test]
fn a_region_has_an_area() {
    let triangle = [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]];
    let inner = [[0.5, 0.25], [1.0, 0.0], [0.0, 0.0], [1.0, 0.5]]; // inside, on edges, a corner
    let hull = ConvexPolygon::hull(&[&inner[..], &triangle[..]].concat()).unwrap();
    assert_eq!(hull.corners(), triangle);
    assert_eq!(hull.area(), 1.0);
    let slanted: Vec<[f64; 2]> = (0..50)
        .map(|i| [0.1 * f64::from(i), 0.3 * f64::from(i)])
        .collect();
    for line in [&slanted[..], &triangle[..2], &[[1.0, 1.0]; 3], &[]] {
        let hull = ConvexPolygon::hull(line);
        assert!(
            matches!(hull, Err(Error::InsufficientData { .. })),
            "{hull:?}"
        );
    }
}

proptest! {
    /// Sum of the areas, and who is where, by definition: the nearest center.
    #[test]
    fn cells_tile_the_region_and_hold_what_is_nearest(
        count in 1..120_usize,
        seed in 0..1000_u64,
        stretch in prop::sample::select(vec![1e-3, 1.0, 1e4]),
        in_hull in any::<bool>(),
        probes in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 20),
    ) {
        let centers: Vec<[f64; 2]> =
            uniform(count, seed).iter().map(|&[x, y]| [stretch * x, y]).collect();
        let region = if in_hull && count > 5 {
            ConvexPolygon::hull(&centers).unwrap()
        } else {
            rectangle([0.0, 0.0], [stretch, 1.0])
        };
        let tessellation = voronoi(&centers, &region).unwrap();
        let outlines = outlines(&centers, &region).unwrap();
        let total: f64 = tessellation.volumes.iter().sum();
        prop_assert!((total / region.area() - 1.0).abs() < 1e-9, "{total} of {}", region.area());
        for (x, y) in probes {
            let probe = [stretch * x, y];
            if edges(region.corners()).any(|(a, b)| turn(a, b, probe) < 0.0) {
                continue;
            }
            let nearest = (0..count)
                .min_by(|&i, &j| {
                    let distance = |i: usize| squared_distance(centers[i], probe);
                    distance(i).total_cmp(&distance(j))
                })
                .unwrap();
            // Left of every edge of its cell; a probe next to an edge may be rounded across.
            let inside = |(a, b)| turn(a, b, probe) >= -1e-9 * stretch;
            prop_assert!(edges(&outlines[nearest]).all(inside));
        }
    }

    /// By definition again: i and j are neighbours if some point of the region is as near to both
    /// as to any. Along their bisector, the part nearer to them than to k is a half-line for every k.
    #[test]
    fn neighbours_share_an_edge(count in 2..40_usize, seed in 0..1000_u64) {
        let centers = uniform(count, seed);
        let region = rectangle([0.0, 0.0], [1.0, 1.0]);
        let adjacency = voronoi(&centers, &region).unwrap().adjacency;
        for i in 0..count {
            for j in 0..count {
                if i == j {
                    continue;
                }
                let shared = shared_length(i, j, &centers);
                // Random centers: an edge between 1e-12 and 1e-7 long would be a strange accident.
                if !(1e-12..1e-7).contains(&shared) {
                    let listed = adjacency.neighbours(i).contains(&j);
                    prop_assert_eq!(listed, shared > 1e-8, "{} {}: {}", i, j, shared);
                }
            }
        }
    }
}

/// Length of the bisector of two centers in the unit square that is nearer to them than to others.
fn shared_length(i: usize, j: usize, centers: &[[f64; 2]]) -> f64 {
    let [a, b] = [centers[i], centers[j]];
    let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let length = squared_distance(a, b).sqrt();
    let along = [(a[1] - b[1]) / length, (b[0] - a[0]) / length];
    let (mut from, mut to) = (f64::NEG_INFINITY, f64::INFINITY);
    // Keeps the t with offset + t slope >= 0.
    let mut keep = |offset: f64, slope: f64| {
        if slope > 0.0 {
            from = from.max(-offset / slope);
        } else if slope < 0.0 {
            to = to.min(-offset / slope);
        } else if offset < 0.0 {
            to = f64::NEG_INFINITY;
        }
    };
    for d in 0..2 {
        keep(middle[d], along[d]);
        keep(1.0 - middle[d], -along[d]);
    }
    for (k, &c) in centers.iter().enumerate() {
        if k != i && k != j {
            let offset = squared_distance(middle, c) - squared_distance(middle, a);
            let slope = 2.0 * (along[0] * (a[0] - c[0]) + along[1] * (a[1] - c[1]));
            keep(offset, slope);
        }
    }
    to - from
}
