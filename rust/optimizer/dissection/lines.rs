//! Cuts of a part along straight lines.

use std::array;
use std::iter::zip;

use super::{Cut, Dissection, LEAST, Side};

/// Directions across which a part may be cut, at most, with that of the numbers.
const LINES: usize = 8;

/// A line is between two of so many strips across its direction.
const STRIPS: usize = 64;

/// In which strip an unknown is across each direction, from the first one on, and then from the last one on: so
/// the greatest of several tell the last strip that any of them is in, and the first.
pub(super) type Strips = [u8; 2 * LINES];

/// Each axis, and what is between two of them, by 30°: so the rows of a lattice of hexagons are among them.
pub(super) fn directions(dimension: usize) -> Vec<Vec<f64>> {
    let third = f64::sqrt(1.0 / 3.0);
    let unit = |axis: usize| (0..dimension).map(move |k| f64::from(u8::from(k == axis)));
    let slopes = [third, -third, 1.0 / third, -1.0 / third];
    let pairs = || (0..dimension).flat_map(|b| (0..b).map(move |a| (a, b)));
    let between = slopes.iter().flat_map(|&slope| {
        pairs().map(move |(a, b)| zip(unit(a), unit(b)).map(|(a, b)| a + slope * b).collect())
    });
    let axes = (0..dimension).map(|axis| unit(axis).collect());
    axes.chain(between).take(LINES - 1).collect()
}

/// A straight line that cuts a part.
pub(super) struct Line {
    pub direction: usize,
    /// The last strip on the first side.
    pub strip: usize,
    /// Number of operations that the cut may come to.
    pub operations: f64,
}

/// Straight lines that cut a part.
pub(super) struct Lines {
    /// The best across each direction, that of fewest operations first.
    pub best: Vec<Line>,
    /// In which strips each unknown and those coupled to it are.
    reaches: Vec<Strips>,
}

impl Dissection {
    /// The straight lines that cut a part with the fewest operations.
    ///
    /// How many unknowns each line separates is known for all of them from one sweep over the graph: those
    /// coupled to any beyond it. O(n) for n couplings.
    pub(super) fn lines(&mut self, unknowns: &[u32], halo: usize) -> Lines {
        self.set_strips(unknowns);
        for &unknown in unknowns {
            self.put(unknown, Side::First);
        }
        let reach = |&unknown: &u32| {
            let near = self.graph.neighbours(unknown).iter();
            let near = near.map(|&other| &self.spots[other as usize]);
            near.filter(|(label, _)| *label == self.labels)
                .fold(self.spots[unknown as usize].1, |reach, (_, strips)| {
                    array::from_fn(|k| reach[k].max(strips[k]))
                })
        };
        let reaches: Vec<Strips> = unknowns.iter().map(reach).collect();
        let size = unknowns.len();
        let least = LEAST * size as f64;
        let mut best = Vec::new();
        for direction in 0..=self.directions.len() {
            // How many are in each strip, how many are coupled to none before it, and how many to none behind it.
            let mut counts = [[0; 3]; STRIPS];
            for (&unknown, reach) in zip(unknowns, &reaches) {
                let [own, first, last] = self.around(unknown, reach, direction);
                counts[own][0] += 1;
                counts[first][1] += 1;
                counts[last][2] += 1;
            }
            let mut sums = [0; 3];
            let lines = counts[..STRIPS - 1]
                .iter()
                .enumerate()
                .filter_map(|(strip, counts)| {
                    sums = array::from_fn(|k| sums[k] + counts[k]);
                    let [inside, begun, ended] = sums;
                    // Of those inside, some are coupled to others; of the others, some to those inside.
                    let (sizes, border) = if inside - ended <= begun - inside {
                        ([ended, size - inside], inside - ended)
                    } else {
                        ([inside, size - begun], begun - inside)
                    };
                    let is_cut =
                        sizes[0].min(sizes[1]) > 0 && inside.min(size - inside) as f64 > least;
                    is_cut.then(|| Line {
                        direction,
                        strip,
                        operations: self.operations(sizes, border, halo),
                    })
                });
            best.extend(lines.min_by(|a, b| a.operations.total_cmp(&b.operations)));
        }
        best.sort_by(|a, b| a.operations.total_cmp(&b.operations));
        Lines { best, reaches }
    }

    /// Cuts a part along one of its lines; the smaller of both borders is the separator.
    pub(super) fn cut_along(&mut self, unknowns: &[u32], lines: &Lines, line: &Line) -> Cut {
        let mut borders = [Vec::new(), Vec::new()];
        let mut sizes = [0; 2];
        for (&unknown, reach) in zip(unknowns, &lines.reaches) {
            let [own, first, last] = self.around(unknown, reach, line.direction);
            let is_second = own > line.strip;
            let is_border = if is_second {
                first <= line.strip
            } else {
                last > line.strip
            };
            sizes[usize::from(is_second)] += 1;
            if is_border {
                borders[usize::from(is_second)].push(unknown);
            }
            self.put(unknown, if is_second { Side::Second } else { Side::First });
        }
        let smaller = usize::from(borders[1].len() < borders[0].len());
        let separator = std::mem::take(&mut borders[smaller]);
        sizes[smaller] -= separator.len();
        for &unknown in &separator {
            self.put(unknown, Side::Separator);
        }
        Cut {
            sizes,
            separator,
            operations: line.operations,
        }
    }

    /// Finds in which strips the unknowns of a part are.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
    fn set_strips(&mut self, unknowns: &[u32]) {
        for (direction, across) in self.directions.iter().enumerate() {
            let place = |&unknown: &u32| {
                let place = &self.places[unknown as usize * self.dimension..];
                zip(place, across).map(|(x, along)| x * along).sum::<f64>()
            };
            let places: Vec<f64> = unknowns.iter().map(place).collect();
            let least = places.iter().copied().fold(f64::INFINITY, f64::min);
            let most = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let scale = STRIPS as f64 / (most - least);
            for (&unknown, place) in zip(unknowns, places) {
                let strip = ((place - least) * scale) as usize;
                set(&mut self.spots[unknown as usize].1, direction, strip);
            }
        }
        for (k, &unknown) in unknowns.iter().enumerate() {
            let strip = k * STRIPS / unknowns.len();
            set(
                &mut self.spots[unknown as usize].1,
                self.directions.len(),
                strip,
            );
        }
    }

    /// The strip of an unknown, the first of those of it and what is coupled to it, and the last.
    fn around(&self, unknown: u32, reach: &Strips, direction: usize) -> [usize; 3] {
        let own = self.spots[unknown as usize].1[direction];
        let [first, last] = [reach[LINES + direction], reach[direction]].map(usize::from);
        [usize::from(own), STRIPS - 1 - first, last]
    }
}

/// Puts an unknown in a strip; in the last one, if that is before it.
#[allow(clippy::cast_possible_truncation)] // some tens
fn set(strips: &mut Strips, direction: usize, strip: usize) {
    let strip = strip.min(STRIPS - 1);
    strips[direction] = strip as u8;
    strips[LINES + direction] = (STRIPS - 1 - strip) as u8;
}
