//! Fields with a length: their covariance, their scales, and maps continued inside cells.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::geometry::ConvexPolygon;
use tramway::inference::hyperparameters::{Problem, Scaled};
use tramway::operators::{LocalPolynomials, Matern, MaternCovariance, QuadraticForm};
use tramway::optimizer::{Analysis, Cholesky, SymmetricPattern};
use tramway::tessellation::{Adjacency, WithMargin, voronoi, with_margin};

use crate::support::{Lattice, lattice, within};

/// Covariances of a cell with all, at a range.
fn covariances(field: &Matern, range: f64, cell: usize) -> Vec<f64> {
    let precision = field.precision(range).unwrap();
    let mut cholesky = Cholesky::new(field.pattern());
    assert!(cholesky.factorize(&precision.values));
    let determinant = precision.log_determinant;
    assert!((cholesky.log_determinant() - determinant).abs() < 1e-6 * (1.0 + determinant.abs()));
    let mut unit = vec![0.0; field.pattern().size()];
    unit[cell] = 1.0;
    cholesky.solve(&mut unit);
    unit
}

/// A field on the cells of a tessellation, and around them.
fn field<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    volumes: &[f64],
    order: usize,
) -> Matern {
    let cells = with_margin(centers, adjacency, volumes).unwrap();
    let slopes = QuadraticForm::of_slopes_at_faces(&cells.centers, &cells.faces);
    Matern::new(&slopes, &cells.volumes, order, D)
}

fn on_lattice(patch: &Lattice, order: usize) -> Matern {
    field(&patch.centers, &patch.adjacency, &patch.volumes, order)
}

/// Matérn's correlation at half the range and at the range, `2^(1−ν)/Γ(ν) (κr)^ν K_ν(κr)`: values of
/// scipy.special.kv (1.17). Cells are a tenth of the range.
#[test]
fn correlation_is_that_of_matern() {
    let patch = lattice(41, 41, 0.1);
    let middle = 20 * 41 + 20;
    let expected = [(2, [0.444_343, 0.139_667]), (3, [0.507_520, 0.139_211])];
    for (order, values) in expected {
        let covariance = covariances(&on_lattice(&patch, order), 1.0, middle);
        for (steps, value) in [(5, values[0]), (10, values[1])] {
            let found = covariance[middle + steps];
            assert!(
                (found - value).abs() < 0.025,
                "{order}, {steps}: {found}, {value}"
            );
        }
    }
}

#[test]
fn variance_is_one_in_every_cell() {
    // Cells of very different sizes: rounding takes digits from an ill-conditioned inverse.
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let centers: Vec<[f64; 2]> = (0..120)
        .map(|_| [random.random_range(0.0..2.0), random.random_range(0.0..2.0)])
        .collect();
    let square = ConvexPolygon::hull(&[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]).unwrap();
    let cells = voronoi(&centers, &square).unwrap();
    for order in [1, 2, 3] {
        let field = field(&cells.centers, &cells.adjacency, &cells.volumes, order);
        for cell in 0..centers.len() {
            let own = covariances(&field, 0.6, cell)[cell];
            assert!(
                (own - 1.0).abs() < 1e-4,
                "order {order}, cell {cell}: {own}"
            );
        }
    }
}

/// Largest difference from Matérn's correlation, of a field of order 3 on cells.
fn error<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    volumes: &[f64],
    range: f64,
) -> f64 {
    let field = field(centers, adjacency, volumes, 3);
    let exact = MaternCovariance::new(D, range);
    let mut most = 0.0_f64;
    for cell in 0..centers.len() {
        let found = covariances(&field, range, cell);
        for (center, found) in centers.iter().zip(found) {
            let pairs = center.iter().zip(centers[cell]);
            let square: f64 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
            most = most.max((found - exact.at(square.sqrt())).abs());
        }
    }
    most
}

/// The correlation is that of a field that does not end at the border of cells, of all shapes and up to
/// ranges of twice the field; with ranges of three to five cells, cells are too coarse for more.
#[test]
fn a_field_goes_on_at_the_border_of_cells() {
    let patch = lattice(12, 13, 0.2);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let centers = (0..150).map(|_| [0.0, 2.3].map(|_| random.random_range(0.0..2.3)));
    let corners = [[0.0, 0.0], [2.3, 0.0], [2.3, 2.3], [0.0, 2.3]];
    let square = ConvexPolygon::hull(&corners).unwrap();
    let cells = voronoi(&centers.collect::<Vec<[f64; 2]>>(), &square).unwrap();
    let cubes: Vec<[f64; 3]> = (0..125)
        .map(|i| [i / 25, i / 5 % 5, i % 5].map(|k: i32| 0.3 * f64::from(k)))
        .collect();
    for (range, most, most_in_space) in [(1.0, 0.16, 0.21), (2.0, 0.1, 0.1), (4.0, 0.06, 0.1)] {
        let of_hexagons = error(&patch.centers, &patch.adjacency, &patch.volumes, range);
        let of_voronoi = error(&cells.centers, &cells.adjacency, &cells.volumes, range);
        let of_cubes = error(&cubes, &within(&cubes, 0.31), &[0.027; 125], range);
        assert!(of_hexagons < most, "hexagons, {range}: {of_hexagons}");
        assert!(of_voronoi < most, "Voronoi cells, {range}: {of_voronoi}");
        assert!(of_cubes < most_in_space, "cubes, {range}: {of_cubes}");
    }
}

/// The largest variance that slopes at the centers of cells miss of a field of variance 1 and a range of
/// 2 µm, if neighbours tell them.
fn most_missed(whole: &WithMargin<2>, adjacency: &Adjacency, count: usize) -> f64 {
    let polynomials = LocalPolynomials::new(&whole.centers, adjacency, 2);
    let covariance = MaternCovariance::new(2, 2.0);
    let missed = |cell: usize, axis: usize| {
        let here = whole.centers[cell];
        let row = polynomials.weights_at(cell, &[0.0; 2], &[axis]);
        let offset = |at: [f64; 2]| [at[0] - here[0], at[1] - here[1]];
        let stencil: Vec<([f64; 2], f64)> = row
            .map(|(other, weight)| (offset(whole.centers[other]), weight))
            .collect();
        covariance.of_missed_slope(axis, &stencil)
    };
    let each = (0..count).flat_map(|cell| [missed(cell, 0), missed(cell, 1)]);
    each.fold(0.0, f64::max)
}

#[test]
fn slopes_at_the_border_are_told_from_both_sides() {
    let patch = lattice(9, 7, 0.2);
    let count = patch.centers.len();
    let whole = with_margin(&patch.centers, &patch.adjacency, &patch.volumes).unwrap();
    // Amid six neighbours, 0.119 (by scipy.special.kv, in the tests of the covariance), which grows as
    // the square of their distance; cells around are up to one and a half times as wide. Here 0.28
    // in the worst cell, and 0.37 from within.
    let across = whole.adjacency_across(count);
    let found = most_missed(&whole, &across, count);
    assert!((0.119..0.36).contains(&found), "{found}");
    let within = most_missed(&whole, &whole.adjacency, count);
    assert!(within > 1.25 * found, "{within}");
    for cell in 0..count {
        let all = across.neighbours(cell);
        let inner = patch.adjacency.neighbours(cell);
        assert!(inner.iter().all(|other| all.contains(other)));
        assert!(inner.len() < 6 || all == inner, "{cell} is inside: {all:?}");
    }
}

#[test]
fn polynomials_are_exact_for_polynomials() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let patch = lattice(7, 7, 0.2);
    let centers: Vec<[f64; 2]> = patch
        .centers
        .iter()
        .map(|c| c.map(|x| x + random.random_range(-0.02..0.02)))
        .collect();
    let middle = 3 * 7 + 3;
    for degree in 0..=3 {
        let polynomials = LocalPolynomials::new(&centers, &patch.adjacency, degree);
        for power in polynomials.powers() {
            let value = |at: [f64; 2]| -> f64 {
                let offset = [at[0] - centers[middle][0], at[1] - centers[middle][1]];
                (0..2)
                    .map(|axis| (0..power[axis]).map(|_| offset[axis]).product::<f64>())
                    .product()
            };
            let mut found = vec![0.0; polynomials.powers().len()];
            for (cell, weights) in polynomials.stencil(middle) {
                for (sum, weight) in found.iter_mut().zip(weights) {
                    *sum += weight * value(centers[cell]);
                }
            }
            for (other, coefficient) in polynomials.powers().iter().zip(found) {
                let expected = if other == power { 1.0 } else { 0.0 };
                assert!(
                    (coefficient - expected).abs() < 1e-9,
                    "{power:?}, {other:?}"
                );
            }
        }
        // A constant is one of every polynomial, at the border too.
        for cell in 0..centers.len() {
            let mut sums = vec![0.0; polynomials.powers().len()];
            for (_, weights) in polynomials.stencil(cell) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += weight;
                }
            }
            assert!((sums[0] - 1.0).abs() < 1e-9);
            assert!(sums[1..].iter().all(|sum| sum.abs() < 1e-6));
        }
    }
}

/// A field that is seen with noise, and the quadratic likelihood of it.
fn seen(patch: &Lattice, amplitude: f64, range: f64, mean: f64, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let field = on_lattice(patch, 2);
    let n = patch.centers.len();
    // With Q = L L', a solution of L' x = white noise has the covariance of the field; the selected
    // tools give Q⁻¹ only: white noise through the rows of a dense root.
    let columns: Vec<Vec<f64>> = (0..n).map(|k| covariances(&field, range, k)).collect();
    let mut root = columns;
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
            let rest = root[i][j] - known;
            root[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / root[j][j]
            };
        }
    }
    let white: Vec<f64> = (0..n).map(|_| random.sample(StandardNormal)).collect();
    let noise = 0.3;
    let curvature = vec![1.0 / (noise * noise); n];
    let slope = (0..n)
        .map(|i| {
            let value: f64 = (0..=i).map(|k| root[i][k] * white[k]).sum();
            let error: f64 = random.sample(StandardNormal);
            (mean + amplitude * value + noise * error) / (noise * noise)
        })
        .collect();
    (curvature, slope)
}

fn with_problem<T>(
    patch: &Lattice,
    (diagonal, slope): &(Vec<f64>, Vec<f64>),
    has_free_mean: bool,
    ask: impl FnOnce(&Problem<'_>) -> T,
) -> T {
    let field = on_lattice(patch, 2);
    let pattern: SymmetricPattern = field.pattern().clone();
    let mut curvature = vec![0.0; pattern.len()];
    for (i, value) in diagonal.iter().enumerate() {
        curvature[pattern.diagonal(i)] = *value;
    }
    let priors = [Scaled {
        maps: vec![0],
        field,
        has_free_mean,
        usual_amplitude: 2.0,
        least_range: 0.2,
    }];
    let mut slope = slope.clone();
    slope.resize(pattern.size(), 0.0); // nothing is seen around the cells
    ask(&Problem {
        pattern: &pattern,
        analysis: &Analysis::new(&pattern),
        curvature: &curvature,
        slope: &slope,
        priors: &priors,
    })
}

#[test]
fn gradient_of_the_evidence_is_that_of_its_value() {
    let patch = lattice(12, 12, 0.2);
    let data = seen(&patch, 1.0, 0.8, 0.5, 4);
    for has_free_mean in [false, true] {
        with_problem(&patch, &data, has_free_mean, |problem| {
            let here = [[0.2, -0.4]];
            let gradient = problem.at(&here).unwrap().gradient;
            for k in 0..2 {
                let at = |step: f64| {
                    let mut scales = here;
                    scales[0][k] += step;
                    problem.at(&scales).unwrap().log_evidence
                };
                let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
                assert!(
                    (slope - gradient[k]).abs() < 1e-3 * (1.0 + slope.abs()),
                    "{k}: {slope}"
                );
            }
        });
    }
}

#[test]
fn what_a_prior_draws_is_how_variables_change_with_its_amplitude() {
    let patch = lattice(12, 12, 0.2);
    let data = seen(&patch, 1.0, 0.8, 0.5, 4);
    with_problem(&patch, &data, false, |problem| {
        let at = |step: f64| problem.at(&[[0.2 + step, -0.4]]).unwrap();
        let drawn = at(0.0).drawn(0);
        let (above, below) = (at(1e-4).deviation, at(-1e-4).deviation);
        for ((drawn, above), below) in drawn.iter().zip(above).zip(below) {
            let half = 0.5 * (above - below) / 2e-4;
            assert!((drawn - half).abs() < 1e-6, "{drawn}, {half}");
        }
        assert!(drawn.iter().any(|d| d.abs() > 0.01));
    });
}

#[test]
fn scales_of_a_field_are_found() {
    let patch = lattice(16, 16, 0.2);
    let mut z = [0.0; 2];
    let draws = 12;
    for seed in 0..draws {
        let data = seen(&patch, 1.5, 0.8, 3.0, seed);
        with_problem(&patch, &data, true, |problem| {
            let choice = problem.choose(&[[0.0, 0.0]]).unwrap();
            let curvature = problem.curvature_of_evidence(&choice.scales).unwrap();
            for (k, truth) in [1.5_f64.ln(), 0.8_f64.ln()].into_iter().enumerate() {
                z[k] += (choice.scales[0][k] - truth) * curvature[k][k].sqrt();
            }
            let found = problem.at(&choice.scales).unwrap();
            assert!((found.means[0].value - 3.0).abs() < 4.0 / found.means[0].precision.sqrt());
        });
    }
    // The mean of twelve, at less than four of its standard deviations; a curvature entry alone is at
    // least the inverse variance.
    for z in z {
        assert!(
            z.abs() / f64::from(u32::try_from(draws).unwrap()).sqrt() < 6.0,
            "{z}"
        );
    }
}
