use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// Unknowns at some places, each coupled to those nearer than some distance; and some couplings of any two.
fn pattern(places: &[[f64; 2]], reach: f64, others: &[(usize, usize)]) -> SymmetricPattern {
    let size = places.len();
    let distance = |i: usize, j: usize| {
        let [[a, b], [c, d]] = [places[i], places[j]];
        (a - c).hypot(b - d)
    };
    let near = (0..size).flat_map(|i| (0..i).map(move |j| (i, j)));
    let near = near.filter(|&(i, j)| distance(i, j) <= reach);
    let others = others.iter().map(|&(i, j)| (i % size, j % size));
    SymmetricPattern::new(size, near.chain(others))
}

fn order_of(pattern: &SymmetricPattern, places: &[[f64; 2]]) -> Vec<usize> {
    dissected(pattern, places.as_flattened(), 2)
}

/// With unknowns that have their own numbers, not those in tiles.
fn untiled(pattern: &SymmetricPattern, places: &[[f64; 2]]) -> Dissection {
    let size = pattern.size();
    Dissection {
        graph: Graph::new(pattern, &(0..).take(size).collect::<Vec<_>>()),
        places: places.as_flattened().to_vec(),
        dimension: 2,
        directions: lines::directions(2),
        spots: vec![(0, Strips::default()); size],
        labels: 0,
        numbers: vec![NONE; size],
    }
}

fn places() -> impl Strategy<Value = Vec<[f64; 2]>> {
    // In a square of 16 × 16, on a lattice in part: some are at the same place.
    let coordinate = || prop_oneof![0.0..16.0, (0..16).prop_map(f64::from)];
    prop::collection::vec([coordinate(), coordinate()], 1..500)
}

fn couplings() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..500_usize, 0..500_usize), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_order_has_every_unknown_once(
        places in places(), others in couplings(), reach in 0.0..4.0,
    ) {
        let pattern = pattern(&places, reach, &others);
        let mut order = order_of(&pattern, &places);
        prop_assert_eq!(&order, &order_of(&pattern, &places), "the same once more");
        order.sort_unstable();
        prop_assert_eq!(order, (0..places.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_separator_separates(places in places(), others in couplings(), reach in 0.5..3.0) {
        let pattern = pattern(&places, reach, &others);
        let mut dissection = untiled(&pattern, &places);
        let all: Vec<u32> = (0..).take(places.len()).collect();
        if let Some(sides) = dissection.cut(&all, 0) {
            prop_assert!(!sides[0].is_empty() && !sides[1].is_empty());
            let mut found = sides.concat();
            found.sort_unstable();
            prop_assert_eq!(found, all);
            let second: HashSet<u32> = sides[1].iter().copied().collect();
            for &unknown in &sides[0] {
                let neighbours = dissection.graph.neighbours(unknown);
                prop_assert!(neighbours.iter().all(|other| !second.contains(other)));
            }
        }
    }
}

/// Places of a square lattice, those that are there; the nearest are coupled with a reach of 1.
fn lattice(columns: u8, rows: u8, is_there: impl Fn(u8, u8) -> bool) -> Vec<[f64; 2]> {
    let all = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
    let there = all.filter(|&(x, y)| is_there(x, y));
    there.map(|(x, y)| [x, y].map(f64::from)).collect()
}

/// Two squares of 15 × 15 beside each other, joined by one unknown.
#[test]
fn a_separator_is_found_where_a_part_is_narrow() {
    let places = lattice(31, 15, |x, y| x != 15 || y == 3);
    let pattern = pattern(&places, 1.0, &[]);
    let mut dissection = untiled(&pattern, &places);
    let all: Vec<u32> = (0..).take(places.len()).collect();
    let sides = dissection.cut(&all, 0).expect("a cut");
    assert_eq!(sides[2].len(), 1);
}

/// 21 columns of 12, but for three narrow passages through columns 9 to 11, with steps in them: from a line
/// between columns 5 and 6, whose border is 12, the separator goes there, a band at a time.
#[test]
fn a_separator_becomes_the_smallest_in_a_band() {
    let places = lattice(21, 12, |x, y| match x {
        9 => [1, 5, 9].contains(&y),
        10 => [1, 2, 5, 6, 9, 10].contains(&y),
        11 => [2, 6, 10].contains(&y),
        _ => true,
    });
    let pattern = pattern(&places, 1.0, &[]);
    let mut dissection = untiled(&pattern, &places);
    let all: Vec<u32> = (0..).take(places.len()).collect();
    dissection.labels += 3;
    let lines = dissection.lines(&all, 0);
    // Of 64 strips, column 5 of 0 to 20 is in strip 16, and column 6 in strip 19.
    let line = lines::Line {
        direction: 0,
        strip: 17,
        operations: f64::INFINITY,
    };
    let mut cut = dissection.cut_along(&all, &lines, &line);
    assert_eq!(cut.separator.len(), 12);
    while dissection.improve(&mut cut, 0) {}
    assert_eq!(cut.separator.len(), 3);
}

/// By hand; the halo is counted, so that an end of a star that has two unknowns of it is later.
#[test]
fn unknowns_with_the_fewest_neighbours_are_first() {
    let places = [[0.0; 2]; 7];
    // Unknowns 0 to 3, the first one coupled to the others; of the halo, 4, 5 and 6, 1 has two and 2 one.
    let couplings = [(0, 1), (0, 2), (0, 3), (1, 4), (1, 5), (2, 6)];
    let pattern = SymmetricPattern::new(7, couplings);
    let mut dissection = untiled(&pattern, &places);
    let mut unknowns = [0, 1, 2, 3];
    dissection.order_few(&mut unknowns, &[4, 5, 6]);
    // 3 has one neighbour; then 0 has two left, 1 and 2, and has the smaller number; 2 gets 1 beside 6.
    assert_eq!(unknowns, [3, 0, 2, 1]);
}

/// Those of one part follow each other: columns of the same rows below can be eliminated together.
#[test]
fn subtrees_are_not_broken() {
    let places = [[0.0; 2]; 5];
    // Two chains, 0-2 and 1-3, joined by 4; by degree and number alone they would alternate.
    let pattern = SymmetricPattern::new(5, [(0, 2), (1, 3), (2, 4), (3, 4)]);
    let mut dissection = untiled(&pattern, &places);
    let mut unknowns = [0, 1, 2, 3, 4];
    dissection.order_few(&mut unknowns, &[]);
    let at = |unknown| unknowns.iter().position(|&other| other == unknown);
    assert_eq!(at(2), at(0).map(|at| at + 1));
    assert_eq!(unknowns.len(), 5);
}
