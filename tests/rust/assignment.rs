//! Filing points under cells, against a search of all centers, or of all points.

use proptest::prelude::*;
use tramway::Error;
use tramway::assignment::{
    MemberCount, Members, assign_nearest, nearest_in_time, nearest_points, within_radius,
};
use tramway::tessellation::Midpoints;
use tramway::trajectories::Succession;

/// The first of the nearest centers, by looking at all.
fn squared_distance<const D: usize>(point: &[f64; D], center: &[f64; D]) -> f64 {
    (0..D).map(|d| (point[d] - center[d]).powi(2)).sum()
}

fn brute_force<const D: usize>(point: &[f64; D], centers: &[[f64; D]]) -> usize {
    let mut best = 0;
    for (i, center) in centers.iter().enumerate() {
        if squared_distance(point, center) < squared_distance(point, &centers[best]) {
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
    assert_midpoints(points, centers, &expected);
}

fn file_at_midpoints<const D: usize>(
    order: Succession<'_>,
    places: [&[f64]; D],
    cells: &[i64],
    centers: &[[f64; D]],
) -> tramway::Result<Vec<i64>> {
    Midpoints::new(order, places, cells, centers)?.bins()
}

/// From the cells of the points, and from any others; some follow no other, or are in no cell.
fn assert_midpoints<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]], cells: &[usize]) {
    let signed = |index: usize| i64::try_from(index).unwrap();
    let track: Vec<i64> = (0..).map(|row| row / 5).take(points.len()).collect();
    let time: Vec<f64> = (0..points.len()).map(|row| row as f64 * 0.1).collect();
    let lag = vec![0.1; points.len()];
    let order = Succession::new(&track, &time, &lag).unwrap();
    let axes: [Vec<f64>; D] =
        std::array::from_fn(|d| points.iter().map(|point| point[d]).collect());
    let places = axes.each_ref().map(Vec::as_slice);
    for (step, offset) in [(0, 0), (7, 3)] {
        let cells: Vec<i64> = (0..)
            .zip(cells)
            .map(|(row, cell)| match row % 11 {
                10 => -1,
                _ => (signed(*cell) + offset + row * step) % signed(centers.len()),
            })
            .collect();
        let expected = |row: usize| {
            if row.is_multiple_of(5) || cells[row] < 0 {
                return cells[row];
            }
            let midpoint = std::array::from_fn(|d| 0.5 * (points[row][d] + points[row - 1][d]));
            let is_within = cells[row] == cells[row - 1];
            let cell = if is_within {
                cells[row]
            } else {
                signed(brute_force(&midpoint, centers))
            };
            cell + signed(centers.len())
        };
        let found = file_at_midpoints(order, places, &cells, centers).unwrap();
        let expected: Vec<i64> = (0..points.len()).map(expected).collect();
        assert_eq!(found, expected, "from {cells:?}");
    }
    // What is within a cell is the nearest, too, up to the rounding of midpoints and of squares: of
    // centers at the same distance it may be either.
    let own: Vec<i64> = cells.iter().map(|&cell| signed(cell)).collect();
    let found = file_at_midpoints(order, places, &own, centers).unwrap();
    for row in (1..points.len()).filter(|row| row % 5 > 0 && own[*row] == own[row - 1]) {
        assert_eq!(found[row], own[row] + signed(centers.len()));
        let midpoint = std::array::from_fn(|d| 0.5 * (points[row][d] + points[row - 1][d]));
        let largest = midpoint.iter().map(|x: &f64| x * x).sum::<f64>();
        let here = squared_distance(&midpoint, &centers[cells[row]]);
        let least = squared_distance(&midpoint, &centers[brute_force(&midpoint, centers)]);
        assert!(
            here <= least + 1e-15 * largest.max(least),
            "{here} at {row}, {least}"
        );
    }
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

/// Rows of centers and of points, far more of these, on a scale and in a place of their own along each
/// axis: lattices, whose points are as near to several centers as can be, or, with `jitter`, uneven ones.
fn assert_many_are_nearest<const D: usize>(
    (side, jitter, seed): (usize, f64, u64),
    scale: [f64; D],
    origin: [f64; D],
) {
    let mut state = seed;
    let mut uniform = move || {
        // Knuth's generator, MMIX
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut place = |numbers: [f64; D], jitter: f64| -> [f64; D] {
        std::array::from_fn(|d| origin[d] + scale[d] * (numbers[d] + jitter * (uniform() - 0.5)))
    };
    let lattice = |count: usize, step: f64| {
        (0..count.pow(u32::try_from(D).unwrap())).map(move |i| {
            std::array::from_fn(|d| {
                step * (i / count.pow(u32::try_from(d).unwrap()) % count) as f64
            })
        })
    };
    let centers: Vec<_> = lattice(side, 2.0).map(|n| place(n, jitter)).collect();
    // On centers, midway between them, and outside.
    let points: Vec<_> = lattice(4 * side, 0.5)
        .map(|n: [f64; D]| place(n.map(|i| i - 1.0), jitter))
        .collect();
    assert_nearest(&points, &centers);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nearest_center_of_many_points_is_found(
        side in 2_usize..16,
        jitter in prop::sample::select(vec![0.0, 0.1, 2.0, 40.0]),
        seed: u64,
        scale in prop::array::uniform2(prop::sample::select(vec![1e-12, 1e-3, 0.1, 1.0, 1e9])),
        origin in prop::array::uniform2(prop::sample::select(vec![0.0, 0.3, -1e3, 1e9])),
    ) {
        assert_many_are_nearest((side, jitter, seed), scale, origin);
    }

    #[test]
    fn nearest_center_of_many_points_is_found_in_space(
        side in 2_usize..6,
        jitter in prop::sample::select(vec![0.0, 0.1, 2.0, 40.0]),
        seed: u64,
        scale in prop::array::uniform3(prop::sample::select(vec![1e-3, 0.1, 1.0, 1e9])),
        origin in prop::array::uniform3(prop::sample::select(vec![0.0, 0.3, -1e3])),
    ) {
        assert_many_are_nearest((side, jitter, seed), scale, origin);
    }

    #[test]
    fn nearest_of_centers_that_crowd_is_found(
        spread in prop::sample::select(vec![1e-9, 1e-4, 1e-2]),
        centers in prop::collection::vec(prop::array::uniform2(0.0..1.0_f64), 4..60),
        points in prop::collection::vec(prop::array::uniform2(-0.2..1.2_f64), 600),
    ) {
        let crowd = centers.iter().map(|center| center.map(|c| 0.3 + spread * c));
        let all: Vec<_> = centers.iter().copied().chain(crowd).collect();
        assert_nearest(&points, &all);
        let near: Vec<_> = points.iter().map(|point| point.map(|c| 0.3 + spread * c)).collect();
        assert_nearest(&near, &all);
        assert_nearest(&vec![[f64::MAX, -f64::MAX]; 2000], &all);
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
    let order = Succession::new(&[1, 1], &[0.0, 0.1], &[0.1, 0.1]).unwrap();
    let (zero, center) = ([0.0, 0.0], [[0.0, 0.0]; 2]);
    let cell = file_at_midpoints(order, [&zero; 2], &[0, 2], &center).unwrap_err();
    assert!(cell.to_string().contains("`cells[1]`"), "{cell}");
    let first = file_at_midpoints(order, [&zero; 2], &[2, 0], &center).unwrap_err();
    assert!(first.to_string().contains("`cells[0]`"), "{first}");
    let alone = Succession::new(&[1], &[0.0], &[0.1]).unwrap();
    let only = file_at_midpoints(alone, [&[0.0]; 2], &[2], &center).unwrap_err();
    assert!(only.to_string().contains("`cells[0]`"), "{only}");
    let place = file_at_midpoints(order, [&zero, &[0.0, f64::NAN]], &[0, 1], &center).unwrap_err();
    assert!(place.to_string().contains("`places[1]`"), "{place}");
    let length = file_at_midpoints(order, [&zero; 2], &[0], &center).unwrap_err();
    assert!(length.to_string().contains("cells"), "{length}");
    assert!(Succession::new(&[1], &[0.0, 0.1], &[0.1]).is_err());
}

/// Points by their distance to a center, then by index.
fn sorted<const D: usize>(points: &[[f64; D]], center: &[f64; D]) -> Vec<(f64, usize)> {
    let squared = |p: &[f64; D]| (0..D).map(|d| (p[d] - center[d]).powi(2)).sum::<f64>();
    let mut all: Vec<_> = points.iter().map(squared).zip(0..).collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    all
}

/// The points of a cell by looking at all: its own first, then the nearest.
fn bounded_brute_force<const D: usize>(
    points: &[[f64; D]],
    center: &[f64; D],
    own: &[usize],
    MemberCount { min, max }: MemberCount,
) -> Vec<usize> {
    let by_distance = sorted(points, center).into_iter().map(|(_, i)| i);
    let (mut mine, others): (Vec<_>, Vec<_>) = by_distance.partition(|i| own.contains(i));
    mine.truncate(max);
    mine.extend(others.into_iter().take(min.saturating_sub(own.len())));
    mine.sort_unstable();
    mine
}

/// The points whose nearest center each one is.
fn own<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]]) -> Members {
    let cell = assign_nearest(points, centers).unwrap();
    let lists: Vec<Vec<usize>> = (0..centers.len())
        .map(|c| (0..points.len()).filter(|&p| cell[p] == c).collect())
        .collect();
    let starts = std::iter::once(0).chain(lists.iter().scan(0, |end, list| {
        *end += list.len();
        Some(*end)
    }));
    Members::new(starts.collect(), lists.concat(), points.len()).unwrap()
}

fn assert_bounded<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]], bounds: MemberCount) {
    let own = own(points, centers);
    let found = nearest_points(points, centers, &own, bounds).unwrap();
    for (cell, center) in centers.iter().enumerate() {
        let expected = bounded_brute_force(points, center, own.of(cell), bounds);
        assert_eq!(found.of(cell), expected, "cell {cell}");
    }
}

fn bounds() -> impl Strategy<Value = MemberCount> {
    (0_usize..30, 0_usize..30).prop_map(|(min, more)| MemberCount {
        min,
        max: min + more,
    })
}

proptest! {
    #[test]
    fn cells_are_filled_and_cut_by_nearness(
        points in coarse::<2>(0..100), centers in coarse::<2>(1..20), bounds in bounds(),
    ) {
        assert_bounded(&points, &centers, bounds);
    }

    #[test]
    fn cells_are_filled_and_cut_by_nearness_in_space(
        points in scattered::<3>(0..100), centers in scattered::<3>(1..20), bounds in bounds(),
    ) {
        assert_bounded(&points, &centers, bounds);
    }

    #[test]
    fn points_within_a_radius_are_found(
        points in coarse::<3>(0..100), centers in coarse::<3>(0..20), halves in 1_i32..8,
    ) {
        // Multiples of a half: distances that equal the radius are computed exactly.
        let radius = f64::from(halves) / 2.0;
        let found = within_radius(&points, &centers, radius).unwrap();
        for (cell, center) in centers.iter().enumerate() {
            let near = sorted(&points, center).into_iter();
            let near = near.filter(|(squared, _)| *squared <= radius * radius);
            let mut expected: Vec<_> = near.map(|(_, i)| i).collect();
            expected.sort_unstable();
            prop_assert_eq!(found.of(cell), expected);
        }
    }

    #[test]
    fn cells_are_filled_and_cut_by_nearness_in_time(
        seconds in prop::collection::vec((0_u8..20, 0_usize..3), 0..60), bounds in bounds(),
    ) {
        // Three cells, segments of 8 s every 4 s.
        let times: Vec<f64> = seconds.iter().map(|&(t, _)| f64::from(t)).collect();
        let cell: Vec<usize> = seconds.iter().map(|&(_, cell)| cell).collect();
        let middles = [4.0, 8.0, 12.0, 16.0];
        let (mut starts, mut points) = (vec![0], vec![]);
        for middle in middles {
            for c in 0..3 {
                let inside = |&k: &usize| {
                    cell[k] == c && (middle - 4.0..middle + 4.0).contains(&times[k])
                };
                points.extend((0..times.len()).filter(inside));
                starts.push(points.len());
            }
        }
        let own = Members::new(starts, points, times.len()).unwrap();
        let found = nearest_in_time(&times, &cell, 3, &middles, &own, bounds).unwrap();
        for (segment, middle) in middles.iter().enumerate() {
            for c in 0..3 {
                let there: Vec<usize> = (0..times.len()).filter(|&k| cell[k] == c).collect();
                let positions: Vec<[f64; 1]> = there.iter().map(|&k| [times[k]]).collect();
                let own = own.of(3 * segment + c).iter();
                let own: Vec<_> = own.map(|k| there.binary_search(k).unwrap()).collect();
                let expected = bounded_brute_force(&positions, &[*middle], &own, bounds);
                let expected: Vec<_> = expected.into_iter().map(|k| there[k]).collect();
                prop_assert_eq!(found.of(3 * segment + c), expected);
            }
        }
    }
}

#[test]
fn numbers_of_points_that_make_no_sense_are_refused() {
    let points = [[0.0, 0.0], [1.0, 0.0]];
    let none = own(&points, &points);
    for (bounds, message) in [
        (MemberCount { min: 3, max: 2 }, "3, above the largest, 2"),
        (
            MemberCount {
                min: usize::MAX,
                max: usize::MAX,
            },
            "pairs of a point and a cell",
        ),
    ] {
        let error = nearest_points(&points, &points, &none, bounds).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    for radius in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = within_radius(&points, &points, radius).unwrap_err();
        assert!(error.to_string().contains("`radius`"), "{error}");
    }
    for (starts, members) in [
        (vec![0, 2], vec![1, 0]),
        (vec![0, 1], vec![2]),
        (vec![1], vec![]),
        (vec![0, 2, 1], vec![0]),
    ] {
        assert!(Members::new(starts, members, 2).is_err());
    }
    let bounds = MemberCount { min: 1, max: 1 };
    let no_such_cell = nearest_in_time(
        &[0.0],
        &[1],
        1,
        &[0.0],
        &own(&points[..1], &[[0.0; 2]]),
        bounds,
    );
    assert!(no_such_cell.unwrap_err().to_string().contains("`cell[0]`"));
}
