//! Voronoi cells in a box. Those of random centers are compared with Qhull's from Python.

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::assignment::assign_nearest;
use tramway::geometry::ConvexPolyhedron;
use tramway::tessellation::{Tessellation, voronoi};
use tramway::{Error, threads};

fn cells_in(lower: [f64; 3], upper: [f64; 3], centers: &[[f64; 3]]) -> Tessellation<3> {
    voronoi(
        centers,
        &ConvexPolyhedron::bounding_box(&[lower, upper]).unwrap(),
    )
    .unwrap()
}

fn uniform(count: usize, seed: u64) -> Vec<[f64; 3]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| [random.random(), random.random(), random.random()])
        .collect()
}

/// Every place of a cubic lattice, the last coordinate running fastest.
fn lattice(side: usize) -> Vec<[usize; 3]> {
    let places = 0..side * side * side;
    places
        .map(|i| [i / (side * side), i / side % side, i % side])
        .collect()
}

#[track_caller]
fn assert_volumes(cells: &Tessellation<3>, expected: f64) {
    for volume in &cells.volumes {
        assert!((volume / expected - 1.0).abs() < 1e-9, "{volume}");
    }
}

/// Six centers around a seventh: its cell is a cube of known size.
#[test]
fn the_cell_in_the_middle_of_six_is_a_cube() {
    let mut centers = vec![[0.0; 3]];
    for axis in 0..3 {
        for at in [-1.0, 1.0] {
            let mut center = [0.0; 3];
            center[axis] = at;
            centers.push(center);
        }
    }
    let cells = cells_in([-1.0; 3], [1.0; 3], &centers);
    assert_eq!(cells.adjacency.neighbours(0), [1, 2, 3, 4, 5, 6]);
    // All but the one across the middle; the six share what the cube leaves.
    assert_eq!(cells.adjacency.neighbours(1), [0, 3, 4, 5, 6]);
    assert!((cells.volumes[0] - 1.0).abs() < 1e-12);
    assert!((cells.volumes[4] - 7.0 / 6.0).abs() < 1e-12);
}

/// In a cubic lattice cells meet in edges and corners too; those are no neighbours.
#[test]
fn cells_that_meet_in_an_edge_are_no_neighbours() {
    let offset = [1e3 + 0.1, -7e2 - 0.3, 12.7]; // so that coordinates are rounded
    let places = lattice(6);
    let at = |place: &[usize; 3], shift: f64| {
        std::array::from_fn(|d| offset[d] + 0.1 * (place[d] as f64 + shift))
    };
    let centers: Vec<[f64; 3]> = places.iter().map(|place| at(place, 0.0)).collect();
    let cells = cells_in(at(&[0; 3], -0.5), at(&[5; 3], 0.5), &centers);
    for (i, place) in places.iter().enumerate() {
        let steps = |j: usize| {
            (0..3)
                .map(|d| places[j][d].abs_diff(place[d]))
                .sum::<usize>()
        };
        let expected: Vec<usize> = (0..places.len()).filter(|&j| steps(j) == 1).collect();
        assert_eq!(cells.adjacency.neighbours(i), expected);
    }
    assert_volumes(&cells, 1e-3);
}

/// In a body-centered cubic lattice cells are truncated octahedra: 8 hexagons towards the nearest
/// centers, 6 squares towards the next ones, and half of the cube each. Four cells meet in every
/// corner, of which each has 24.
#[test]
fn truncated_octahedra_have_fourteen_neighbours() {
    let mut doubled = lattice(5)
        .iter()
        .map(|p| p.map(|c| 2 * c))
        .collect::<Vec<_>>();
    doubled.extend(lattice(4).iter().map(|p| p.map(|c| 2 * c + 1)));
    let centers: Vec<[f64; 3]> = doubled.iter().map(|p| p.map(|c| 0.1 * c as f64)).collect();
    let cells = cells_in([-0.1; 3], [0.9; 3], &centers);
    for (i, place) in doubled.iter().enumerate() {
        if place.iter().all(|c| (2..=6).contains(c)) {
            let squared = |j: usize| {
                let differences = (0..3).map(|d| doubled[j][d].abs_diff(place[d]));
                differences
                    .map(|difference| difference * difference)
                    .sum::<usize>()
            };
            let expected: Vec<usize> = (0..doubled.len())
                .filter(|&j| [3, 4].contains(&squared(j)))
                .collect();
            assert_eq!(cells.adjacency.neighbours(i), expected);
            assert!((cells.volumes[i] - 0.2_f64.powi(3) / 2.0).abs() < 1e-12);
        }
    }
}

/// Centers on a sphere around another one: all bisectors with it are at the same distance, and all
/// others meet in one point, its center.
#[test]
fn cells_of_a_sphere_of_centers_tile_the_box() {
    let mut centers: Vec<[f64; 3]> = uniform(300, 3)
        .iter()
        .map(|p| {
            let arm = p.map(|c| c - 0.5);
            let length = arm.iter().map(|c| c * c).sum::<f64>().sqrt();
            arm.map(|c| c / length)
        })
        .collect();
    let hollow = cells_in([-1.0; 3], [1.0; 3], &centers);
    assert!((hollow.volumes.iter().sum::<f64>() - 8.0).abs() < 1e-9);
    centers.push([0.0; 3]);
    let cells = cells_in([-1.0; 3], [1.0; 3], &centers);
    assert!((cells.volumes.iter().sum::<f64>() - 8.0).abs() < 1e-9);
    assert_eq!(cells.adjacency.neighbours(300).len(), 300);
    // A polyhedron around a ball of radius ½ is larger than that.
    let ball = std::f64::consts::PI / 6.0;
    assert!((ball..1.1 * ball).contains(&cells.volumes[300]));
}

#[test]
fn centers_in_a_plane_or_on_a_line_make_columns_and_slices() {
    let line: Vec<[f64; 3]> = (0..10)
        .map(|i| [0.05 + 0.1 * f64::from(i), 0.3, 0.7])
        .collect();
    let slices = cells_in([0.0; 3], [1.0; 3], &line);
    assert_volumes(&slices, 0.1);
    for i in 1..9 {
        assert_eq!(slices.adjacency.neighbours(i), [i - 1, i + 1]);
    }
    let plane: Vec<[f64; 3]> = uniform(80, 4).iter().map(|p| [p[0], 0.5, p[2]]).collect();
    let columns = cells_in([0.0; 3], [1.0; 3], &plane);
    let flat: Vec<[f64; 2]> = plane.iter().map(|p| [p[0], p[2]]).collect();
    let square =
        tramway::geometry::ConvexPolygon::hull(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
    let expected = voronoi(&flat, &square.unwrap()).unwrap();
    assert_eq!(columns.adjacency, expected.adjacency);
    for (volume, area) in columns.volumes.iter().zip(&expected.volumes) {
        assert!((volume - area).abs() < 1e-12); // columns are 1 high
    }
}

#[test]
fn one_center_has_the_whole_box() {
    let cells = cells_in([0.0; 3], [3.0, 2.0, 1.0], &[[0.2, 0.1, 0.9]]);
    assert_eq!(cells.adjacency.cell_count(), 1);
    assert!((cells.volumes[0] - 6.0).abs() < 1e-12);
}

#[test]
fn densities_may_differ_by_orders_of_magnitude() {
    let mut centers = uniform(300, 5);
    centers.extend(uniform(300, 6).iter().map(|p| p.map(|c| 0.3 + 1e-6 * c)));
    let cells = cells_in([0.0; 3], [1.0; 3], &centers);
    assert!((cells.volumes.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(cells.volumes.iter().all(|&volume| volume > 0.0));
}

#[test]
fn threads_change_nothing() {
    let centers = uniform(1000, 1);
    let cells = cells_in([0.0; 3], [1.0; 3], &centers);
    threads::set_thread_count(1).unwrap();
    let alone = cells_in([0.0; 3], [1.0; 3], &centers);
    threads::set_thread_count(0).unwrap();
    assert_eq!(alone, cells);
}

#[test]
fn impossible_cells_are_refused() {
    let cube = ConvexPolyhedron::bounding_box(&[[0.0; 3], [1.0; 3]]).unwrap();
    let message = |centers: &[[f64; 3]]| voronoi(centers, &cube).unwrap_err().to_string();
    let same = message(&[[0.5; 3], [0.1; 3], [0.5; 3]]);
    assert!(same.contains("`centers[2]` is [0.5, 0.5, 0.5] µm, the same as center 0"));
    let far = message(&[[0.5; 3], [0.6; 3], [5.0; 3]]);
    assert!(far.contains("`centers[2]` is [5.0, 5.0, 5.0] µm, of whose cell nothing is"));
    for flat in [&[[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]][..], &[[1.0; 3]; 4], &[]] {
        let region = ConvexPolyhedron::bounding_box(flat);
        assert!(
            matches!(region, Err(Error::InsufficientData { .. })),
            "{region:?}"
        );
    }
    assert!(matches!(
        ConvexPolyhedron::bounding_box(&[[0.0; 3], [1.0, f64::NAN, 1.0]]),
        Err(Error::Element { .. })
    ));
}

proptest! {
    /// Sum of the volumes; and each by definition, as the part of many points that is nearest.
    #[test]
    fn cells_tile_the_box(
        count in 1..150_usize,
        seed in 0..1000_u64,
        stretch in prop::sample::select(vec![[1.0, 1.0, 1.0], [1e3, 1.0, 1e-2], [1.0, 1e-3, 1.0]]),
        digits in prop::sample::select(vec![1e15, 4.0, 2.0]),
    ) {
        // With few digits, many centers are in planes, on lines and on spheres.
        let mut centers = uniform(count, seed);
        for center in &mut centers {
            *center = std::array::from_fn(|d| stretch[d] * (digits * center[d]).round() / digits);
        }
        centers.sort_by(|a, b| a.partial_cmp(b).unwrap());
        centers.dedup();
        let cells = cells_in([0.0; 3], stretch, &centers);
        let whole: f64 = stretch.iter().product();
        let total: f64 = cells.volumes.iter().sum();
        prop_assert!((total / whole - 1.0).abs() < 1e-9, "{total} of {whole}");

        let mut probes = uniform(2000, seed + 1);
        for probe in &mut probes {
            *probe = std::array::from_fn(|d| stretch[d] * probe[d]);
        }
        let mut found = vec![0.0; centers.len()];
        for cell in assign_nearest(&probes, &centers).unwrap() {
            found[cell] += 1.0 / 2000.0;
        }
        for (part, volume) in found.iter().zip(&cells.volumes) {
            let expected = volume / whole;
            // Six standard deviations of a binomial, and one probe.
            let deviation = (expected * (1.0 - expected).max(0.0) / 2000.0).sqrt();
            prop_assert!((part - expected).abs() < 6.0 * deviation + 1.0 / 2000.0);
        }
    }
}
