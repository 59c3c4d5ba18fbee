use tramway::operators::{GradientOperator, Variation};

use crate::support::{lattice, within};

#[test]
fn affine_fields_have_their_slope_inside_a_lattice() {
    let patch = lattice(5, 5, 0.2);
    let field: Vec<f64> = patch
        .centers
        .iter()
        .map(|[x, y]| 3.0 * x - 2.0 * y + 7.0)
        .collect();
    let gradient = GradientOperator::new(&patch.centers, &patch.adjacency);
    for cell in 0..25 {
        if patch.adjacency.neighbours(cell).len() == 6 {
            let [gx, gy] = gradient.apply(&field, cell);
            // Exact by symmetry; the tolerance is rounding of O(10) values over 0.2 µm.
            assert!((gx - 3.0).abs() < 1e-12 && (gy + 2.0).abs() < 1e-12);
        }
    }
}

#[test]
fn parabolas_have_their_derivative_with_both_sides_and_their_slope_with_one() {
    // Cells on a line at 0, 1 and 3: field x², so y = 0, 1, 9.
    let centers = [[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]];
    let gradient = GradientOperator::new(&centers, &within(&centers, 2.5));
    let field = [0.0, 1.0, 9.0];
    assert!((gradient.apply(&field, 1)[0] - 2.0).abs() < 1e-14);
    assert!((gradient.apply(&field, 0)[0] - 1.0).abs() < 1e-14);
    assert!((gradient.apply(&field, 2)[0] - 4.0).abs() < 1e-14);
    assert_eq!(
        gradient.defined(1),
        [true, false],
        "no neighbour above or below"
    );
}

#[test]
fn a_neighbour_counts_along_an_axis_from_nine_degrees_off_the_other() {
    for (angle, defined) in [(8.9_f64, false), (9.1, true)] {
        let (sine, cosine) = angle.to_radians().sin_cos();
        let centers = [[0.0, 0.0], [cosine, sine]];
        let gradient = GradientOperator::new(&centers, &within(&centers, 1.1));
        assert_eq!(gradient.defined(0), [true, defined], "{angle}°");
    }
}

#[test]
fn an_isolated_cell_has_no_gradient() {
    let centers = [[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]];
    let gradient = GradientOperator::new(&centers, &within(&centers, 1.0));
    assert_eq!(gradient.defined(0), [false; 3]);
    assert_eq!(gradient.apply(&[1.0, 2.0], 0), [0.0; 3]);
}

#[test]
fn variation_is_area_times_mean_squared_slope() {
    let patch = lattice(4, 3, 0.5);
    let field: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7)).collect();
    let variation = Variation::of_slopes(&patch.centers, &patch.adjacency, &patch.volumes);
    let mut expected = 0.0;
    for cell in 0..12 {
        let neighbours = patch.adjacency.neighbours(cell);
        let slopes: f64 = neighbours
            .iter()
            .map(|&j| ((field[j] - field[cell]) / 0.5).powi(2))
            .sum();
        expected += patch.volumes[cell] * slopes / neighbours.len() as f64;
    }
    // The same terms in another order.
    assert!((variation.value(&field) / expected - 1.0).abs() < 1e-13);
}
