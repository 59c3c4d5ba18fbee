use tramway::trajectories::Succession;

#[test]
fn only_displacements_in_a_row_are_multiplied() {
    // By hand: the second follows the first; the third is a frame late; the fourth is of another track;
    // the fifth follows it, by a time that was rounded.
    let (track, time, lag) = ([1, 1, 1, 2, 2], [0.0, 0.1, 0.3, 0.4, 0.500_01], [0.1; 5]);
    let order = Succession::new(&track, &time, &lag).unwrap();
    assert_eq!(order.all().unwrap(), [false, true, false, false, true]);
    let steps: [&[f64]; 2] = [&[1.0, 2.0, 5.0, 7.0, -1.0], &[0.5, 4.0, 5.0, 3.0, 1.0]];
    assert_eq!(
        order.mean_product(&steps).unwrap(),
        (2.0 + 2.0 - 7.0 + 3.0) / 4.0
    );
}

#[test]
fn without_any_in_a_row_there_is_no_mean() {
    let of = |track: &[i64], values: &[f64]| {
        Succession::new(track, values, values)?.mean_product(&[values, values])
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
