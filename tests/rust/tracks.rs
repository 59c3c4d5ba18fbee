//! The likelihood of tracks: derivatives, an independent dense Gaussian, information, determinism.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::inference::likelihood::tracks::{Degrees, Field, Starts, TrackLikelihood, Tracks};
use tramway::inference::likelihood::{Evaluation, OfFields};
use tramway::operators::LocalPolynomials;
use tramway::optimizer::SymmetricPattern;
use tramway::tessellation::Adjacency;

use crate::support::{lattice, within};

const LOG_D: f64 = -2.3; // 0.1 µm²/s

fn normal(random: &mut impl Rng) -> f64 {
    random.sample(StandardNormal)
}

/// Walks about the middle of a region, with lags and noise that change, some steps outside of it.
fn walks<const D: usize>(
    centers: &[[f64; D]],
    count: usize,
    exposure: f64,
    seed: u64,
) -> Tracks<D> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut starts, mut positions, mut times) = (vec![0], Vec::new(), Vec::new());
    let (mut noise, mut cells) = (Vec::new(), Vec::new());
    for track in 0..count {
        let first = centers[random.random_range(0..centers.len())];
        let mut position = first.map(|c| c + 0.05 * normal(&mut random));
        let mut time = 0.0;
        for _ in 0..2 + track % 7 {
            let lag = random.random_range(0.01..0.03);
            time += lag;
            let variance = random.random_range(0.0..0.002);
            for c in &mut position {
                *c += (2.0 * LOG_D.exp() * lag).sqrt() * normal(&mut random);
            }
            let seen = position.map(|c| c + f64::sqrt(variance) * normal(&mut random));
            let distance = |center: &[f64; D]| {
                let squares = center.iter().zip(seen).map(|(a, b)| (a - b) * (a - b));
                squares.sum::<f64>().sqrt()
            };
            let nearest = (0..centers.len())
                .min_by(|&a, &b| distance(&centers[a]).total_cmp(&distance(&centers[b])))
                .unwrap();
            cells.push((distance(&centers[nearest]) < 0.15).then_some(nearest));
            positions.push(seen);
            times.push(time);
            noise.push(variance);
        }
        starts.push(positions.len());
    }
    Tracks::new(starts, positions, times, noise, cells, exposure).unwrap()
}

fn cube() -> (Vec<[f64; 3]>, Adjacency) {
    let at = |k: usize| 0.2 * k as f64;
    let centers: Vec<[f64; 3]> = (0..64)
        .map(|k| [at(k % 4), at(k / 4 % 4), at(k / 16)])
        .collect();
    let adjacency = within(&centers, 0.29);
    (centers, adjacency)
}

fn likelihood<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    field: Field,
    follows_diffusivity: bool,
    exposure: f64,
) -> TrackLikelihood<D> {
    let tracks = walks(centers, 200, exposure, 3);
    let degrees = Degrees {
        log_d: 1,
        field: if field == Field::Potential { 2 } else { 1 },
    };
    let start = vec![LOG_D; centers.len()];
    TrackLikelihood::new(
        tracks,
        centers,
        adjacency,
        field,
        degrees,
        follows_diffusivity,
        start,
    )
    .unwrap()
}

/// Variables about the start, each moved at random.
fn somewhere<const D: usize>(likelihood: &TrackLikelihood<D>, cells: usize) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut x = likelihood.start();
    for (k, x) in x.iter_mut().enumerate() {
        let size = if k < cells { 0.2 } else { 1.0 };
        *x += size * normal(&mut random);
    }
    x
}

fn check_gradient<const D: usize>(likelihood: &TrackLikelihood<D>, cells: usize) {
    let x = somewhere(likelihood, cells);
    let mut gradient = vec![0.0; x.len()];
    likelihood.add_gradient(&x, &mut gradient);
    let pattern = SymmetricPattern::new(x.len(), likelihood.couplings());
    let all = likelihood.evaluate(&x, &pattern);
    assert_eq!(all.gradient, gradient);
    assert_eq!(all.value.to_bits(), likelihood.value(&x).to_bits());
    for k in (0..x.len()).step_by(5) {
        let at = |step: f64| {
            let mut x = x.clone();
            x[k] += step;
            likelihood.value(&x)
        };
        let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!(
            (slope - gradient[k]).abs() <= 2e-6 * (1.0 + gradient[k].abs()),
            "variable {k}: {slope}, {}",
            gradient[k]
        );
    }
}

#[test]
fn gradient_is_that_of_the_value() {
    let patch = lattice(6, 6, 0.2);
    let (centers, adjacency) = cube();
    for field in [Field::None, Field::Drift, Field::Force, Field::Potential] {
        for (follows, exposure) in [(false, 0.0), (true, 0.008)] {
            let plane = likelihood(&patch.centers, &patch.adjacency, field, follows, exposure);
            check_gradient(&plane, patch.centers.len());
            let space = likelihood(&centers, &adjacency, field, follows, exposure);
            check_gradient(&space, centers.len());
        }
    }
}

/// Minus the logarithm of the density of a Gaussian vector of mean zero.
fn dense(covariance: &[Vec<f64>], vector: &[f64]) -> f64 {
    let n = vector.len();
    let mut factor = covariance.to_vec();
    let mut value = 0.5 * n as f64 * std::f64::consts::TAU.ln();
    let mut white = vector.to_vec();
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = factor[i][j] - known;
            factor[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / factor[j][j]
            };
        }
        let known: f64 = (0..i).map(|k| factor[i][k] * white[k]).sum();
        white[i] = (white[i] - known) / factor[i][i];
        value += factor[i][i].ln() + 0.5 * white[i] * white[i];
    }
    value
}

/// Displacements of Brownian motion between averages over an exposure, with noise: neighbours have the
/// covariance `D t_E / 3 − σ²` (Berglund, Phys. Rev. E 82, 011917, 2010, for equal lags).
#[test]
fn free_diffusion_is_a_dense_gaussian_of_displacements() {
    let centers = [[0.0, 0.0], [0.2, 0.0]];
    let adjacency = within(&centers, 0.3);
    let exposure = 0.009;
    let positions = vec![
        [0.01, 0.0],
        [0.05, -0.06],
        [-0.03, 0.02],
        [0.08, 0.1],
        [0.02, 0.09],
    ];
    let times = vec![0.0, 0.01, 0.033, 0.045, 0.1];
    let noise = vec![0.001, 0.0005, 0.002, 0.0, 0.0009];
    let cells = vec![Some(0); 5];
    let tracks = Tracks::new(
        vec![0, 5],
        positions.clone(),
        times.clone(),
        noise.clone(),
        cells,
        exposure,
    )
    .unwrap();
    let degrees = Degrees { log_d: 0, field: 1 };
    let start = vec![LOG_D; 2];
    let likelihood = TrackLikelihood::new(
        tracks,
        &centers,
        &adjacency,
        Field::None,
        degrees,
        false,
        start,
    )
    .unwrap();
    let d = 0.17_f64;
    let mut covariance = vec![vec![0.0; 4]; 4];
    for i in 0..4 {
        let lag = times[i + 1] - times[i];
        covariance[i][i] = 2.0 * d * (lag - exposure / 3.0) + noise[i] + noise[i + 1];
        if i > 0 {
            covariance[i][i - 1] = d * exposure / 3.0 - noise[i];
        }
    }
    let expected: f64 = (0..2)
        .map(|axis| {
            let steps: Vec<f64> = (0..4)
                .map(|i| positions[i + 1][axis] - positions[i][axis])
                .collect();
            dense(&covariance, &steps)
        })
        .sum();
    let value = likelihood.value(&[d.ln(); 2]);
    assert!(
        (value - expected).abs() < 1e-12 * expected.abs(),
        "{value}, {expected}"
    );
}

/// In a linear drift, positions are those of an Ornstein-Uhlenbeck process, and the covariance of all
/// localizations that of its exact solution; the filter differs by the third order of the drift over a lag.
#[test]
fn linear_drift_is_a_dense_gaussian_of_localizations() {
    let centers: Vec<[f64; 2]> = lattice(5, 5, 0.2).centers;
    let adjacency = within(&centers, 0.22);
    let middle = centers[12];
    let (rate, d) = (3.0_f64, 0.1_f64);
    let offsets = [[0.03, 0.01], [0.06, -0.03], [0.02, 0.02], [-0.04, 0.05]];
    let positions: Vec<[f64; 2]> = offsets
        .iter()
        .map(|o| [middle[0] + o[0], middle[1] + o[1]])
        .collect();
    let times = [0.0, 0.01, 0.025, 0.035];
    let noise = [0.0008, 0.001, 0.0005, 0.0012];
    let tracks = Tracks::new(
        vec![0, 4],
        positions,
        times.to_vec(),
        noise.to_vec(),
        vec![Some(12); 4],
        0.0,
    )
    .unwrap();
    let degrees = Degrees { log_d: 0, field: 1 };
    let start = vec![d.ln(); centers.len()];
    let likelihood = TrackLikelihood::new(
        tracks,
        &centers,
        &adjacency,
        Field::Drift,
        degrees,
        false,
        start,
    )
    .unwrap();
    let mut x = vec![d.ln(); centers.len()];
    for axis in 0..2 {
        x.extend(centers.iter().map(|c| -rate * (c[axis] - middle[axis])));
    }
    // With a first position that nothing is known of: of a variance far above all others.
    let unknown = 1e6;
    let mut covariance = vec![vec![0.0; 4]; 4];
    for i in 0..4 {
        for j in 0..=i {
            let decay = |k: usize| (-rate * times[k]).exp();
            covariance[i][j] = unknown * decay(i) * decay(j)
                + d / rate * ((-rate * (times[i] - times[j])).exp() - decay(i) * decay(j));
        }
        covariance[i][i] += noise[i];
    }
    let expected: f64 = (0..2)
        .map(|axis| {
            let seen: Vec<f64> = offsets.iter().map(|o| o[axis]).collect();
            dense(&covariance, &seen) - dense(&[vec![unknown + noise[0]]], &seen[..1])
        })
        .sum();
    let value = likelihood.value(&x);
    assert!((value - expected).abs() < 1e-4, "{value}, {expected}");
}

/// Under the model, the gradient has the curvature as its covariance: `g' H⁻¹ g` of a single variable is
/// 1 in the mean.
#[test]
fn curvature_is_the_variance_of_the_gradient() {
    let patch = lattice(5, 5, 0.2);
    let cells = patch.centers.len();
    let mut ratios = [0.0, 0.0];
    let draws = 60;
    for seed in 0..draws {
        // Walks without field, and all in some cell.
        let tracks = walks(&patch.centers, 300, 0.0, 100 + seed);
        let start = vec![LOG_D; cells];
        let degrees = Degrees { log_d: 1, field: 2 };
        let likelihood = TrackLikelihood::new(
            tracks,
            &patch.centers,
            &patch.adjacency,
            Field::Potential,
            degrees,
            false,
            start,
        )
        .unwrap();
        let x = likelihood.start();
        let pattern = SymmetricPattern::new(x.len(), likelihood.couplings());
        let all = likelihood.evaluate(&x, &pattern);
        for (map, ratio) in ratios.iter_mut().enumerate() {
            for cell in 0..cells {
                let k = map * cells + cell;
                *ratio += all.gradient[k].powi(2)
                    / all.curvature[pattern.diagonal(k)]
                    / (cells as f64 * draws as f64);
            }
        }
    }
    // 1,500 terms of variance 2, some of them correlated.
    for ratio in ratios {
        assert!((ratio - 1.0).abs() < 0.15, "{ratios:?}");
    }
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let patch = lattice(6, 6, 0.2);
    let tracks = walks(&patch.centers, 2_500, 0.0, 8);
    let degrees = Degrees { log_d: 1, field: 2 };
    let start = vec![LOG_D; patch.centers.len()];
    let likelihood = TrackLikelihood::new(
        tracks,
        &patch.centers,
        &patch.adjacency,
        Field::Potential,
        degrees,
        true,
        start,
    )
    .unwrap();
    let x = somewhere(&likelihood, patch.centers.len());
    let pattern = SymmetricPattern::new(x.len(), likelihood.couplings());
    let with = |threads: usize| {
        tramway::threads::set_thread_count(threads).unwrap();
        likelihood.evaluate(&x, &pattern)
    };
    let (one, four) = (with(1), with(4));
    assert_eq!(one.value.to_bits(), four.value.to_bits());
    assert_eq!(one.gradient, four.gradient);
    assert_eq!(one.curvature, four.curvature);
}

#[test]
fn steps_from_outside_count_for_nothing() {
    let centers = [[0.0, 0.0], [0.2, 0.0]];
    let adjacency = within(&centers, 0.3);
    let likelihood = |cells: Vec<Option<usize>>| {
        let positions = vec![[0.01, 0.0], [0.05, -0.06], [-0.03, 0.02]];
        let tracks = Tracks::new(
            vec![0, 3],
            positions,
            vec![0.0, 0.01, 0.02],
            vec![0.001; 3],
            cells,
            0.0,
        );
        let degrees = Degrees { log_d: 1, field: 2 };
        TrackLikelihood::new(
            tracks.unwrap(),
            &centers,
            &adjacency,
            Field::Potential,
            degrees,
            false,
            vec![LOG_D; 2],
        )
        .unwrap()
    };
    let x = [-2.0, -2.5, 0.3, -0.2];
    let nowhere = likelihood(vec![None; 3]);
    assert_eq!(nowhere.value(&x), 0.0);
    assert_eq!(nowhere.step_count(), 0);
    // The last localization begins no step.
    let all = likelihood(vec![Some(0), Some(0), Some(0)]);
    let but_last = likelihood(vec![Some(0), Some(0), None]);
    assert_eq!(all.value(&x).to_bits(), but_last.value(&x).to_bits());
    let second = likelihood(vec![None, Some(0), None]);
    assert_eq!(second.step_count(), 1);
    assert!(second.value(&x) != all.value(&x));
}

#[test]
fn tracks_that_are_none_are_refused() {
    let tracks = |starts: Vec<usize>, times: Vec<f64>, noise: f64, exposure: f64| {
        let count = times.len();
        Tracks::<2>::new(
            starts,
            vec![[0.0; 2]; count],
            times,
            vec![noise; count],
            vec![Some(0); count],
            exposure,
        )
        .unwrap_err()
        .to_string()
    };
    assert!(tracks(vec![0, 1], vec![0.0, 0.1], 0.0, 0.0).contains("starts"));
    assert!(tracks(vec![0, 2], vec![0.1, 0.1], 0.0, 0.0).contains("times[1]"));
    assert!(tracks(vec![0, 2], vec![0.0, 0.1], 0.0, 0.2).contains("times[1]"));
    assert!(tracks(vec![0, 2], vec![0.0, 0.1], f64::NAN, 0.0).contains("noise[0]"));
    assert!(tracks(vec![0, 2], vec![0.0, 0.1], 0.0, -1.0).contains("exposure"));
    let good = Tracks::<2>::new(
        vec![0, 1],
        vec![[0.0; 2]],
        vec![0.0],
        vec![0.0],
        vec![Some(4)],
        0.0,
    );
    let degrees = Degrees { log_d: 0, field: 1 };
    let centers = [[0.0, 0.0], [0.2, 0.0]];
    let refused = TrackLikelihood::new(
        good.unwrap(),
        &centers,
        &within(&centers, 0.3),
        Field::None,
        degrees,
        false,
        vec![LOG_D; 2],
    );
    assert!(refused.unwrap_err().to_string().contains("cells[0]"));
}

/// The density of starts on a lattice, for the potential of a quadratic polynomial.
#[test]
fn starts_have_the_density_of_a_potential_over_cell_and_noise() {
    let patch = lattice(7, 7, 0.2);
    let polynomials = LocalPolynomials::new(&patch.centers, &patch.adjacency, 2);
    let (noise, middle) = (9e-4, patch.centers[24]);
    let curvature = 40.0; // kT/µm²: a well of 3.6 kT and 0.3 µm
    let potential = |p: [f64; 2]| {
        let [x, y] = [p[0] - middle[0], p[1] - middle[1]];
        0.5 * curvature * (x * x + y * y) + 3.0 * x
    };
    let x: Vec<f64> = patch.centers.iter().map(|&c| potential(c)).collect();
    let mut volumes = vec![0.0; 49];
    volumes[24] = patch.volumes[24];
    let starts = Starts::new(&[0.0; 49], &volumes, noise, 0.0, &polynomials, 0);
    let pattern = SymmetricPattern::new(49, starts.couplings());
    let mut found = evaluation(49, &pattern);
    starts.add_to(&x, &pattern, &mut found);
    // The mean of a Gaussian's noise about the points of a hexagon, on a grid: of a quadratic form,
    // the mean over noise of variance s² is known in closed form.
    let (side, grid) = (0.2 / 3.0_f64.sqrt(), 400);
    let (mut sum, mut count) = (0.0, 0.0);
    for i in 0..grid {
        for j in 0..grid {
            let at = |k: usize| side * (2.0 * (k as f64 + 0.5) / grid as f64 - 1.0);
            let [px, py] = [at(i), at(j)];
            let is_inside = px.abs() <= 0.1 && px.abs() / 3.0_f64.sqrt() + py.abs() <= side;
            if is_inside {
                let width = 1.0 + curvature * noise;
                let exponent = |p: f64, slope: f64| {
                    let value = 0.5 * curvature * p * p + slope * p;
                    let slope = curvature * p + slope;
                    value - 0.5 * noise * slope * slope / width
                };
                sum += (-exponent(px, 3.0) - exponent(py, 0.0)).exp() / width;
                count += 1.0;
            }
        }
    }
    let expected = volumes[24] * sum / count;
    // To second order in the extent: the well takes a tenth off at its bottom.
    assert!(
        (found.value / expected - 1.0).abs() < 0.01,
        "{} {expected}",
        found.value
    );
}

#[test]
fn derivatives_of_starts_are_those_of_the_value() {
    let patch = lattice(6, 6, 0.2);
    let polynomials = LocalPolynomials::new(&patch.centers, &patch.adjacency, 2);
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let counts: Vec<f64> = (0..36).map(|k| f64::from(k % 5)).collect();
    let starts = Starts::new(&counts, &patch.volumes, 9e-4, 4.0, &polynomials, 2);
    let pattern = SymmetricPattern::new(38, starts.couplings());
    let x: Vec<f64> = (0..38).map(|_| normal(&mut random)).collect();
    let at = |x: &[f64]| {
        let mut found = evaluation(38, &pattern);
        starts.add_to(x, &pattern, &mut found);
        found
    };
    let here = at(&x);
    for k in 0..38 {
        let moved = |step: f64| {
            let mut x = x.clone();
            x[k] += step;
            at(&x).value
        };
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((slope - here.gradient[k]).abs() < 1e-6 * (1.0 + slope.abs()));
    }
    // The curvature is expected: exact where counts are the rates, but for the second derivative of the
    // logarithm, which counts then do not weigh. Without counts the value is the sum of the rates.
    let expected: f64 = counts.iter().sum();
    assert!((starts.count() - expected).abs() < 1e-12);
    let flat = vec![0.0; 38];
    let rates = at(&flat);
    let mut product = vec![0.0; 38];
    let ones: Vec<f64> = (0..38).map(|k| if k < 2 { 0.0 } else { 1.0 }).collect();
    pattern.multiply_add(&rates.curvature, &ones, &mut product);
    // A level on top of V lowers every rate alike: 1'H1 is the sum of the rates.
    let total: f64 = patch
        .volumes
        .iter()
        .map(|volume| volume * 4.0_f64.exp())
        .sum();
    let along: f64 = product.iter().sum();
    assert!((along / total - 1.0).abs() < 1e-9, "{along}, {total}");
}

fn evaluation(size: usize, pattern: &SymmetricPattern) -> Evaluation {
    Evaluation {
        value: 0.0,
        gradient: vec![0.0; size],
        curvature: vec![0.0; pattern.len()],
    }
}
