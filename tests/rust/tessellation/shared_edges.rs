use tramway::tessellation::{Adjacency, SharedEdge, shared_edges};

/// A square of side 2 beside two of side 1, one above the other, and a fourth one at a corner.
const CORNERS: [[f64; 2]; 16] = [
    [0.0, 0.0],
    [2.0, 0.0],
    [2.0, 2.0],
    [0.0, 2.0],
    [2.0, 0.0],
    [3.0, 0.0],
    [3.0, 1.0],
    [2.0, 1.0],
    [2.0, 1.0],
    [3.0, 1.0],
    [3.0, 2.0],
    [2.0, 2.0],
    [3.0, 2.0],
    [4.0, 2.0],
    [4.0, 3.0],
    [3.0, 3.0],
];

#[test]
fn edges_overlap_in_part_and_normals_point_at_the_neighbour() {
    let pairs = [(0, 1), (0, 2), (1, 2), (2, 3)];
    let adjacency = Adjacency::from_pairs(4, pairs).unwrap();
    let edges = shared_edges(&CORNERS, &[0, 4, 8, 12, 16], &adjacency).unwrap();
    let edge = |length, normal| SharedEdge { length, normal };
    // By hand: sides of length 1 in common, of which those of the large square are a half.
    assert_eq!(edges[0], edge(1.0, [1.0, 0.0])); // 0 → 1
    assert_eq!(edges[1], edge(1.0, [1.0, 0.0])); // 0 → 2
    assert_eq!(edges[2], edge(1.0, [-1.0, 0.0])); // 1 → 0
    assert_eq!(edges[3], edge(1.0, [0.0, 1.0])); // 1 → 2
    // 2 and 3 touch at a corner.
    assert_eq!([edges[6].length, edges[7].length], [0.0, 0.0]);
}

#[test]
fn a_cell_without_corners_is_refused() {
    let adjacency = Adjacency::from_pairs(2, [(0, 1)]).unwrap();
    let refused = shared_edges(&CORNERS[..4], &[0, 4, 4], &adjacency).unwrap_err();
    assert!(refused.to_string().contains("always growing"), "{refused}");
}
