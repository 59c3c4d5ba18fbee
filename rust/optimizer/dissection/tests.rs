use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn order_of(pattern: &SymmetricPattern, places: &[[f64; 2]]) -> Vec<usize> {
    dissected(pattern, places.as_flattened(), 2)
}

fn check_order(pattern: &SymmetricPattern, places: &[[f64; 2]]) {
    let mut order = order_of(pattern, places);
    assert_eq!(order, order_of(pattern, places), "the same once more");
    order.sort_unstable();
    assert!(order.iter().copied().eq(0..places.len()));
}

/// Unknowns at some places, each coupled to those no farther than a reach, with some couplings of any two.
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

/// With unknowns that keep their numbers, not those in tiles.
fn untiled(pattern: &SymmetricPattern, places: &[[f64; 2]]) -> Dissection {
    let size = pattern.size();
    let unknowns: Vec<usize> = (0..size).collect();
    Dissection {
        graph: Graph::new(pattern, &unknowns, places.as_flattened(), 2),
        labels: vec![0; size],
        last: 0,
        numbers: vec![NONE; size],
    }
}

fn numbers(size: usize) -> Vec<u32> {
    (0..).take(size).collect()
}

/// In a square of 16 × 16, on a lattice in part: some are at the same place.
fn places() -> impl Strategy<Value = Vec<[f64; 2]>> {
    let coordinate = || prop_oneof![0.0..16.0, (0..16).prop_map(f64::from)];
    prop::collection::vec([coordinate(), coordinate()], 1..500)
}

fn couplings() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..500_usize, 0..500_usize), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Most of them in many pieces where the reach is below 1, without any coupling where it is 0.
    #[test]
    fn an_order_has_every_unknown_once(
        places in places(), others in couplings(), reach in 0.0..4.0,
    ) {
        check_order(&pattern(&places, reach, &others), &places);
    }

    #[test]
    fn a_separator_separates(places in places(), others in couplings(), reach in 0.0..3.0) {
        let pattern = pattern(&places, reach, &others);
        let mut dissection = untiled(&pattern, &places);
        let all = numbers(places.len());
        if let Some(cut) = dissection.cut(&all, 0) {
            let with = |label: u32| {
                let is_in = |&k: &u32| dissection.labels[k as usize] == label;
                all.iter().copied().filter(is_in).collect::<HashSet<u32>>()
            };
            let [first, second, last] = [0, 1, 2].map(|side| with(cut.label + side));
            prop_assert_eq!([first.len(), second.len()], cut.sizes);
            prop_assert!(!first.is_empty() && !second.is_empty());
            prop_assert_eq!(last, cut.separator.iter().copied().collect());
            prop_assert_eq!(cut.sizes[0] + cut.sizes[1] + cut.separator.len(), places.len());
            for unknown in first {
                let neighbours = dissection.graph.neighbours(unknown);
                prop_assert!(neighbours.iter().all(|other| !second.contains(other)));
            }
        }
    }
}

#[test]
fn graphs_that_are_no_tessellations_have_an_order() {
    let size = 1000;
    let line: Vec<[f64; 2]> = (0..1000_u16).map(|k| [f64::from(k), 0.0]).collect();
    let point = vec![[1.0, 2.0]; size];
    let path = SymmetricPattern::new(size, (1..size).map(|k| (k - 1, k)));
    let star = SymmetricPattern::new(size, (1..size).map(|k| (0, k)));
    let isolated = SymmetricPattern::new(size, []);
    let full = SymmetricPattern::new(size, (0..size).flat_map(|i| (0..i).map(move |j| (i, j))));
    let ring = SymmetricPattern::new(size, (0..size).map(|k| (k, (k + size / 2 + 1) % size)));
    for pattern in [&path, &star, &isolated, &full, &ring] {
        check_order(pattern, &line);
        check_order(pattern, &point);
    }
    check_order(&SymmetricPattern::new(0, []), &[]);
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
    let mut dissection = untiled(&pattern(&places, 1.0, &[]), &places);
    let cut = dissection.cut(&numbers(places.len()), 0).expect("a cut");
    assert_eq!(cut.separator.len(), 1);
}

/// 21 columns of 12, but columns 8, 9 and 10 have 11, 10 and 3, with diagonals: from column 8, the separator moves
/// to column 9, and from there to column 10.
#[test]
fn a_separator_moves_to_where_it_is_smaller() {
    let places = lattice(21, 12, |x, y| match x {
        8 => y < 11,
        9 => y < 10,
        10 => y % 4 == 1,
        _ => true,
    });
    let mut dissection = untiled(&pattern(&places, 1.5, &[]), &places);
    // Up to 7, below 8.
    let line = Line {
        direction: 0,
        low: 7.0,
        scale: 1.0,
        strip: 0,
        operations: f64::INFINITY,
    };
    let mut cut = dissection.cut_along(&numbers(places.len()), &line);
    assert_eq!(cut.separator.len(), 11);
    dissection.improve(&mut cut, 0);
    assert_eq!(cut.separator.len(), 3);
}

/// By hand; the halo is counted, so that an end of a star that has two unknowns of it is later.
#[test]
fn unknowns_with_the_fewest_neighbours_are_first() {
    let places = [[0.0; 2]; 7];
    // Unknowns 0 to 3, the first one coupled to the others; of the halo, 4, 5 and 6, 1 has two and 2 one.
    let couplings = [(0, 1), (0, 2), (0, 3), (1, 4), (1, 5), (2, 6)];
    let mut dissection = untiled(&SymmetricPattern::new(7, couplings), &places);
    let mut unknowns = [0, 1, 2, 3];
    dissection.order_few(&mut unknowns, &[4, 5, 6]);
    // 3 has one neighbour; then 0 has two left, 1 and 2, and has the smaller number; 2 gets 1 beside 6.
    assert_eq!(unknowns, [3, 0, 2, 1]);
}
