//! Reading tables of tracks: time per byte should not depend on the number of rows.

use std::fmt::Write;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tramway::trajectories::{order_tracks, parse_table};

/// A file of tracks of ten localizations, with as many digits as tracking software writes.
fn text(rows: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        let spread = |irrational: f64| (row as f64 * irrational).fract() * 20.0;
        let (x, y, t) = (
            spread(2.0_f64.sqrt()),
            spread(3.0_f64.sqrt()),
            (row % 10) as f64 * 0.02,
        );
        writeln!(text, "{}\t{x:.6}\t{y:.6}\t{t:.6}", row / 10 + 1).expect("memory is writable");
    }
    text
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a table");
    for rows in [1_000, 10_000, 100_000, 1_000_000] {
        let text = text(rows);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &text, |bencher, text| {
            bencher.iter(|| parse_table(text.as_bytes(), "bench", None));
        });
    }
    group.finish();
}

fn ordering(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("order tracks sorted by time");
    for rows in [1_000, 10_000, 100_000, 1_000_000] {
        // A tenth as many tracks as rows, interleaved as a movie shows them.
        let track: Vec<i64> = (0..rows).map(|row| row % (rows / 10)).collect();
        let time: Vec<f64> = (0..rows).map(|row| (row / (rows / 10)) as f64).collect();
        group.throughput(Throughput::Elements(track.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter(|| order_tracks(&track, &time));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, ordering);
criterion_main!(benches);
