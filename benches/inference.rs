//! Kernels of the DV inference on square patches of hexagons, by decades of cells.

#![allow(missing_docs, clippy::cast_possible_wrap)]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tramway::inference::{Laplace, choose_priors};
use tramway::optimizer::{Curvature, Objective, Settings, minimize};
use tramway::statistics::CellStatistics;

mod patch;

use patch::Patch;

/// Displacements in each cell.
const DENSITY: usize = 100;

fn inference(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inference");
    group.sample_size(10);
    for cells in [100_u32, 1_000, 10_000] {
        let patch = Patch::new(f64::from(cells).sqrt(), DENSITY);
        let statistics = patch.statistics();
        let posterior = patch.posterior(&statistics);
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
                || (patch.posterior(&statistics), x.clone()),
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
