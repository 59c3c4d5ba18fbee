use tramway::statistics::{CellStatistics, SummedPieces};

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
                    for (sum, dr) in sum.iter_mut().zip(drawn.displacements[k]) {
                        *sum += dr;
                        squares += dr * dr;
                    }
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

#[test]
fn many_displacements_are_summed_in_the_order_of_the_data_on_any_number_of_threads() {
    // So many that each thread has a block of cells where lags are of two kinds; a displacement in seven is
    // in no cell. The expected values are those of a plain loop.
    for kinds in [1, 2] {
        are_summed_in_the_order_of_the_data(kinds);
    }
}

/// Sums many displacements with so many kinds of lags, each with rounding noise.
fn are_summed_in_the_order_of_the_data(kinds: usize) {
    let count = 300_000;
    let cell: Vec<i64> = (0..count)
        .map(|k| {
            if k % 7 == 0 {
                -1
            } else {
                (k * 7919 % 1003) as i64
            }
        })
        .collect();
    let value = |k: usize, step: usize| ((k * step % 1009) as f64 - 504.0) * 1e-3;
    let displacements: Vec<[f64; 2]> = (0..count).map(|k| [value(k, 31), value(k, 57)]).collect();
    let lags: Vec<f64> = (0..count)
        .map(|k| 0.02 * (1 + k / 11 % kinds) as f64 + 1e-15 * (k % 3) as f64)
        .collect();
    let mut expected = vec![vec![(0.0, [0.0; 2], 0.0); kinds]; 1003];
    for k in 0..count {
        if let Ok(cell) = usize::try_from(cell[k]) {
            let (count, sum, squares) = &mut expected[cell][k / 11 % kinds];
            *count += 1.0;
            for (sum, dr) in sum.iter_mut().zip(displacements[k]) {
                *sum += dr;
                *squares += dr * dr;
            }
        }
    }
    let mut first = None;
    for threads in [1, 2, 7] {
        tramway::threads::set_thread_count(threads).unwrap();
        let statistics = CellStatistics::new(1003, &cell, &displacements, &lags).unwrap();
        for (cell, expected) in expected.iter().enumerate() {
            let seen = statistics.cell(cell).iter();
            let seen: Vec<_> = seen
                .map(|group| (group.count, group.sum, group.sum_of_squares))
                .collect();
            assert_eq!(&seen, expected, "cell {cell}, {threads} threads");
        }
        assert_eq!(*first.get_or_insert(statistics.clone()), statistics);
    }
    tramway::threads::set_thread_count(0).unwrap();
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
