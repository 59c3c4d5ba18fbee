//! Kernels by name, each a number of times: what `.ci/instructions` counts the instructions of.

use std::fmt::Write;
use std::hint::black_box;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::assignment::assign_nearest;
use tramway::optimizer::{Cholesky, Curvature, Objective, Settings, mask};
use tramway::tessellation::{Midpoints, Tessellation, hexagons, shared_edges, voronoi};
use tramway::trajectories::{Succession, crop, parse_table};
use tramway::{geometry, threads};

mod patch;

use patch::{Patch, cells, frame};

/// Side of the field, µm: about as many cells as square micrometres.
const SIDE: f64 = 32.0;

/// Displacements in each cell.
const DENSITY: usize = 50;

/// Localizations in a track.
const LENGTH: usize = 20;

/// A kernel with its data, to be run as often as wanted.
type Kernel = Box<dyn FnMut()>;

/// Makes a kernel, and its data.
type Maker = fn() -> Kernel;

const KERNELS: [(&str, Maker); 11] = [
    ("read a table", reading),
    ("crop", cropping),
    ("hexagons", lattice),
    ("Voronoi cells", cutting),
    ("shared edges", edges),
    ("nearest centers", assignment),
    ("midpoints", midpoints),
    ("statistics", statistics),
    ("posterior", preparation),
    ("factorization", factorization),
    ("maps with error bars", maps),
];

/// With the name of a kernel and a number, runs it so often; without, each once.
fn main() {
    // One thread: what is counted does not depend on who is waiting for whom.
    threads::set_thread_count(1).expect("a thread");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| arguments.first().is_some_and(|first| first == name);
    if asked("--list") {
        for (name, _) in KERNELS {
            println!("{name}");
        }
        return;
    }
    let one = KERNELS.iter().find(|(name, _)| asked(name));
    let times = arguments.get(1).and_then(|times| times.parse().ok());
    for (_, make) in one.map_or(&KERNELS[..], std::slice::from_ref) {
        let mut kernel = make();
        for _ in 0..one.and(times).unwrap_or(1) {
            kernel();
        }
    }
}

/// Numbers that are spread evenly from 0 to [`SIDE`], the multiples of an irrational one.
fn spread(count: usize, irrational: f64) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| (i as f64 * irrational).fract() * SIDE)
}

/// Localizations of tracks that go on by small steps.
fn localizations() -> Vec<[f64; 2]> {
    let count = cells(SIDE).centers.len() * DENSITY;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut step = || 0.1 * random.sample::<f64, _>(StandardNormal);
    let starts = spread(count, 2.0_f64.sqrt()).zip(spread(count, 3.0_f64.sqrt()));
    let mut place = [0.0; 2];
    starts
        .enumerate()
        .map(|(i, (x, y))| {
            place = if i % LENGTH == 0 {
                [x, y]
            } else {
                place.map(|c| (c + step()).clamp(0.0, SIDE))
            };
            place
        })
        .collect()
}

fn reading() -> Kernel {
    let mut text = String::new();
    for (i, [x, y]) in localizations().iter().enumerate() {
        let (track, t) = (i / LENGTH + 1, (i % LENGTH) as f64 * 0.02);
        writeln!(text, "{track}\t{x:.6}\t{y:.6}\t{t:.6}").expect("memory is writable");
    }
    Box::new(move || {
        black_box(parse_table(text.as_bytes(), "bench", None).expect("a table"));
    })
}

fn cropping() -> Kernel {
    let places = localizations();
    let track: Vec<i64> = (0..).take(places.len()).map(|i| i / 20).collect();
    let time: Vec<f64> = (0..places.len()).map(|i| (i % LENGTH) as f64).collect();
    Box::new(move || {
        let found = crop(&track, &places, &time, &[1.0; 2], &[SIDE - 1.0; 2]);
        black_box(found.expect("a sorted table"));
    })
}

fn lattice() -> Kernel {
    Box::new(|| {
        black_box(hexagons::by_spacing(&frame(SIDE), 0.2).expect("a lattice"));
    })
}

fn cutting() -> Kernel {
    let count = 1000;
    let centers: Vec<[f64; 2]> = spread(count, 5.0_f64.sqrt())
        .zip(spread(count, 7.0_f64.sqrt()))
        .map(|(x, y)| [x, y])
        .collect();
    let corners = [[0.0, 0.0], [SIDE, 0.0], [SIDE, SIDE], [0.0, SIDE]];
    let region = geometry::ConvexPolygon::hull(&corners).expect("it has an area");
    Box::new(move || {
        black_box(voronoi(&centers, &region).expect("cells"));
    })
}

fn edges() -> Kernel {
    let Tessellation {
        centers, adjacency, ..
    } = cells(SIDE);
    // Corners of hexagons, 1.07 µm from side to side.
    let corner = |k: i32| {
        (
            f64::from(k).mul_add(60.0, 30.0).to_radians(),
            1.07 / 3.0_f64.sqrt(),
        )
    };
    let corners: Vec<[f64; 2]> = centers
        .iter()
        .flat_map(|[x, y]| {
            (0..6)
                .map(corner)
                .map(move |(angle, r)| [x + r * angle.cos(), y + r * angle.sin()])
        })
        .collect();
    let starts: Vec<usize> = (0..=centers.len()).map(|cell| 6 * cell).collect();
    Box::new(move || {
        black_box(shared_edges(&corners, &starts, &adjacency).expect("edges"));
    })
}

fn assignment() -> Kernel {
    let (places, centers) = (localizations(), cells(SIDE).centers);
    Box::new(move || {
        black_box(assign_nearest(&places, &centers).expect("cells"));
    })
}

fn midpoints() -> Kernel {
    let (places, centers) = (localizations(), cells(SIDE).centers);
    let track: Vec<i64> = (0..).take(places.len()).map(|i| i / 20).collect();
    let time: Vec<f64> = (0..places.len())
        .map(|i| (i % LENGTH) as f64 * 0.02)
        .collect();
    let lag = vec![0.02; places.len()];
    let [x, y] = [0, 1].map(|d| places.iter().map(|place| place[d]).collect::<Vec<_>>());
    let found = assign_nearest(&places, &centers).expect("cells");
    let cells: Vec<i64> = found
        .iter()
        .map(|&cell| i64::try_from(cell).expect("a small number"))
        .collect();
    Box::new(move || {
        let order = Succession::new(&track, &time, &lag).expect("columns of one length");
        let midpoints = Midpoints::new(order, [&x, &y], &cells, &centers).expect("midpoints");
        black_box(midpoints.bins().expect("bins"));
    })
}

fn statistics() -> Kernel {
    let patch = Patch::new(SIDE, DENSITY);
    Box::new(move || {
        black_box(patch.statistics());
    })
}

fn preparation() -> Kernel {
    let patch = Patch::new(SIDE, DENSITY);
    let statistics = patch.statistics();
    Box::new(move || {
        black_box(patch.posterior(&statistics));
    })
}

fn factorization() -> Kernel {
    let patch = Patch::new(SIDE, DENSITY);
    let posterior = patch.posterior(&patch.statistics());
    let x = posterior.start();
    let mut values = vec![0.0; posterior.pattern().len()];
    posterior.curvature(&x, Curvature::Expected, &mut values);
    let mut held = vec![false; x.len()];
    posterior.pinned().iter().for_each(|&i| held[i] = true);
    mask(posterior.pattern(), &mut values, &held);
    let mut cholesky = Cholesky::new(posterior.pattern());
    Box::new(move || {
        assert!(black_box(&mut cholesky).factorize(&values));
    })
}

fn maps() -> Kernel {
    let patch = Patch::new(SIDE, DENSITY);
    let mut posterior = patch.posterior(&patch.statistics());
    Box::new(move || {
        let settings = Settings::default();
        let found = posterior.estimate(&[false; 2], &settings, &mut || false);
        black_box(found.expect("maps"));
    })
}
