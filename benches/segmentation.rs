//! Cutting a region into cells and filing points under them.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tramway::assignment::assign_nearest;
use tramway::geometry::{ConvexCell, ConvexPolygon, ConvexPolyhedron};
use tramway::simulation::{GaussianLandscape, Movie, simulate};
use tramway::tessellation::gwr::{Growth, grow};
use tramway::tessellation::hexagons::{Frame, by_count, by_spacing};
use tramway::tessellation::{random, voronoi};

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

fn voronoi_cells(criterion: &mut Criterion) {
    let square = ConvexPolygon::hull(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        .expect("it has an area");
    let cube = ConvexPolyhedron::bounding_box(&[[0.0; 3], [1.0; 3]]).expect("it has a volume");
    voronoi_cells_in(criterion, "Voronoi cells in a square", &square, 100_000);
    voronoi_cells_in(criterion, "Voronoi cells in a cube", &cube, 10_000);
}

/// Of uniform centers, and of centers of which one half is in one spot.
fn voronoi_cells_in<const D: usize>(
    criterion: &mut Criterion,
    name: &str,
    region: &impl ConvexCell<D>,
    most: usize,
) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    for count in [100, 1_000, 10_000, 100_000] {
        if count > most {
            break;
        }
        group.throughput(Throughput::Elements(count as u64));
        let uniform = random::uniform(&[0.0; D], &[1.0; D], count, 1).expect("it is a box");
        let spot = |center: &[f64; D]| center.map(|c| 0.3 + 1e-4 * c);
        let (sparse, dense) = uniform.split_at(count / 2);
        let uneven = [sparse, &dense.iter().map(spot).collect::<Vec<_>>()].concat();
        for (kind, centers) in [("uniform", uniform), ("uneven", uneven)] {
            group.bench_with_input(BenchmarkId::new(kind, count), &centers, |b, centers| {
                b.iter(|| voronoi(centers, region));
            });
        }
    }
    group.finish();
}

fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cells of 20 points grown when required");
    group.sample_size(10);
    let growth = Growth {
        min_count: 20,
        min_radius: 1e-3,
        max_radius: FIELD,
        seed: 1,
    };
    for count in [1_000, 10_000, 100_000] {
        let points = localizations(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(count), &points, |b, points| {
            b.iter(|| grow(points, &growth));
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

criterion_group!(benches, tessellation, voronoi_cells, growth, assignment);
criterion_main!(benches);
