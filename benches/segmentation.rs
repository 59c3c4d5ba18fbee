//! Cutting a region into cells and filing points under them.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tramway::assignment::assign_nearest;
use tramway::simulation::{GaussianLandscape, Movie, simulate};
use tramway::tessellation::hexagons::{Frame, by_count, by_spacing};

/// Half the side of the field of view, in µm.
const FIELD: f64 = 10.0;

fn frame() -> Frame {
    Frame {
        lower: [-FIELD; 2],
        upper: [FIELD; 2],
        tilt: 0.0,
        pivot: [0.0; 2],
    }
}

/// Localizations of walking molecules, track after track.
fn localizations(count: usize) -> Vec<[f64; 2]> {
    let landscape = GaussianLandscape::new(0.1, vec![], vec![]).expect("D is positive");
    let movie = Movie {
        track_count: count / 10,
        track_length: 10,
        frame_interval: 0.02,
        substeps: 1,
        localization_precision: 0.0,
        lower: [-FIELD; 2],
        upper: [FIELD; 2],
    };
    simulate(&landscape, &movie, 1).expect("the movie is possible")
}

fn tessellation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hexagons by count");
    for cells in [100_u32, 1_000, 10_000, 100_000] {
        group.throughput(Throughput::Elements(u64::from(cells)));
        group.bench_function(BenchmarkId::from_parameter(cells), |bencher| {
            bencher.iter(|| by_count(&frame(), f64::from(cells), 0.0));
        });
    }
    group.finish();
}

fn assignment(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("assign points to 1,800 cells");
    let centers = by_spacing(&frame(), 0.5)
        .expect("it is a box")
        .tessellation
        .centers;
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        let points = localizations(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(
            BenchmarkId::from_parameter(count),
            &points,
            |bencher, points| {
                bencher.iter(|| assign_nearest(points, &centers));
            },
        );
    }
    group.finish();
    let mut group = criterion.benchmark_group("assign 100,000 points");
    let points = localizations(100_000);
    for spacing in [2.0, 0.6, 0.2, 0.06] {
        let centers = by_spacing(&frame(), spacing)
            .expect("it is a box")
            .tessellation
            .centers;
        group.throughput(Throughput::Elements(points.len() as u64));
        group.bench_with_input(
            BenchmarkId::new("cells", centers.len()),
            &centers,
            |b, centers| {
                b.iter(|| assign_nearest(&points, centers));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, tessellation, assignment);
criterion_main!(benches);
