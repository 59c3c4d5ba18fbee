//! Quad and octrees.

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::Error;
use tramway::tessellation::quad_tree::{QuadTree, Split};

const SPLIT: Split = Split {
    min_side: 0.05,
    min_count: 5,
    max_count: 20,
};

/// Points that are denser towards the origin.
fn clustered<const D: usize>(count: usize, seed: u64) -> Vec<[f64; D]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut coordinate = || random.random::<f64>().powi(2);
    (0..count)
        .map(|_| std::array::from_fn(|_| coordinate()))
        .collect()
}

/// Lower and upper corner of each cell, from its center and volume.
fn boxes<const D: usize>(tree: &QuadTree<D>) -> Vec<([f64; D], [f64; D])> {
    let cells = tree.tessellation().unwrap();
    let corners = cells
        .centers
        .iter()
        .zip(&cells.volumes)
        .map(|(center, volume)| {
            let half = volume.powf(1.0 / D as f64) / 2.0;
            (center.map(|c| c - half), center.map(|c| c + half))
        });
    corners.collect()
}

/// Along how many axes two boxes overlap, and along how many they touch, within rounding.
fn contact<const D: usize>(
    (a, b): &([f64; D], [f64; D]),
    (c, d): &([f64; D], [f64; D]),
) -> (usize, usize) {
    let overlaps = (0..D).map(|k| b[k].min(d[k]) - a[k].max(c[k]));
    overlaps.fold((0, 0), |(overlapping, touching), overlap| {
        (
            overlapping + usize::from(overlap > 1e-9),
            touching + usize::from(overlap.abs() <= 1e-9),
        )
    })
}

fn check<const D: usize>(points: &[[f64; D]]) {
    let tree = QuadTree::grow(points, &SPLIT).unwrap();
    let cells = tree.tessellation().unwrap();
    let boxes = boxes(&tree);
    let root = tree.side().powi(i32::try_from(D).unwrap());
    assert!((cells.volumes.iter().sum::<f64>() / root - 1.0).abs() < 1e-12);
    for (i, a) in boxes.iter().enumerate() {
        let sharing: Vec<usize> = (0..boxes.len())
            .filter(|&j| contact(a, &boxes[j]) == (D - 1, 1))
            .collect();
        assert_eq!(cells.adjacency.neighbours(i), sharing);
        assert!(
            (0..boxes.len()).all(|j| j == i || contact(a, &boxes[j]).0 < D),
            "overlap"
        );
        assert!(cells.volumes[i] >= 0.05_f64.powi(i32::try_from(D).unwrap()) * (1.0 - 1e-12));
    }
    let located = tree.locate(points).unwrap();
    for (point, &leaf) in points.iter().zip(&located) {
        let (lower, upper) = boxes[leaf];
        for d in 0..D {
            assert!(lower[d] - 1e-12 <= point[d] && point[d] <= upper[d] + 1e-12);
        }
    }
    // A leaf that could still be split holds no more than would make a part too full.
    for (leaf, &depth) in tree.depths().iter().enumerate() {
        let count = located.iter().filter(|&&at| at == leaf).count();
        let smallest = tree.side() * (-f64::from(depth)).exp2() < 1.5 * SPLIT.min_side;
        assert!(smallest || count <= (1 << D) * SPLIT.max_count);
    }
}

proptest! {
    #[test]
    fn leaves_tile_the_root(count in 2..600_usize, seed in 0..1000_u64) {
        check(&clustered::<2>(count, seed));
        check(&clustered::<3>(count, seed));
    }
}

/// Drawn by hand: 8 × 8 points in the lower left quarter only, so that it alone is split, once more.
#[test]
fn cells_follow_the_density() {
    let mut points: Vec<[f64; 2]> = (0..64)
        .map(|i| [0.0625 * f64::from(i / 8), 0.0625 * f64::from(i % 8)])
        .collect();
    points.push([1.0, 1.0]);
    let split = Split {
        min_side: 0.25,
        min_count: 5,
        max_count: 20,
    };
    let tree = QuadTree::grow(&points, &split).unwrap();
    assert_eq!(tree.depths(), [2, 2, 2, 2, 1, 1, 1]);
    let cells = tree.tessellation().unwrap();
    assert_eq!(cells.centers[..2], [[0.125, 0.125], [0.125, 0.375]]);
    assert_eq!(
        cells.centers[4..],
        [[0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]
    );
    assert_eq!(cells.adjacency.neighbours(4), [1, 3, 6]);
    assert_eq!(cells.adjacency.neighbours(0), [1, 2]);
}

/// A point on a face belongs to the cell above, on the last face to the last cell; one outside, to
/// the nearest cell.
#[test]
fn every_point_has_one_cell() {
    let tree = QuadTree::from_depths([0.0, 0.0], 2.0, vec![1; 4]).unwrap();
    let points = [
        [1.0, 0.5],
        [0.5, 1.0],
        [2.0, 2.0],
        [0.0, 0.0],
        [-5.0, 1.5],
        [9.0, 0.1],
    ];
    assert_eq!(tree.locate(&points).unwrap(), [2, 1, 3, 0, 1, 2]);
}

#[test]
fn a_tree_is_what_its_depths_say() {
    let tree = QuadTree::grow(&clustered::<2>(500, 1), &SPLIT).unwrap();
    let again = QuadTree::from_depths(tree.lower(), tree.side(), tree.depths().to_vec()).unwrap();
    assert_eq!(again, tree);
    let deep: Vec<u32> = (1..=48).flat_map(|depth| [depth; 3]).chain([48]).collect();
    let spiral = QuadTree::from_depths([0.0, 0.0], 1.0, deep.into_iter().rev().collect());
    let centers = spiral.unwrap().tessellation().unwrap().centers;
    assert_eq!(centers[0], [(-49.0_f64).exp2(); 2]);
    for depths in [
        vec![],
        vec![1; 3],
        vec![1; 5],
        vec![2, 1, 1, 1],
        vec![0, 0],
        vec![u32::MAX],
    ] {
        let error = QuadTree::from_depths([0.0, 0.0], 1.0, depths)
            .unwrap_err()
            .to_string();
        assert!(error.contains("`depths`"), "{error}");
    }
}

#[test]
fn impossible_trees_are_refused() {
    let message = |points: &[[f64; 2]], min_side| {
        let split = Split { min_side, ..SPLIT };
        QuadTree::grow(points, &split).unwrap_err().to_string()
    };
    let points = clustered::<2>(10, 1);
    for side in [0.0, -1.0, f64::NAN] {
        assert!(message(&points, side).contains("`spacing`"));
    }
    assert!(message(&points, 1e-20).contains("are the coordinates in µm?"));
    assert!(message(&[[0.0, f64::NAN]], 0.1).contains("finite"));
    for few in [&[][..], &[[1.0, 2.0]; 3]] {
        let grown = QuadTree::grow(few, &SPLIT);
        assert!(matches!(grown, Err(Error::InsufficientData { .. })));
    }
}
