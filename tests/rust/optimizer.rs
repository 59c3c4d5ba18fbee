use proptest::collection::vec;
use proptest::prelude::*;
use tramway::optimizer::{
    Cholesky, Curvature, Objective, Settings, Status, SymmetricPattern, minimize, operations,
};

/// `½ xᵀA x − bᵀx` within lower bounds, dense and small.
struct Quadratic {
    matrix: Vec<Vec<f64>>,
    linear: Vec<f64>,
    bounds: Vec<f64>,
    pinned: Vec<usize>,
    pattern: SymmetricPattern,
}

impl Quadratic {
    fn new(matrix: &[&[f64]], linear: &[f64], bounds: &[f64]) -> Self {
        let size = linear.len();
        let all = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
        Self {
            matrix: matrix.iter().map(|row| row.to_vec()).collect(),
            linear: linear.to_vec(),
            bounds: bounds.to_vec(),
            pinned: vec![],
            pattern: SymmetricPattern::new(size, all),
        }
    }
}

impl Objective for Quadratic {
    fn lower_bounds(&self) -> &[f64] {
        &self.bounds
    }
    fn pinned(&self) -> &[usize] {
        &self.pinned
    }
    fn value(&self, x: &[f64]) -> f64 {
        let mut product = vec![0.0; x.len()];
        self.gradient(x, &mut product);
        x.iter()
            .zip(&product)
            .zip(&self.linear)
            .map(|((x, g), b)| 0.5 * x * (g - b))
            .sum()
    }
    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        for (i, row) in self.matrix.iter().enumerate() {
            gradient[i] = row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>() - self.linear[i];
        }
    }
    fn pattern(&self) -> &SymmetricPattern {
        &self.pattern
    }
    fn curvature(&self, _: &[f64], _: Curvature, values: &mut [f64]) {
        for j in 0..self.linear.len() {
            for i in j..self.linear.len() {
                values[self.pattern.slot(i, j)] = self.matrix[i][j];
            }
        }
    }
}

/// `Σ (x² − 1)²`, with negative curvature around zero; its expected curvature is made up: 8.
struct DoubleWell(SymmetricPattern, Vec<f64>);

impl Objective for DoubleWell {
    fn lower_bounds(&self) -> &[f64] {
        &self.1
    }
    fn pinned(&self) -> &[usize] {
        &[]
    }
    fn value(&self, x: &[f64]) -> f64 {
        x.iter().map(|x| (x * x - 1.0).powi(2)).sum()
    }
    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        for (g, x) in gradient.iter_mut().zip(x) {
            *g = 4.0 * x * (x * x - 1.0);
        }
    }
    fn pattern(&self) -> &SymmetricPattern {
        &self.0
    }
    fn curvature(&self, x: &[f64], which: Curvature, values: &mut [f64]) {
        for (value, x) in values.iter_mut().zip(x) {
            *value = match which {
                Curvature::Exact => 12.0 * x * x - 4.0,
                Curvature::Expected => 8.0,
            };
        }
    }
}

const FREE: f64 = f64::NEG_INFINITY;

fn run(objective: &impl Objective, x: &mut [f64]) -> tramway::optimizer::Report {
    minimize(objective, x, &Settings::default(), &mut || false)
}

#[test]
fn a_quadratic_takes_one_step_to_its_minimum() {
    let objective = Quadratic::new(&[&[2.0, 1.0], &[1.0, 3.0]], &[1.0, 2.0], &[FREE, FREE]);
    let mut x = [5.0, -5.0];
    let report = run(&objective, &mut x);
    // A x = b has the solution (1/5, 3/5); the second iteration finds nothing left to gain.
    assert!(
        (x[0] - 0.2).abs() < 1e-9 && (x[1] - 0.6).abs() < 1e-9,
        "{x:?}"
    );
    assert_eq!((report.status, report.iterations), (Status::Converged, 2));
}

#[test]
fn bounds_are_kept_and_released_as_the_multipliers_say() {
    // Unbounded minimum (−1, 2) with strong coupling: with x ≥ 0 the minimum is (0, 1.1), since then
    // the second equation reads 2 y = 2.2.
    let objective = Quadratic::new(&[&[2.0, 1.8], &[1.8, 2.0]], &[1.6, 2.2], &[0.0, 0.0]);
    for start in [[0.0, 0.0], [3.0, 3.0], [0.0, 5.0]] {
        let mut x = start;
        assert_eq!(run(&objective, &mut x).status, Status::Converged);
        assert!(x[0] == 0.0 && (x[1] - 1.1).abs() < 1e-9, "{x:?}");
    }
    // And from a bound that is not active at the minimum.
    let objective = Quadratic::new(&[&[1.0, 0.0], &[0.0, 1.0]], &[1.0, 2.0], &[0.0, 0.0]);
    let mut x = [0.0, 0.0];
    run(&objective, &mut x);
    assert!((x[0] - 1.0).abs() < 1e-9 && (x[1] - 2.0).abs() < 1e-9);
}

#[test]
fn random_bounded_quadratics_meet_the_optimality_conditions() {
    use rand::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    for _ in 0..50 {
        let size = rng.random_range(2..12);
        let root: Vec<Vec<f64>> = (0..size)
            .map(|_| (0..size).map(|_| rng.random_range(-1.0..1.0)).collect())
            .collect();
        let matrix: Vec<Vec<f64>> = (0..size)
            .map(|i| {
                (0..size)
                    .map(|j| {
                        let product: f64 = (0..size).map(|k| root[i][k] * root[j][k]).sum();
                        product + if i == j { 0.1 } else { 0.0 }
                    })
                    .collect()
            })
            .collect();
        let rows: Vec<&[f64]> = matrix.iter().map(Vec::as_slice).collect();
        let linear: Vec<f64> = (0..size).map(|_| rng.random_range(-1.0..1.0)).collect();
        let objective = Quadratic::new(&rows, &linear, &vec![0.0; size]);
        let mut x = vec![1.0; size];
        assert_eq!(run(&objective, &mut x).status, Status::Converged);
        let mut gradient = vec![0.0; size];
        objective.gradient(&x, &mut gradient);
        for (x, g) in x.iter().zip(gradient) {
            // Karush-Kuhn-Tucker: no slope inside, no slope inwards on the bound.
            assert!(
                if *x > 0.0 { g.abs() < 1e-6 } else { g > -1e-6 },
                "x {x}, gradient {g}"
            );
        }
    }
}

#[test]
fn pinned_variables_stay() {
    // Constant along (1, 1): singular unless one is pinned.
    let mut objective = Quadratic::new(&[&[1.0, -1.0], &[-1.0, 1.0]], &[1.0, -1.0], &[FREE, FREE]);
    objective.pinned = vec![1];
    let mut x = [0.0, 4.0];
    assert_eq!(run(&objective, &mut x).status, Status::Converged);
    assert!((x[0] - 5.0).abs() < 1e-9 && x[1] == 4.0);
}

#[test]
fn negative_curvature_is_replaced_by_the_expected_one() {
    let objective = DoubleWell(SymmetricPattern::new(2, []), vec![FREE; 2]);
    let mut x = [0.1, -0.2];
    assert_eq!(run(&objective, &mut x).status, Status::Converged);
    assert!((x[0] - 1.0).abs() < 1e-6 && (x[1] + 1.0).abs() < 1e-6);
}

/// `Σ (eˣ − x)`, least at zero.
struct Exponential(SymmetricPattern, Vec<f64>);

impl Objective for Exponential {
    fn lower_bounds(&self) -> &[f64] {
        &self.1
    }
    fn pinned(&self) -> &[usize] {
        &[]
    }
    fn value(&self, x: &[f64]) -> f64 {
        x.iter().map(|x| x.exp() - x).sum()
    }
    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        for (g, x) in gradient.iter_mut().zip(x) {
            *g = x.exp() - 1.0;
        }
    }
    fn pattern(&self) -> &SymmetricPattern {
        &self.0
    }
    fn curvature(&self, x: &[f64], _: Curvature, values: &mut [f64]) {
        for (value, x) in values.iter_mut().zip(x) {
            *value = x.exp();
        }
    }
}

#[test]
fn near_the_minimum_the_last_factorization_serves_again() {
    for bounds in [[FREE; 2], [-1.0; 2], [0.0, FREE], [0.1, 0.0]] {
        let objective = Exponential(SymmetricPattern::new(2, []), bounds.to_vec());
        let mut x = [0.4, 0.3];
        let report = run(&objective, &mut x);
        assert_eq!(report.status, Status::Converged);
        for (x, bound) in x.iter().zip(bounds) {
            assert!((x - bound.max(0.0)).abs() < 1e-6, "{x} with {bound}");
        }
        if bounds == [FREE; 2] {
            assert!(report.factorizations < report.iterations, "{report:?}");
        }
    }
}

#[test]
fn it_stops_when_told() {
    let objective = DoubleWell(SymmetricPattern::new(1, []), vec![FREE]);
    let limited = |settings: Settings, stop: bool| {
        minimize(&objective, &mut [0.1], &settings, &mut || stop).status
    };
    let settings = Settings::default();
    assert_eq!(
        limited(
            Settings {
                max_iterations: 1,
                ..settings
            },
            false
        ),
        Status::MaxIterations
    );
    let no_time = Some(std::time::Duration::ZERO);
    assert_eq!(
        limited(
            Settings {
                max_time: no_time,
                ..settings
            },
            false
        ),
        Status::MaxTime
    );
    assert_eq!(limited(settings, true), Status::Interrupted);
}

#[test]
fn cholesky_solves_and_refuses_what_is_not_positive_definite() {
    // The arrow matrix, solved against the product with a known vector.
    let size = 50;
    let pattern = SymmetricPattern::new(size, (1..size).map(|i| (i, 0)));
    let mut values = vec![0.0; pattern.len()];
    for i in 0..size {
        values[pattern.diagonal(i)] = if i == 0 { 100.0 } else { 2.0 };
        if i > 0 {
            values[pattern.slot(0, i)] = -1.0;
        }
    }
    let solution: Vec<f64> = (0..size).map(|i| i as f64 - 20.0).collect();
    let mut right = vec![0.0; size];
    pattern.multiply_add(&values, &solution, &mut right);
    let mut cholesky = Cholesky::new(&pattern);
    assert!(cholesky.factorize(&values));
    cholesky.solve(&mut right);
    for (a, b) in right.iter().zip(&solution) {
        assert!((a - b).abs() < 1e-11);
    }
    values[pattern.diagonal(0)] = 1.0; // the Schur complement is 1 − 49/2
    assert!(!cholesky.factorize(&values));
}

#[test]
fn a_dense_matrix_of_any_size_is_factorized_unless_its_last_pivot_is_negative() {
    // Identity and ones: determinant 1 + n, and the inverse times ones is 1/(1 + n) (Sherman & Morrison). The
    // last pivot is its diagonal entry less (n − 1)/n.
    for size in [
        1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 66, 100, 131, 199, 270,
    ] {
        let pattern =
            SymmetricPattern::new(size, (0..size).flat_map(|i| (0..i).map(move |j| (i, j))));
        let mut values = vec![1.0; pattern.len()];
        for i in 0..size {
            values[pattern.diagonal(i)] = 2.0;
        }
        let expected = 1.0 / (1.0 + size as f64);
        let mut cholesky = Cholesky::new(&pattern);
        assert!(cholesky.factorize(&values));
        assert!((cholesky.log_determinant() + expected.ln()).abs() < 1e-13 * size as f64);
        let mut solution = vec![1.0; size];
        cholesky.solve(&mut solution);
        assert!(solution.iter().all(|x| (x - expected).abs() < 1e-13));
        for above in [0.01, -0.01] {
            // Whichever is eliminated last.
            values[pattern.diagonal(size - 1)] = above + (size - 1) as f64 / size as f64;
            assert_eq!(cholesky.factorize(&values), above > 0.0);
        }
        values[pattern.diagonal(0)] = f64::NAN;
        assert!(!cholesky.factorize(&values));
    }
}

#[test]
fn large_parts_that_share_a_few_unknowns_are_solved_and_inverted() {
    // Each part has more columns than products are summed over at a time. The diagonal is larger than the sum of
    // the row beside it, so every entry of the inverse is below one, and rounding errors stay near 1e-16.
    for (part, shared) in [(150, 20), (131, 1), (65, 3), (257, 42)] {
        let size = 2 * part + shared;
        let is_coupled =
            |i: usize, j: usize| i >= 2 * part || j >= 2 * part || i / part == j / part;
        let pairs = (0..size).flat_map(|i| (0..i).map(move |j| (i, j)));
        let pairs: Vec<_> = pairs.filter(|&(i, j)| is_coupled(i, j)).collect();
        let pattern = SymmetricPattern::new(size, pairs.iter().copied());
        let mut values = vec![0.0; pattern.len()];
        for &(i, j) in &pairs {
            values[pattern.slot(i, j)] = 1.0 / (1 + (i + 2 * j) % 5) as f64;
        }
        for i in 0..size {
            values[pattern.diagonal(i)] = (size + i % 3) as f64;
        }
        let mut cholesky = Cholesky::new(&pattern);
        assert!(cholesky.factorize(&values));
        let inverse = cholesky.clone().selected_inverse();
        for j in (0..size).step_by(7) {
            let mut column = vec![0.0; size];
            column[j] = 1.0;
            cholesky.solve(&mut column);
            let mut product = vec![0.0; size];
            pattern.multiply_add(&values, &column, &mut product);
            for i in 0..size {
                assert!((product[i] - f64::from(u8::from(i == j))).abs() < 1e-13);
                if i == j || is_coupled(i, j) {
                    assert!((inverse.get(i, j) - column[i]).abs() < 1e-15);
                }
            }
        }
    }
}

#[test]
fn the_selected_inverse_is_the_inverse() {
    // Against columns of the inverse by solving, on the Laplacian of a grid with some mass added.
    let side = 12;
    let edges = (0..side * side).flat_map(|i| {
        let right = (i % side + 1 < side).then_some((i, i + 1));
        let down = (i + side < side * side).then_some((i, i + side));
        right.into_iter().chain(down)
    });
    let pattern = SymmetricPattern::new(side * side, edges.clone());
    let mut values = vec![0.0; pattern.len()];
    for i in 0..side * side {
        values[pattern.diagonal(i)] = 0.1 + (i % 7) as f64;
    }
    for (i, j) in edges.clone() {
        values[pattern.slot(i, j)] -= 1.0;
        values[pattern.diagonal(i)] += 1.0;
        values[pattern.diagonal(j)] += 1.0;
    }
    let mut cholesky = Cholesky::new(&pattern);
    assert!(cholesky.factorize(&values));
    let inverse = cholesky.clone().selected_inverse();
    for j in 0..side * side {
        let mut column = vec![0.0; side * side];
        column[j] = 1.0;
        cholesky.solve(&mut column);
        assert!((inverse.get(j, j) - column[j]).abs() < 1e-12);
        for (a, b) in edges.clone().filter(|&(a, b)| a == j || b == j) {
            assert!((inverse.get(a, b) - column[a + b - j]).abs() < 1e-12);
        }
    }
}

#[test]
fn the_determinant_is_that_of_the_matrix() {
    // The arrow matrix: 2^49 (100 − 49/2), by its Schur complement.
    let pattern = SymmetricPattern::new(50, (1..50).map(|i| (i, 0)));
    let mut values = vec![-1.0; pattern.len()];
    for i in 0..50 {
        values[pattern.diagonal(i)] = if i == 0 { 100.0 } else { 2.0 };
    }
    let mut cholesky = Cholesky::new(&pattern);
    assert!(cholesky.factorize(&values));
    let expected = 49.0 * 2.0_f64.ln() + 75.5_f64.ln();
    assert!((cholesky.log_determinant() - expected).abs() < 1e-12);
}

proptest! {
    /// Any graph: with parts that nothing connects, rows by themselves, pairs that are told twice.
    #[test]
    fn factors_and_inverses_are_right_on_any_graph(
        size in 1..60_usize,
        edges in vec((0..60_usize, 0..60_usize), 0..150),
    ) {
        let edges = edges.iter().map(|(i, j)| (i % size, j % size));
        let edges: Vec<_> = edges.filter(|(i, j)| i != j).collect();
        let pattern = SymmetricPattern::new(size, edges.iter().copied());
        let mut values = vec![0.0; pattern.len()];
        for i in 0..size {
            values[pattern.diagonal(i)] = 1.0 + (i % 5) as f64;
        }
        for &(i, j) in &edges {
            values[pattern.slot(i, j)] -= 1.0;
            values[pattern.diagonal(i)] += 1.0;
            values[pattern.diagonal(j)] += 1.0;
        }
        let mut cholesky = Cholesky::new(&pattern);
        prop_assert!(cholesky.factorize(&values));
        let inverse = cholesky.clone().selected_inverse();
        for j in 0..size {
            let mut column = vec![0.0; size];
            column[j] = 1.0;
            cholesky.solve(&mut column);
            let mut product = vec![0.0; size];
            pattern.multiply_add(&values, &column, &mut product);
            for (i, value) in product.iter().enumerate() {
                prop_assert!((value - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
            prop_assert!((inverse.get(j, j) - column[j]).abs() < 1e-12);
            for &(a, b) in edges.iter().filter(|(a, b)| *a == j || *b == j) {
                prop_assert!((inverse.get(a, b) - column[a + b - j]).abs() < 1e-12);
            }
        }
    }
}

/// Values for a grid of unknowns, each coupled to the next ones and to those diagonally across.
fn grid(side: usize) -> (SymmetricPattern, Vec<f64>, Vec<[f64; 2]>) {
    let number = |x: usize, y: usize| x * side + y;
    let inside = |x: usize, y: usize| x < side && y < side;
    let mut pairs = Vec::new();
    let mut places = Vec::new();
    for x in 0..side {
        for y in 0..side {
            places.push([x as f64, y as f64]);
            let others = [(x + 1, y), (x, y + 1), (x + 1, y + 1), (x + 2, y)];
            let others = others.into_iter().filter(|&(x, y)| inside(x, y));
            pairs.extend(others.map(|(a, b)| (number(x, y), number(a, b))));
        }
    }
    let pattern = SymmetricPattern::new(side * side, pairs.iter().copied());
    let mut values = vec![0.0; pattern.len()];
    for (k, &(i, j)) in pairs.iter().enumerate() {
        let weight = 1.0 + (k % 7) as f64;
        values[pattern.slot(i, j)] = -weight;
        values[pattern.diagonal(i)] += weight;
        values[pattern.diagonal(j)] += weight;
    }
    for i in 0..pattern.size() {
        values[pattern.diagonal(i)] += 0.1;
    }
    (pattern, values, places)
}

#[test]
fn places_change_the_order_of_elimination_and_nothing_else() {
    let (pattern, values, places) = grid(130);
    let nowhere = vec![[0.0; 2]; pattern.size()];
    let patterns = [
        pattern.clone(),
        pattern.clone().at(places),
        pattern.clone().at(nowhere),
    ];
    let right: Vec<f64> = (0..pattern.size()).map(|i| (i % 11) as f64).collect();
    let found = patterns.map(|pattern| {
        let mut cholesky = Cholesky::new(&pattern);
        assert!(cholesky.factorize(&values));
        let mut solution = right.clone();
        cholesky.solve(&mut solution);
        (
            solution,
            cholesky.log_determinant(),
            cholesky.selected_inverse(),
        )
    });
    let mut product = vec![0.0; pattern.size()];
    pattern.multiply_add(&values, &found[0].0, &mut product);
    for (a, b) in product.iter().zip(&right) {
        assert!((a - b).abs() < 1e-9);
    }
    for (solution, log_determinant, inverse) in &found[1..] {
        for (a, b) in solution.iter().zip(&found[0].0) {
            assert!((a - b).abs() < 1e-9 * b.abs());
        }
        assert!((log_determinant - found[0].1).abs() < 1e-8);
        for i in (0..pattern.size()).step_by(37) {
            let entry = pattern.rows()[pattern.starts()[i + 1] - 1] as usize;
            assert!((inverse.get(i, entry) - found[0].2.get(i, entry)).abs() < 1e-10);
        }
    }
}

/// Where couplings reach twice as far along one axis, and along one diagonal only, no line cuts few of them.
#[test]
fn an_order_by_places_takes_fewer_operations_than_that_of_minimum_degree() {
    let (pattern, _, places) = grid(130);
    let [_, by_degree] = operations(&pattern);
    let [_, by_places] = operations(&pattern.at(places));
    assert!(by_places < by_degree, "{by_places} {by_degree}");
}

/// As those of a potential, or of vectors, which are at the centers of the cells whose D comes first.
#[test]
fn rows_beyond_the_places_are_at_the_same_places_in_turn() {
    let (cells, _, places) = grid(80);
    let count = places.len();
    let starts = cells.starts().windows(2).enumerate();
    let near: Vec<(usize, usize)> = starts
        .flat_map(|(j, ends)| {
            let rows = cells.rows()[ends[0]..ends[1]].iter();
            rows.map(move |&i| (i as usize, j))
        })
        .collect();
    let later = |k: usize, axis: usize| count + 2 * k + axis;
    let all = near.iter().flat_map(|&(i, j)| {
        let of_axis = |axis| [(later(i, axis), later(j, axis)), (i, later(j, axis))];
        [vec![(i, j)], of_axis(0).to_vec(), of_axis(1).to_vec()].concat()
    });
    let pattern = SymmetricPattern::new(3 * count, all);
    let twice = places.iter().flat_map(|&place| [place; 2]).collect();
    let each = pattern.clone().at([places.clone(), twice].concat());
    let elsewhere = pattern
        .clone()
        .at([places.clone(), places.clone(), places.clone()].concat());
    let [in_turn, each, elsewhere] =
        [pattern.at(places), each, elsewhere].map(|pattern| operations(&pattern));
    assert_eq!(in_turn, each);
    assert_ne!(in_turn, elsewhere);
}

/// A square lattice of n × n with both diagonals, by straight separators: 829/84 n³ multiplications, as many additions, and
/// terms of lower order (George, SIAM J. Numer. Anal. 10, 345, 1973), without which it is a bound here.
#[test]
fn an_order_by_places_of_a_lattice_takes_the_operations_of_nested_dissection() {
    let side = 130_usize;
    let near = |a: usize, b: usize| {
        (a / side)
            .abs_diff(b / side)
            .max((a % side).abs_diff(b % side))
            == 1
    };
    let couplings = (0..side * side).flat_map(|a| {
        let later = [1, side - 1, side, side + 1].map(|step| (a, a + step));
        later
            .into_iter()
            .filter(|&(a, b)| b < side * side && near(a, b))
    });
    let places = (0..side * side).map(|k| [(k % side) as f64, (k / side) as f64]);
    let pattern = SymmetricPattern::new(side * side, couplings).at(places.collect());
    let [_, found] = operations(&pattern);
    let expected = 2.0 * 829.0 / 84.0 * (side as f64).powi(3);
    assert!(found < expected, "{}", found / expected);
}

#[test]
fn memory_of_a_factorization_that_failed_or_is_over_does_no_harm() {
    let (pattern, values, _) = grid(12);
    let negative: Vec<f64> = values.iter().map(|value| -value).collect();
    let mut first = Cholesky::new(&pattern);
    assert!(first.factorize(&values));
    let determinant = first.log_determinant();
    let inverse = first.clone().selected_inverse().get(5, 5);
    assert!(!first.factorize(&negative));
    drop(first);
    let [mut second, mut third] = [(); 2].map(|()| Cholesky::new(&pattern));
    for cholesky in [&mut second, &mut third] {
        assert!(cholesky.factorize(&values));
        assert_eq!(cholesky.log_determinant().to_bits(), determinant.to_bits());
        let again = cholesky.clone().selected_inverse().get(5, 5);
        assert_eq!(again.to_bits(), inverse.to_bits());
    }
}
