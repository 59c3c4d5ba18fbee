use tramway::inference::{Model, count_long_steps};

const WIDTHS: [f64; 3] = [0.2, 0.2, 0.2];
const LAG: f64 = 0.025;
const SURE: [f64; 3] = [0.0; 3];
const NONE: [[f64; 2]; 3] = [[0.0; 2]; 3];

/// With a drift along each of two axes, and no deviation of D.
fn drifting(model: Model, x: &[f64; 3], y: &[f64; 3], deviation: &[f64; 3]) -> usize {
    let still = [1e-6; 3];
    let vector = [0, 1, 2].map(|cell| [x[cell], y[cell]]);
    let vectors: [&[_]; 2] = [&vector, &deviation.map(|deviation| [deviation; 2])];
    count_long_steps(model, &WIDTHS, LAG, [&still, &SURE], vectors).unwrap()
}

#[test]
fn diffusion_is_too_fast_where_it_certainly_takes_a_molecule_across() {
    // √(2 D · 0.025) = 0.2 at D = 0.8.
    let of = |d: [f64; 3], deviation: [f64; 3]| {
        count_long_steps(
            Model::Diffusivity,
            &WIDTHS,
            LAG,
            [&d, &deviation],
            [&NONE; 2],
        )
        .unwrap()
    };
    assert_eq!(of([0.79, 0.81, 3.0], SURE), 2);
    assert_eq!(of([0.79, 0.81, 3.0], [0.1; 3]), 1); // less two of these
    assert_eq!(of([3.0, 3.0, f64::NAN], [0.0, f64::NAN, 0.0]), 1);
}

#[test]
fn drift_is_too_fast_where_it_certainly_takes_a_molecule_to_the_border() {
    // 4 µm/s · 0.025 s is half of the width; (2.4, 3.2) are as long.
    let none = [0.0; 3];
    assert_eq!(drifting(Model::Drift, &[3.9, 4.1, -4.1], &none, &none), 2);
    let (x, y) = ([2.3, 2.5, 2.5], [3.2, 3.2, f64::NAN]);
    assert_eq!(drifting(Model::Drift, &x, &y, &none), 1);
    assert_eq!(
        drifting(Model::Drift, &[4.1, 4.3, 9.0], &none, &[0.1; 3]),
        2
    );
    // Forces act through D, which is small here.
    assert_eq!(drifting(Model::Force, &[4.1; 3], &none, &none), 0);
    assert_eq!(drifting(Model::Force, &[4.1e6; 3], &none, &none), 3);
}

#[test]
fn maps_of_other_lengths_are_refused() {
    let d = [1.0; 2];
    let three = [1.0; 3];
    let of_d = count_long_steps(Model::Drift, &WIDTHS, LAG, [&three, &d], [&NONE; 2]);
    let of_vector = count_long_steps(
        Model::Drift,
        &WIDTHS,
        LAG,
        [&three, &three],
        [&NONE, &NONE[..2]],
    );
    for found in [of_d, of_vector] {
        assert!(found.unwrap_err().to_string().contains("maps"));
    }
}
