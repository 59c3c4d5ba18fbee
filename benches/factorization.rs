//! Speed of the sparse factorization, as a part of what products of large matrices reach on this machine, of
//! Hessians of the model DV on square patches of hexagons, by decades of cells. One thread; best times.
//!
//! The products are numpy's, of the interpreter that `PYTHON` names, or `python3`; without numpy, parts are
//! NaN. With `--test`, the smallest size alone.

use std::process::Command;
use std::time::Instant;

use tramway::optimizer::{Cholesky, Curvature, Objective, mask, operations};

mod patch;

use patch::Patch;

/// Displacements in each cell.
const DENSITY: usize = 100;

/// Prints 10⁹ operations per second of numpy's product of large matrices.
const PRODUCT: &str = "
import time, numpy
a, b = numpy.random.default_rng(1).random((2, 1536, 1536))
times = []
for _ in range(8):
    start = time.perf_counter()
    a @ b
    times.append(time.perf_counter() - start)
print(2 * len(a) ** 3 / min(times) / 1e9)
";

fn main() {
    println!(
        "operations: additions and multiplications, 10^9; useful: without those of columns that are eliminated \
         together though their rows differ\n\
         {:>8} {:>9} {:>11} {:>7} {:>10} {:>10} {:>8} {:>8} {:>9} {:>12}",
        "cells",
        "unknowns",
        "operations",
        "useful",
        "time / ms",
        "inverse",
        "GFLOP/s",
        "useful",
        "of dgemm",
        "useful of it"
    );
    let product = product();
    let is_test = std::env::args().any(|argument| argument == "--test");
    let sizes = [1_000, 10_000, 100_000];
    for &cells in &sizes[..if is_test { 1 } else { sizes.len() }] {
        let patch = Patch::new((cells as f64).sqrt(), DENSITY);
        let posterior = patch.posterior(&patch.statistics());
        let x = posterior.start();
        let pattern = posterior.pattern();
        let mut values = vec![0.0; pattern.len()];
        posterior.curvature(&x, Curvature::Expected, &mut values);
        let mut held = vec![false; x.len()];
        posterior.pinned().iter().for_each(|&i| held[i] = true);
        mask(pattern, &mut values, &held);
        let mut cholesky = Cholesky::new(pattern);
        let times = (1_000_000 / cells).clamp(10, 200);
        let factorization = best(times, || {
            let start = Instant::now();
            assert!(cholesky.factorize(&values), "positive definite");
            start
        });
        let inverse = best(times / 10, || {
            let factor = cholesky.clone();
            let start = Instant::now();
            std::hint::black_box(factor.selected_inverse());
            start
        });
        let operations = operations(pattern).map(|number| number / 1e9);
        let [speed, useful] = operations.map(|number| number / factorization);
        println!(
            "{cells:>8} {:>9} {:>11.4} {:>7.4} {:>10.3} {:>10.3} {speed:>8.1} {useful:>8.1} {:>7.1} % {:>10.1} %",
            x.len(),
            operations[0],
            operations[1],
            1e3 * factorization,
            1e3 * inverse,
            100.0 * speed / product,
            100.0 * useful / product,
        );
    }
}

/// Least number of seconds since what it returns.
fn best(times: usize, mut call: impl FnMut() -> Instant) -> f64 {
    let seconds = (0..times.max(3)).map(|_| call().elapsed().as_secs_f64());
    seconds.fold(f64::INFINITY, f64::min)
}

/// 10⁹ operations per second of numpy's product of large matrices; NaN without numpy.
fn product() -> f64 {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python)
        .args(["-c", PRODUCT])
        .env("OPENBLAS_NUM_THREADS", "1")
        .output();
    output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok())
        .unwrap_or_else(|| {
            eprintln!("{python} has no numpy: name one that has in the variable PYTHON");
            f64::NAN
        })
}
