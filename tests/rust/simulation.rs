//! Simulated walks, against the statistics that theory gives them.

use tramway::simulation::{Gaussian, GaussianLandscape, Landscape, Movie, simulate};
use tramway::threads::set_thread_count;

fn movie<const D: usize>(size: f64) -> Movie<D> {
    Movie {
        track_count: 2000,
        track_length: 11,
        frame_interval: 0.05,
        substeps: 10,
        localization_precision: 0.0,
        lower: [0.0; D],
        upper: [size; D],
    }
}

fn flat<const D: usize>(diffusivity: f64) -> GaussianLandscape<D> {
    GaussianLandscape::new(diffusivity, vec![], vec![]).unwrap()
}

fn well(depth: f64, width: f64) -> Gaussian<2> {
    Gaussian {
        center: [0.5, 0.5],
        height: depth,
        width,
    }
}

/// Mean, and its standard error, of independent numbers.
fn mean(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / count;
    (mean, (variance / count).sqrt())
}

#[track_caller]
fn assert_mean(values: &[f64], expected: f64) {
    let (mean, error) = mean(values);
    // Four standard errors: one seed in 16,000 would fail.
    assert!(
        (mean - expected).abs() < 4.0 * error,
        "{mean} ± {error} is not {expected}"
    );
}

/// ⟨|r(t) − r(0)|²⟩ = 2 d D t, plus the variance 2 d σ² of two localizations.
#[test]
fn free_diffusion_spreads_as_it_should() {
    fn check<const D: usize>(localization_precision: f64) {
        let movie = Movie {
            localization_precision,
            ..movie::<D>(1e3)
        };
        let tracks = simulate(&flat::<D>(0.2), &movie, 1).unwrap();
        for lag in [1, 10] {
            let squared: Vec<f64> = tracks
                .chunks(movie.track_length)
                .map(|track| (0..D).map(|d| (track[lag][d] - track[0][d]).powi(2)).sum())
                .collect();
            let time = lag as f64 * movie.frame_interval;
            let noise = localization_precision.powi(2);
            assert_mean(&squared, 2.0 * D as f64 * (0.2 * time + noise));
        }
    }
    check::<2>(0.0);
    check::<2>(0.05);
    check::<3>(0.05);
}

/// The error of a localization is shared: successive displacements have covariance −σ² per axis.
#[test]
fn successive_displacements_share_a_localization() {
    let movie = Movie {
        localization_precision: 0.1,
        ..movie::<2>(1e3)
    };
    let tracks = simulate(&flat::<2>(0.05), &movie, 2).unwrap();
    let products: Vec<f64> = tracks
        .chunks(movie.track_length)
        .map(|track| (track[1][0] - track[0][0]) * (track[2][0] - track[1][0]))
        .collect();
    assert_mean(&products, -0.01);
}

/// Start positions and those after many frames both have density exp(−V): the share of molecules
/// in a disc is the integral of exp(−V), here by a sum over a fine grid.
#[test]
fn equilibrium_is_that_of_the_potential() {
    let potential = vec![
        Gaussian {
            center: [0.3, 0.4],
            height: 2.0,
            width: 0.15,
        },
        Gaussian {
            center: [0.8, 0.7],
            height: -1.0,
            width: 0.2,
        },
    ];
    let bumps = vec![Gaussian {
        center: [0.35, 0.6],
        height: 0.3,
        width: 0.2,
    }];
    let landscape = GaussianLandscape::new(0.1, bumps, potential).unwrap();
    let movie = Movie {
        track_length: 41,
        substeps: 200,
        ..movie(1.0)
    };
    let tracks = simulate(&landscape, &movie, 3).unwrap();

    let grid: Vec<[f64; 2]> = (0..400 * 400)
        .map(|i| {
            [
                (f64::from(i % 400) + 0.5) / 400.0,
                (f64::from(i / 400) + 0.5) / 400.0,
            ]
        })
        .collect();
    let weight = |point: &[f64; 2]| (-landscape.potential(point)).exp();
    let total: f64 = grid.iter().map(weight).sum();
    for (center, radius) in [([0.3, 0.4], 0.15), ([0.8, 0.7], 0.25), ([0.35, 0.6], 0.2)] {
        let inside = |p: &[f64; 2]| (p[0] - center[0]).hypot(p[1] - center[1]) < radius;
        let share = grid.iter().filter(|&p| inside(p)).map(weight).sum::<f64>() / total;
        for frame in [0, 40] {
            let found: Vec<f64> = tracks
                .chunks(movie.track_length)
                .map(|track| f64::from(u8::from(inside(&track[frame]))))
                .collect();
            assert_mean(&found, share);
        }
    }
}

/// Against central differences; their error, h² / 6 times a third derivative, is below 1e-7 here.
#[test]
fn force_and_gradient_are_derivatives() {
    let bumps = vec![Gaussian {
        center: [0.2, 0.7],
        height: 0.3,
        width: 0.3,
    }];
    let landscape = GaussianLandscape::new(0.5, bumps, vec![well(3.0, 0.4)]).unwrap();
    let step = 1e-5;
    for point in [[0.1, 0.2], [0.45, 0.55], [1.2, -0.3]] {
        let force = landscape.force(&point);
        let gradient = landscape.diffusivity_gradient(&point);
        for d in 0..2 {
            let (mut ahead, mut behind) = (point, point);
            ahead[d] += step;
            behind[d] -= step;
            let slope = (landscape.potential(&ahead) - landscape.potential(&behind)) / (2.0 * step);
            assert!((force[d] + slope).abs() < 1e-7);
            let slope =
                (landscape.diffusivity(&ahead) - landscape.diffusivity(&behind)) / (2.0 * step);
            assert!((gradient[d] - slope).abs() < 1e-7);
        }
    }
}

#[test]
fn walls_keep_molecules_inside() {
    // Molecules cross this box several times between two frames.
    let movie = Movie {
        upper: [0.01, 3.0],
        ..movie(1.0)
    };
    let tracks = simulate(&flat::<2>(0.5), &movie, 4).unwrap();
    assert!(
        tracks
            .iter()
            .all(|p| (0.0..=0.01).contains(&p[0]) && (0.0..=3.0).contains(&p[1]))
    );
    // A uniform density on [0, 0.01] has mean 0.005.
    let last: Vec<f64> = tracks.chunks(11).map(|track| track[10][0]).collect();
    assert_mean(&last, 0.005);
}

#[test]
fn equal_seeds_give_equal_walks_whatever_the_threads() {
    let landscape = GaussianLandscape::new(0.1, vec![], vec![well(4.0, 0.2)]).unwrap();
    let movie = Movie {
        track_count: 50,
        localization_precision: 0.02,
        ..movie(1.0)
    };
    let walk = |seed| simulate(&landscape, &movie, seed).unwrap();
    let reference = walk(5);
    for threads in [1, 3] {
        set_thread_count(threads).unwrap();
        assert_eq!(walk(5), reference);
    }
    set_thread_count(0).unwrap();
    assert_ne!(walk(6), reference);
    let more = Movie {
        track_count: 60,
        ..movie.clone()
    };
    assert_eq!(
        simulate(&landscape, &more, 5).unwrap()[..reference.len()],
        reference
    );
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    let message = |movie: Movie<2>| simulate(&flat(0.1), &movie, 1).unwrap_err().to_string();
    assert!(
        message(Movie {
            track_length: 0,
            ..movie(1.0)
        })
        .contains("`track_length`")
    );
    assert!(
        message(Movie {
            track_count: usize::MAX,
            ..movie(1.0)
        })
        .contains("`track_count`")
    );
    assert!(
        message(Movie {
            substeps: 0,
            ..movie(1.0)
        })
        .contains("`substeps`")
    );
    assert!(
        message(Movie {
            frame_interval: f64::NAN,
            ..movie(1.0)
        })
        .contains("`frame_interval`")
    );
    let noisy = Movie {
        localization_precision: -0.1,
        ..movie(1.0)
    };
    assert!(message(noisy).contains("`localization_precision`"));
    assert!(message(movie(0.0)).contains("`upper`"));
    assert!(message(movie(f64::INFINITY)).contains("finite"));

    let narrow = GaussianLandscape::new(1.0, vec![], vec![well(1.0, 0.1)]).unwrap();
    let error = simulate(&narrow, &movie(1.0), 1).unwrap_err().to_string();
    assert!(
        error.contains("`substeps` is 10, steps of 0.100 µm"),
        "{error}"
    );

    assert!(GaussianLandscape::<2>::new(0.0, vec![], vec![]).is_err());
    assert!(GaussianLandscape::new(0.1, vec![well(-0.2, 1.0)], vec![]).is_err());
    assert!(GaussianLandscape::new(0.1, vec![], vec![well(1.0, 0.0)]).is_err());
    assert!(GaussianLandscape::new(0.1, vec![], vec![well(f64::NAN, 1.0)]).is_err());
}
