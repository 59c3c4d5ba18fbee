use tramway::statistics::{Borders, CellStatistics, LagGroup, SummedPieces};
use tramway::tessellation::{Adjacency, Midpoints};
use tramway::trajectories::Succession;

use crate::support::displacements;

#[test]
fn a_cell_is_reduced_to_counts_and_sums_per_lag() {
    // Worked by hand: cell 1 has two displacements at 0.1 s and one at 0.2 s, cell 0 none.
    let statistics = CellStatistics::new(
        2,
        &[1, 1, -1, 1],
        &[[1.0, 2.0], [3.0, -1.0], [9.0, 9.0], [0.5, 0.0]],
        &[0.1, 0.1, 0.1, 0.2],
    )
    .unwrap();
    assert!(statistics.cell(0).is_empty());
    let [short, long] = statistics.cell(1) else {
        panic!("two lags")
    };
    assert_eq!(
        (short.lag, short.count, short.sum, short.sum_of_squares),
        (0.1, 2.0, [4.0, 1.0], 15.0)
    );
    assert_eq!(
        (long.lag, long.count, long.sum, long.sum_of_squares),
        (0.2, 1.0, [0.5, 0.0], 0.25)
    );
    assert_eq!(statistics.count(1), 3.0);
}

#[test]
fn rounding_noise_does_not_split_a_lag_and_a_millisecond_does() {
    // Differences of times in steps of 0.051 s that a tracker rounded to the millisecond.
    let lags = [0.102 - 0.051, 0.051, 0.153 - 0.102, 0.052];
    let statistics = CellStatistics::new(1, &[0; 4], &[[0.0, 0.0]; 4], &lags).unwrap();
    let counts: Vec<f64> = statistics.cell(0).iter().map(|group| group.count).collect();
    assert_eq!(counts, [3.0, 1.0]);
}

#[test]
fn sums_agree_with_the_plain_loop() {
    let drawn = displacements::<3>(20, 10, 1);
    let statistics = drawn.statistics(20);
    for cell in 0..20 {
        for group in statistics.cell(cell) {
            let mut sum = [0.0; 3];
            let mut squares = 0.0;
            for k in 0..drawn.cell.len() {
                if drawn.cell[k] == cell as i64 && drawn.lags[k] == group.lag {
                    let dr = drawn.displacements[k];
                    for (sum, dr) in sum.iter_mut().zip(dr) {
                        *sum += dr;
                    }
                    squares += dr[0] * dr[0] + dr[1] * dr[1] + dr[2] * dr[2];
                }
            }
            // Same terms in the same order: the same bits.
            assert_eq!((group.sum, group.sum_of_squares), (sum, squares));
        }
    }
}

#[test]
fn bad_input_is_named() {
    let error = |cell: &[i64], dr: &[[f64; 2]], lags: &[f64]| {
        CellStatistics::new(2, cell, dr, lags)
            .unwrap_err()
            .to_string()
    };
    let dr = [[0.0, 0.0], [0.1, f64::NAN]];
    assert!(error(&[0], &dr, &[0.1, 0.1]).contains("`cell` has length 1, expected 2"));
    assert!(error(&[0, 0], &dr, &[0.1, 0.1]).contains("`displacements[1]` is [0.1, NaN]"));
    assert!(error(&[0, 0], &[dr[0]; 2], &[0.1, 0.0]).contains("`lags[1]` is 0"));
    assert!(error(&[0, 2], &[dr[0]; 2], &[0.1, 0.1]).contains("`cell[1]` is 2"));
}

/// Displacements of so many kinds of lags, each with rounding noise; one in seven is in no cell.
struct Many {
    cell: Vec<i64>,
    displacements: Vec<[f64; 2]>,
    lags: Vec<f64>,
}

const CELLS: usize = 1003;

/// Of so few cells, chunks have that many rows: 2^18.
const ROWS_OF_CHUNK: usize = 1 << 18;

fn many(kinds: usize) -> Many {
    let count = 600_000;
    let cell = |k: usize| {
        if k.is_multiple_of(7) {
            -1
        } else {
            (k * 7919 % CELLS) as i64
        }
    };
    let value = |k: usize, step: usize| ((k * step % 1009) as f64 - 504.0) * 1e-3;
    let lag = |k: usize| 0.02 * (1 + k / 11 % kinds) as f64 + 1e-15 * (k % 3) as f64;
    Many {
        cell: (0..count).map(cell).collect(),
        displacements: (0..count).map(|k| [value(k, 31), value(k, 57)]).collect(),
        lags: (0..count).map(lag).collect(),
    }
}

/// Number, sum and sum of squares of a group.
type Summed = (f64, [f64; 2], f64);

fn add((count, sum, squares): &mut Summed, (n, [x, y], xx): Summed) {
    *count += n;
    *sum = [sum[0] + x, sum[1] + y];
    *squares += xx;
}

/// Those of each cell and kind, by plain loops: over chunks of rows, and in these over the rows.
fn plain_sums(many: &Many, kinds: usize) -> Vec<Vec<Summed>> {
    let nothing = vec![vec![(0.0, [0.0; 2], 0.0); kinds]; CELLS];
    let mut all = nothing.clone();
    for begin in (0..many.cell.len()).step_by(ROWS_OF_CHUNK) {
        let mut chunk = nothing.clone();
        for k in begin..many.cell.len().min(begin + ROWS_OF_CHUNK) {
            if let Ok(cell) = usize::try_from(many.cell[k]) {
                let [x, y] = many.displacements[k];
                add(
                    &mut chunk[cell][k / 11 % kinds],
                    (1.0, [x, y], x * x + y * y),
                );
            }
        }
        let both = all.iter_mut().flatten().zip(chunk.into_iter().flatten());
        both.for_each(|(all, chunk)| add(all, chunk));
    }
    all
}

#[test]
fn many_displacements_are_summed_in_one_order_on_any_number_of_threads() {
    // Where there are two kinds of lags, each thread has a block of cells; where there is one, chunks of rows.
    for kinds in [1, 2] {
        let many = many(kinds);
        let expected = plain_sums(&many, kinds);
        let mut first = None;
        for threads in [1, 2, 3, 7, 16] {
            tramway::threads::set_thread_count(threads).unwrap();
            let statistics =
                CellStatistics::new(CELLS, &many.cell, &many.displacements, &many.lags).unwrap();
            for (cell, expected) in expected.iter().enumerate() {
                let seen = statistics.cell(cell).iter();
                let seen: Vec<_> = seen
                    .map(|group| (group.count, group.sum, group.sum_of_squares))
                    .collect();
                assert_eq!(&seen, expected, "cell {cell}, {threads} threads");
                for (kind, group) in statistics.cell(cell).iter().enumerate() {
                    // The least of all that are the same up to rounding.
                    assert_eq!(group.lag, 0.02 * (1 + kind) as f64);
                }
            }
            assert_eq!(*first.get_or_insert(statistics.clone()), statistics);
        }
        for size in [60_000, ROWS_OF_CHUNK, 270_001, 500_000] {
            let mut pieces = SummedPieces::new(CELLS);
            for begin in (0..many.cell.len()).step_by(size) {
                let rows = begin..many.cell.len().min(begin + size);
                let displacements = &many.displacements[rows.clone()];
                let (cell, lags) = (&many.cell[rows.clone()], &many.lags[rows]);
                pieces.add(cell, displacements, lags).unwrap();
            }
            assert_eq!(Some(pieces.statistics()), first, "pieces of {size}");
        }
    }
    tramway::threads::set_thread_count(0).unwrap();
}

/// Displacements on a lattice of cells, in tracks of twenty that begin anywhere.
fn assert_same_at_midpoints<const D: usize>(kinds: usize) {
    let count = 300_000;
    let Many { mut cell, lags, .. } = many(kinds);
    cell.truncate(count);
    let lags = &lags[..count];
    let centers: Vec<[f64; D]> = (0..CELLS)
        .map(|i| std::array::from_fn(|d| [i % 10, i / 10 % 10, i / 100][d] as f64))
        .collect();
    let track: Vec<i64> = (0..).map(|k| k / 20).take(count).collect();
    let mut time = vec![0.0; count];
    for k in 1..count {
        // Some begin after a gap, and follow no other one.
        time[k] = time[k - 1] + lags[k - 1] + if k.is_multiple_of(13) { 1.0 } else { 0.0 };
    }
    let order = Succession::new(&track, &time, lags).unwrap();
    let axis = |step: usize, scale: f64| -> Vec<f64> {
        (0..count)
            .map(|k| (k * step % 1009) as f64 / 1009.0 * scale)
            .collect()
    };
    let axes: [Vec<f64>; D] = std::array::from_fn(|d| axis(31 + 26 * d, 9.0));
    let steps: [Vec<f64>; D] = std::array::from_fn(|d| axis(57 + 12 * d, 0.3));
    let steps = steps.each_ref().map(Vec::as_slice);
    let rows: Vec<[f64; D]> = (0..count).map(|k| steps.map(|step| step[k])).collect();
    let places = axes.each_ref().map(Vec::as_slice);
    let mut first = None;
    for threads in [1, 2, 3, 16] {
        tramway::threads::set_thread_count(threads).unwrap();
        let midpoints = Midpoints::new(order, places, &cell, &centers).unwrap();
        let bins = midpoints.bins().unwrap();
        let expected = CellStatistics::new(2 * CELLS, &bins, &rows, lags).unwrap();
        let found = CellStatistics::at_midpoints(&midpoints, steps, lags).unwrap();
        assert_eq!(found, expected, "{threads} threads");
        assert_eq!(*first.get_or_insert(found.clone()), found);
        let are_after = (CELLS..2 * CELLS).map(|bin| found.count(bin)).sum::<f64>();
        assert!(are_after > 0.7 * count as f64, "{are_after}");
    }
    tramway::threads::set_thread_count(0).unwrap();
}

#[test]
fn sums_at_midpoints_are_those_of_their_bins_to_the_bit() {
    for kinds in [1, 2] {
        assert_same_at_midpoints::<2>(kinds);
        assert_same_at_midpoints::<3>(kinds);
    }
}

#[test]
fn bad_values_at_midpoints_are_named() {
    let named = |cells: [i64; 3], x: [f64; 3], dx: [f64; 3], lags: &[f64]| {
        let lag = [lags[0]; 3];
        let order = Succession::new(&[1; 3], &[0.0, 0.1, 0.2], &lag).unwrap();
        let midpoints = Midpoints::new(order, [&x, &[0.0; 3]], &cells, &[[0.0; 2], [1.0, 0.0]]);
        let found = CellStatistics::at_midpoints(&midpoints.unwrap(), [&dx, &[0.1; 3]], lags);
        found.map_or_else(|error| error.to_string(), |_| String::new())
    };
    let (cells, x, dx, lags) = ([0, 1, 0], [0.1, 0.9, 0.2], [0.1; 3], [0.1; 3]);
    assert_eq!(named(cells, x, dx, &lags), "");
    assert_eq!(named([0, -1, 0], x, dx, &lags), "");
    assert!(named([0, 1, 2], x, dx, &lags).contains("`cells[2]` is 2"));
    assert!(named(cells, [0.1, f64::NAN, 0.2], dx, &lags).contains("`places[1]`"));
    assert!(named(cells, x, [0.1, 0.1, f64::INFINITY], &lags).contains("`displacements[2]`"));
    assert!(named(cells, x, dx, &[0.1, 0.0, 0.1]).contains("`lags[1]` is 0"));
    assert!(named(cells, x, dx, &[0.1; 2]).contains("`lags` has length 2, expected 3"));
}

#[test]
fn the_first_of_many_bad_values_is_named() {
    let count = 300_000;
    let mut lags = vec![0.02; count];
    lags[200_001] = f64::NAN;
    lags[200_000] = -1.0;
    let mut cell = vec![0; count];
    cell[299_999] = 1;
    let statistics =
        |lags: &[f64]| CellStatistics::new(1, &cell, &vec![[0.1; 3]; count], lags).unwrap_err();
    assert!(
        statistics(&lags)
            .to_string()
            .contains("`lags[200000]` is -1")
    );
    assert!(
        statistics(&vec![0.02; count])
            .to_string()
            .contains("`cell[299999]` is 1")
    );
}

#[test]
fn bad_values_are_named_wherever_they_are() {
    // What is in no cell is summed nowhere, and has to be as good as the rest.
    let named = |cell: [i64; 3], x: [f64; 3], lags: [f64; 3]| {
        let found = CellStatistics::new(2, &cell, &x.map(|x| [0.1, x]), &lags);
        found.map_or_else(|error| error.to_string(), |_| String::new())
    };
    let (good, same) = ([0.1; 3], [0.02; 3]);
    for cell in [[0, 1, 0], [-1, 1, 0], [0, -1, 1], [0, 1, -1], [-1; 3]] {
        assert_eq!(named(cell, good, same), "");
        for row in 0..3 {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut x = good;
                x[row] = bad;
                let said = named(cell, x, same);
                assert!(said.contains(&format!("`displacements[{row}]`")), "{said}");
            }
            for bad in [f64::NAN, f64::INFINITY, 0.0, -0.0, -1e-12, -0.02] {
                let mut lags = same;
                lags[row] = bad;
                let said = named(cell, good, lags);
                assert!(said.contains(&format!("`lags[{row}]`")), "{said}");
            }
            let mut beyond = cell;
            beyond[row] = 2;
            let said = named(beyond, good, same);
            assert!(said.contains(&format!("`cell[{row}]`")), "{said}");
        }
    }
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        assert!(named([0; 3], good, [bad; 3]).contains("`lags[0]`"));
    }
}

#[test]
fn lags_may_be_very_short_or_long_and_sums_of_squares_may_overflow() {
    // Each is a positive, finite number: nothing that should be refused.
    for lag in [f64::MIN_POSITIVE, 1e-12, 1e11, f64::MAX] {
        let found = CellStatistics::new(1, &[0], &[[1e200, 2.0]], &[lag]).unwrap();
        let [group] = found.cell(0) else {
            panic!("one group")
        };
        assert_eq!((group.count, group.sum), (1.0, [1e200, 2.0]));
        assert_eq!(group.sum_of_squares, f64::INFINITY);
    }
}

#[test]
fn sums_of_pieces_are_those_of_all_data_to_the_bit() {
    let drawn = displacements::<2>(20, 50, 1);
    let whole = drawn.statistics(20);
    for size in [1, 7, 1000] {
        let mut pieces = SummedPieces::new(20);
        for ((cell, displacements), lags) in drawn
            .cell
            .chunks(size)
            .zip(drawn.displacements.chunks(size))
            .zip(drawn.lags.chunks(size))
        {
            pieces.add(cell, displacements, lags).unwrap();
        }
        assert_eq!(pieces.statistics(), whole);
        assert_eq!(pieces.group_count(), whole.groups().0.len());
    }
    let (groups, ranges) = whole.groups();
    let mut starts = vec![0];
    starts.extend(ranges.map(|range| range.end));
    let again = CellStatistics::of_groups(starts.clone(), groups.to_vec(), 0.0).unwrap();
    assert_eq!(again, whole);
    for starts in [
        vec![],
        vec![0],
        vec![1, groups.len()],
        vec![0, 9, 5, groups.len()],
    ] {
        let error = CellStatistics::of_groups(starts, groups.to_vec(), 0.0).unwrap_err();
        assert!(error.to_string().contains("starts"), "{error}");
    }
    let error = CellStatistics::of_groups(starts, groups.to_vec(), 9.0).unwrap_err();
    assert!(error.to_string().contains("exposure_time"), "{error}");
}

#[test]
fn drift_of_noise_is_taken_out_of_the_sums() {
    // By hand: two cells side by side, of area 2 and 4, with an edge of 3 µm between them along x. The first kind has
    // 2 and 12 displacements, the second 4 and none.
    let adjacency = Adjacency::new(vec![0, 1, 2], vec![1, 0]).unwrap();
    let weights = [[1.5, 0.0], [-1.5, 0.0]];
    let borders = Borders::new(&adjacency, &[2.0, 4.0], &weights).unwrap();
    // 1.5 (3 − 1) / 2, 1.5 (3 − 1) / 12; 1.5 (0 − 2) / 4
    assert_eq!(
        borders.relative_change(&[2.0, 12.0]).unwrap(),
        [[1.5, 0.0], [0.25, 0.0]]
    );
    assert_eq!(
        borders.relative_change(&[4.0, 0.0]).unwrap(),
        [[-0.75, 0.0], [0.0, 0.0]]
    );
    let group = |count, x, sum_of_squares| LagGroup {
        lag: 0.1,
        diffusion_time: 0.1,
        noise: 0.0,
        count,
        sum: [x, 1.0],
        sum_of_squares,
    };
    let groups = vec![
        group(2.0, 4.0, 9.0),
        group(12.0, 0.0, 20.0),
        group(4.0, 1.0, 8.0),
    ];
    let given = CellStatistics::of_groups(vec![0, 1, 2, 3, 3], groups, 0.0).unwrap();
    let found = given
        .without_noise_drift(&borders, 0.5, 0.0, &[1.0, 0.5])
        .unwrap();
    // Each of the two has drifted by 0.5 · 1.5, each of the twelve by 0.5 · 0.25, of the four by −0.5 · 0.5 · 0.75.
    let taken = |count: f64, x: f64, squares: f64, drift: f64| {
        group(
            count,
            x - count * drift,
            squares + drift * (count * drift - 2.0 * x),
        )
    };
    assert_eq!(
        found.cell(0),
        [taken(2.0, 4.0, 9.0, 0.75), taken(4.0, 1.0, 8.0, -0.1875)]
    );
    assert_eq!(found.cell(1), [taken(12.0, 0.0, 20.0, 0.125)]);
    // Averages over an exposure of 0.06 s: σ² − D t/3, with D = (9 / 4 − 2 · 0.5) / (2 · 0.08) in the first.
    let exposed = CellStatistics::of_groups(vec![0, 1, 2, 3, 3], given.groups().0.to_vec(), 0.06);
    let found = exposed
        .unwrap()
        .without_noise_drift(&borders, 0.5, 0.06, &[1.0, 0.5])
        .unwrap();
    let drift = (0.5 - 1.25 / 0.16 * 0.02) * 1.5;
    assert!((found.cell(0)[0].sum[0] - (4.0 - 2.0 * drift)).abs() < 1e-14);
    let error = given
        .without_noise_drift(&borders, 0.5, 0.0, &[1.0])
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`sums` has length 4, expected 2"),
        "{error}"
    );
    let error = Borders::new(&adjacency, &[2.0], &weights).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`volumes` has length 1, expected 2"),
        "{error}"
    );
    let error = borders.relative_change(&[1.0]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`amounts` has length 1, expected 2"),
        "{error}"
    );
}
