use tramway::statistics::CellStatistics;

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
