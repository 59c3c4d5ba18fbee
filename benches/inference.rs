//! Kernels of the DV inference on square patches of hexagons, by decades of cells.

#![allow(missing_docs, clippy::cast_possible_wrap)]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::hint::black_box;
use tramway::inference::{Laplace, Model, Parameters, Posterior, choose_priors};
use tramway::operators::Smoothness;
use tramway::optimizer::{Curvature, Objective, Settings, minimize};
use tramway::statistics::CellStatistics;
use tramway::tessellation::hexagons;

/// About `cells` cells of 100 displacements each, with D = 0.1 µm²/s, σ = 0.03 µm and priors 20, 1.
fn posterior(cells: usize) -> Posterior<2> {
    let side = (cells as f64).sqrt();
    let frame = hexagons::Frame {
        lower: [0.0; 2],
        upper: [side; 2],
        tilt: 0.0,
        pivot: [0.5 * side; 2],
    };
    let mesh = hexagons::by_spacing(&frame, 1.07)
        .expect("a lattice")
        .tessellation;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let count = mesh.centers.len() * 100;
    let cell: Vec<i64> = (0..count).map(|k| (k / 100) as i64).collect();
    let displacements: Vec<[f64; 2]> = (0..count)
        .map(|_| [0; 2].map(|_| 0.077 * rng.sample::<f64, _>(StandardNormal)))
        .collect();
    let lags = vec![0.025; count];
    let statistics = CellStatistics::new(mesh.centers.len(), &cell, &displacements, &lags)
        .expect("valid displacements");
    let parameters = Parameters {
        localization_precision: 0.03,
        diffusivity_prior: 20.0,
        field_prior: 1.0,
        min_diffusivity: 0.0,
        smoothness: Smoothness::First,
    };
    Posterior::new(
        Model::Potential,
        &mesh.centers,
        &mesh.adjacency,
        &mesh.volumes,
        &statistics,
        parameters,
    )
    .expect("a posterior")
}

fn inference(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inference");
    group.sample_size(10);
    for cells in [100, 1_000, 10_000] {
        let posterior = posterior(cells);
        let x = posterior.start();
        group.throughput(Throughput::Elements(posterior.cell_count() as u64));
        group.bench_function(BenchmarkId::new("gradient", cells), |bencher| {
            let mut gradient = vec![0.0; x.len()];
            bencher.iter(|| posterior.gradient(black_box(&x), &mut gradient));
        });
        group.bench_function(BenchmarkId::new("hessian", cells), |bencher| {
            let mut values = vec![0.0; posterior.pattern().len()];
            bencher.iter(|| posterior.curvature(black_box(&x), Curvature::Exact, &mut values));
        });
        group.bench_function(BenchmarkId::new("map", cells), |bencher| {
            bencher.iter(|| {
                minimize(
                    &posterior,
                    &mut x.clone(),
                    &Settings::default(),
                    &mut || false,
                )
            });
        });
        // The promises: error bars and evidence in 5 times the map at most, chosen weights in 25. These
        // data are flat in D and V: both weights go to their limit.
        let mut best = x.clone();
        minimize(&posterior, &mut best, &Settings::default(), &mut || false);
        group.bench_function(BenchmarkId::new("error bars", cells), |bencher| {
            bencher.iter(|| {
                let laplace = Laplace::new(&posterior, &best).expect("a minimum");
                let log_evidence = posterior.log_evidence(&best, &laplace);
                (laplace.covariance().get(0, 0), log_evidence)
            });
        });
        group.bench_function(BenchmarkId::new("chosen priors", cells), |bencher| {
            bencher.iter_batched_ref(
                || (self::posterior(cells), x.clone()),
                |(posterior, x)| {
                    let settings = Settings::default();
                    choose_priors(posterior, x, &[true; 2], &settings, &mut || false)
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn statistics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("statistics");
    for count in [1_000_usize, 10_000, 100_000, 1_000_000] {
        let cell: Vec<i64> = (0..count).map(|k| (k * 7919 % 1800) as i64).collect();
        let displacements = vec![[0.1, -0.1]; count];
        let lags = vec![0.025; count];
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| CellStatistics::new(1800, &cell, black_box(&displacements), &lags));
        });
    }
    group.finish();
}

criterion_group!(benches, inference, statistics);
criterion_main!(benches);
