use proptest::prelude::*;
use tramway::operators::{Contrast, GradientOperator, QuadraticForm};
use tramway::tessellation::Adjacency;

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
fn rows_ascend_and_their_weights_apply_the_gradient() {
    // Offsets of either sign along each of three axes, one of them at right angles to the first.
    let centers = [
        [0.3, 0.1, -0.2],
        [-0.4, 0.2, 0.5],
        [0.0, 0.0, 0.0],
        [0.0, -0.6, 0.4],
        [0.5, 0.4, 0.3],
    ];
    let gradient = GradientOperator::new(&centers, &within(&centers, 10.0));
    let row: Vec<(usize, [f64; 3])> = gradient.row(2).collect();
    assert!(row.iter().map(|(cell, _)| *cell).eq(0..5));
    // Along x: one below at −0.4, two above with mean 0.4: half of the differences over 0.4 each.
    let along_x: Vec<f64> = row.iter().map(|(_, weight)| weight[0]).collect();
    let expected = [0.625, -1.25, 0.0, 0.0, 0.625];
    for (found, expected) in along_x.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{along_x:?}");
    }
    let field = [1.0, -2.0, 0.5, 3.0, 0.25];
    let slope = gradient.apply(&field, 2);
    for axis in 0..3 {
        let of_row: f64 = row.iter().map(|(j, weight)| weight[axis] * field[*j]).sum();
        assert!((slope[axis] - of_row).abs() < 1e-14);
        let constant: f64 = row.iter().map(|(_, weight)| weight[axis]).sum();
        assert!(constant.abs() < 1e-14);
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
fn the_form_of_slopes_is_that_of_its_contrasts_where_a_cell_does_not_see_those_that_see_it() {
    let patch = lattice(4, 3, 0.5);
    let lists: Vec<&[usize]> = (0..12)
        .map(|cell| match cell {
            5 => &[][..],
            _ => patch.adjacency.neighbours(cell),
        })
        .collect();
    let starts = (0..=12).map(|cell| lists[..cell].iter().map(|list| list.len()).sum());
    let adjacency = Adjacency::new(starts.collect(), lists.concat()).unwrap();
    let contrasts = (0..12).flat_map(|cell| {
        let others = adjacency.neighbours(cell);
        others.iter().map(move |&other| (cell, other, others.len()))
    });
    let expected = QuadraticForm::from_contrasts(contrasts.map(|(cell, other, count)| Contrast {
        reference: cell,
        others: vec![(other, 1.0)],
        // All neighbours of a lattice are 0.5 µm away.
        weight: patch.volumes[cell] / (count as f64 * 0.25),
    }));
    let found = QuadraticForm::of_slopes(&patch.centers, &adjacency, &patch.volumes);
    assert_eq!(found.entries().count(), expected.entries().count());
    for (a, b) in found.entries().zip(expected.entries()) {
        assert_eq!((a.0, a.1), (b.0, b.1));
        // Rounding of centers.
        assert!((a.2 - b.2).abs() < 1e-12 * b.2.abs());
    }
    let field: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7)).collect();
    let (value, at) = (expected.value(&field), |form: &QuadraticForm| {
        let mut gradient = vec![0.0; 12];
        form.add_gradient(0.7, &field, &mut gradient);
        gradient
    });
    assert!(value > 1.0 && (found.value(&field) - value).abs() < 1e-12 * value);
    for (a, b) in at(&found).into_iter().zip(at(&expected)) {
        assert!((a - b).abs() < 1e-12 * value);
    }
}

#[test]
fn variation_is_area_times_mean_squared_slope() {
    let patch = lattice(4, 3, 0.5);
    let field: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7)).collect();
    let variation = QuadraticForm::of_slopes(&patch.centers, &patch.adjacency, &patch.volumes);
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

#[test]
fn curvature_is_length_times_squared_second_derivative_inside_a_row() {
    // Cells on a line, 0.5 apart, and 1.5 long: x² has the second derivative 2, which the two ends do
    // not show. Beside it, slopes count by the square of the inverse size: the area, 6 × 1.5.
    let centers: Vec<[f64; 2]> = (0..6).map(|i| [0.5 * f64::from(i), 0.0]).collect();
    let adjacency = within(&centers, 0.6);
    let field: Vec<f64> = centers.iter().map(|[x, _]| x * x).collect();
    let volumes = [1.5; 6];
    let slopes = QuadraticForm::of_slopes(&centers, &adjacency, &volumes).value(&field);
    let curvatures = QuadraticForm::of_curvatures(&centers, &adjacency, &volumes).value(&field);
    let expected = 4.0 * 1.5 * 4.0 + slopes / 9.0;
    // The ridge of the least squares, 1e-9, doubled.
    assert!((curvatures / expected - 1.0).abs() < 1e-8);
}

proptest! {
    // Irregular cells, some in a row, some alone.
    #[test]
    fn a_plane_costs_its_slopes_only_and_a_constant_nothing(
        places in prop::collection::vec(prop::array::uniform2(0_u8..6), 3..20),
        slope in prop::array::uniform2(-3.0..3.0),
        reach in 1.1..2.5,
    ) {
        let mut places = places;
        places.sort_unstable();
        places.dedup();
        let centers: Vec<[f64; 2]> = places.iter().map(|p| p.map(f64::from)).collect();
        let adjacency = within(&centers, reach);
        let volumes: Vec<f64> = (0..centers.len()).map(|i| 0.5 + 0.1 * i as f64).collect();
        let plane: Vec<f64> = centers.iter().map(|[x, y]| 7.0 + slope[0] * x + slope[1] * y).collect();
        let curvatures = QuadraticForm::of_curvatures(&centers, &adjacency, &volumes);
        let components = adjacency.components();
        let mut expected = 0.0;
        for (cell, center) in centers.iter().enumerate() {
            let size: f64 = (0..centers.len())
                .filter(|&other| components[other] == components[cell])
                .map(|other| volumes[other])
                .sum();
            let neighbours = adjacency.neighbours(cell);
            for &j in neighbours {
                let offset = [centers[j][0] - center[0], centers[j][1] - center[1]];
                let square = offset[0] * offset[0] + offset[1] * offset[1];
                let difference = slope[0] * offset[0] + slope[1] * offset[1];
                expected += volumes[cell] / neighbours.len() as f64 * difference * difference
                    / square / size;
            }
        }
        // The ridge of the least squares is 1e-9 of a slope; its square does not show.
        prop_assert!((curvatures.value(&plane) - expected).abs() < 1e-9 * (1.0 + expected));
        prop_assert_eq!(curvatures.value(&vec![7.0; centers.len()]), 0.0);
    }
}
