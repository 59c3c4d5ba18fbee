use tramway::trajectories::mean_successive_product;

#[test]
fn only_displacements_in_a_row_are_multiplied() {
    // By hand: the second follows the first; the third is a frame late; the fourth is of another track;
    // the fifth follows it, by a time that was rounded.
    let found = mean_successive_product(
        &[1, 1, 1, 2, 2],
        &[0.0, 0.1, 0.3, 0.4, 0.500_01],
        &[0.1; 5],
        &[&[1.0, 2.0, 5.0, 7.0, -1.0], &[0.5, 4.0, 5.0, 3.0, 1.0]],
    );
    assert_eq!(found.unwrap(), (2.0 + 2.0 - 7.0 + 3.0) / 4.0);
}

#[test]
fn without_any_in_a_row_there_is_no_mean() {
    let of = |track: &[i64], values: &[f64]| {
        mean_successive_product(track, values, values, &[values, values])
    };
    assert!(of(&[1, 2], &[1.0, 1.0]).unwrap().is_nan());
    assert!(of(&[], &[]).unwrap().is_nan());
    assert!(
        of(&[1, 2], &[1.0])
            .unwrap_err()
            .to_string()
            .contains("time")
    );
}
