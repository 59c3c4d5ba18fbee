//! Cells around a tessellation: where they are, and what they are next to.

use tramway::Error;
use tramway::geometry::ConvexPolygon;
use tramway::tessellation::{Adjacency, WithMargin, voronoi, with_margin};

use crate::support::{Lattice, lattice, within};

fn distance<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f64>().sqrt()
}

/// Cells that share a face with one.
fn beside<const D: usize>(whole: &WithMargin<D>, cell: usize) -> Vec<usize> {
    let of = whole.faces.iter().map(|face| face.between);
    of.filter_map(|(i, j)| match cell {
        _ if i == cell => Some(j),
        _ if j == cell => Some(i),
        _ => None,
    })
    .collect()
}

#[test]
fn cells_come_first_and_as_they_were() {
    let patch = lattice(9, 7, 0.2);
    let whole = with_margin(&patch.centers, &patch.adjacency, &patch.volumes).unwrap();
    let count = patch.centers.len();
    assert_eq!(whole.centers[..count], patch.centers);
    for cell in 0..whole.centers.len() {
        let own = if cell < count {
            patch.adjacency.neighbours(cell)
        } else {
            &[]
        };
        assert_eq!(whole.adjacency.neighbours(cell), own);
    }
    // A lattice of hexagons has six neighbours around each but at its border.
    let is_inside = |cell: &usize| patch.adjacency.neighbours(*cell).len() == 6;
    for cell in (0..count).filter(is_inside) {
        assert_eq!(beside(&whole, cell).len(), 6);
    }
}

/// Gauss: outward normals of a closed cell, times the sizes of its faces, sum to zero, and its volume is
/// half the sum of sizes times distances of faces (in the plane).
#[test]
fn cells_are_closed_by_their_faces() {
    let patch = lattice(9, 7, 0.2);
    let whole = with_margin(&patch.centers, &patch.adjacency, &patch.volumes).unwrap();
    for cell in 0..patch.centers.len() {
        let (mut normals, mut volume) = ([0.0, 0.0], 0.0);
        for face in &whole.faces {
            let (i, j) = face.between;
            if i != cell && j != cell {
                continue;
            }
            let [here, there] = if i == cell { [i, j] } else { [j, i] }.map(|k| whole.centers[k]);
            let length = distance(&here, &there);
            for axis in 0..2 {
                normals[axis] += face.size * (there[axis] - here[axis]) / length;
            }
            volume += 0.25 * face.size * length;
        }
        assert!(
            normals.iter().all(|x| x.abs() < 1e-12),
            "{cell}: {normals:?}"
        );
        assert!(
            (volume - whole.volumes[cell]).abs() < 1e-12,
            "{cell}: {volume}"
        );
    }
}

#[test]
fn cells_at_the_border_have_neighbours_on_all_sides() {
    let patch = lattice(9, 7, 0.2);
    let whole = with_margin(&patch.centers, &patch.adjacency, &patch.volumes).unwrap();
    for cell in 0..patch.centers.len() {
        let neighbours = beside(&whole, cell);
        assert!(neighbours.len() >= 4, "cell {cell}: {neighbours:?}");
        for axis in 0..2 {
            let beyond = |sign: f64| {
                let offset =
                    |&&j: &&usize| sign * (whole.centers[j][axis] - whole.centers[cell][axis]);
                neighbours.iter().filter(|j| offset(j) > 0.05).count()
            };
            assert!(beyond(1.0) > 0 && beyond(-1.0) > 0, "cell {cell}");
        }
    }
}

#[test]
fn they_are_larger_far_away_and_reach_as_far_as_the_tessellation_is_wide() {
    let patch = lattice(21, 24, 0.2);
    let whole = with_margin(&patch.centers, &patch.adjacency, &patch.volumes).unwrap();
    let count = patch.centers.len();
    let around = whole.centers.len() - count;
    // 90 cells are at the border.
    assert!((60..140).contains(&around), "{around} cells around");
    let nearest = |center: &[f64; 2]| {
        let distances = patch.centers.iter().map(|c| distance(center, c));
        distances.fold(f64::INFINITY, f64::min)
    };
    let farthest = whole.centers[count..]
        .iter()
        .map(nearest)
        .fold(0.0, f64::max);
    assert!(farthest > 3.0, "{farthest} µm");
    for (center, volume) in whole.centers[count..].iter().zip(&whole.volumes[count..]) {
        let away = nearest(center);
        assert!(away > 0.1, "{center:?} is in a cell");
        assert!(volume.sqrt() < 0.4 + 3.0 * away, "{center:?}: {volume} µm²");
    }
}

#[test]
fn holes_are_filled_and_parts_are_joined() {
    let Lattice {
        centers, volumes, ..
    } = lattice(15, 15, 0.2);
    let in_hole = |c: &[f64; 2]| distance(c, &[1.5, 1.3]) < 0.55;
    let is_kept = |c: &&[f64; 2]| !in_hole(c) && (c[0] - 2.6).abs() > 0.15;
    let kept: Vec<[f64; 2]> = centers.iter().filter(is_kept).copied().collect();
    let adjacency = within(&kept, 0.22);
    assert!(adjacency.components().contains(&1));
    let whole = with_margin(&kept, &adjacency, &volumes[..kept.len()]).unwrap();
    assert!(whole.centers[kept.len()..].iter().any(in_hole));
    let faces = whole.faces.iter().map(|face| face.between);
    let joined = Adjacency::from_pairs(whole.centers.len(), faces).unwrap();
    assert!(!joined.components().contains(&1));
}

#[test]
fn cells_of_space_and_few_cells_have_a_margin_too() {
    let centers: Vec<[f64; 3]> = (0..125)
        .map(|i| [i / 25, i / 5 % 5, i % 5].map(|k: i32| 0.3 * f64::from(k)))
        .collect();
    let whole = with_margin(&centers, &within(&centers, 0.31), &[0.027; 125]).unwrap();
    for cell in 0..125 {
        assert!(beside(&whole, cell).len() >= 6, "cell {cell}");
    }
    // In one place, and in a row.
    for count in [1, 4] {
        let row: Vec<[f64; 2]> = (0..count).map(|k| [0.2 * f64::from(k), 1.0]).collect();
        let whole = with_margin(&row, &within(&row, 0.21), &vec![0.04; row.len()]).unwrap();
        for cell in 0..row.len() {
            assert!(beside(&whole, cell).len() >= 3);
        }
    }
}

#[test]
fn cells_of_any_size_are_continued_by_such() {
    // Cells of 0.05 µm on one side, of 0.2 µm on the other.
    let mut centers = Vec::new();
    for i in 0..8 {
        for j in 0..32 {
            centers.push([0.05 * f64::from(i), 0.05 * f64::from(j)]);
        }
    }
    for i in 0..4 {
        for j in 0..8 {
            centers.push([0.5 + 0.2 * f64::from(i), 0.075 + 0.2 * f64::from(j)]);
        }
    }
    let corners = [
        [-0.025, -0.025],
        [1.2, -0.025],
        [1.2, 1.575],
        [-0.025, 1.575],
    ];
    let cells = voronoi(&centers, &ConvexPolygon::hull(&corners).unwrap()).unwrap();
    let whole = with_margin(&cells.centers, &cells.adjacency, &cells.volumes).unwrap();
    let count = centers.len();
    let size_beside = |x: f64| {
        let column = (0..count).filter(|&i| (centers[i][0] - x).abs() < 1e-9);
        let around = column.flat_map(|i| beside(&whole, i));
        let sizes: Vec<f64> = around
            .filter(|&j| j >= count)
            .map(|j| whole.volumes[j].sqrt())
            .collect();
        sizes.iter().sum::<f64>() / sizes.len() as f64
    };
    let sizes = [0.0, 1.1].map(size_beside);
    assert!(sizes[0] < 0.6 * sizes[1], "{sizes:?} µm");
}

#[test]
fn centers_in_one_place_are_refused() {
    let centers = [[0.0, 0.0], [0.0, 0.0]];
    let refused = with_margin(
        &centers,
        &Adjacency::from_pairs(2, [(0, 1)]).unwrap(),
        &[0.04; 2],
    );
    let Err(Error::Element { name, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(name, "centers");
}
