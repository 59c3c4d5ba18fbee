//! Whether molecules leave the cells within one lag, which blurs maps.

use super::{Model, Posterior};
use crate::Result;
use crate::error::check_length;

/// In how many cells diffusion alone takes a molecule, along an axis, further within a lag than the cell is
/// wide, or drift further than half of that, in what is certain by two standard deviations.
///
/// `widths` are those of the cells, µm; `diffusivity` is D and its standard deviation, `vector` the same of
/// what moves molecules in the model, zero where nothing does. NaN, of either, is not certain.
///
/// # Errors
///
/// If lengths differ.
pub fn count_long_steps<const D: usize>(
    model: Model,
    widths: &[f64],
    lag: f64,
    diffusivity: [&[f64]; 2],
    vector: [&[[f64; D]]; 2],
) -> Result<usize> {
    for count in [diffusivity.map(<[_]>::len), vector.map(<[_]>::len)].concat() {
        check_length("maps", count, widths.len(), "`widths`")?;
    }
    let is_long = |&cell: &usize| {
        let [d, deviation] = diffusivity.map(|map| map[cell]);
        let slowest = d - 2.0 * deviation;
        let mobility = model.mobility(d)[0];
        let [vector, vector_deviation] = vector.map(|map| map[cell]);
        let slowest_drift: f64 = vector
            .iter()
            .zip(vector_deviation)
            .map(|(u, deviation)| {
                let (u, deviation) = (mobility * u, mobility * deviation);
                let certain = u.abs() - 2.0 * deviation;
                // Unlike a maximum, this leaves NaN what it is, which is above nothing.
                if certain < 0.0 { 0.0 } else { certain.powi(2) }
            })
            .sum();
        2.0 * lag * slowest > widths[cell].powi(2)
            || slowest_drift.sqrt() * lag > widths[cell] / 2.0
    };
    Ok((0..widths.len()).filter(is_long).count())
}

impl<const D: usize> Posterior<D> {
    /// Median lag of the displacements, s: of an even number, the shorter of both in the middle.
    #[must_use]
    pub fn median_lag(&self) -> f64 {
        let groups = (0..self.cell_count()).flat_map(|cell| self.statistics().cell(cell));
        let mut lags: Vec<[f64; 2]> = groups.map(|group| [group.lag, group.count]).collect();
        lags.sort_unstable_by(|[a, _], [b, _]| a.total_cmp(b));
        let half = 0.5 * lags.iter().map(|[_, count]| count).sum::<f64>();
        let mut reached = 0.0;
        let median = lags.iter().find(|[_, count]| {
            reached += count;
            reached >= half
        });
        median.map_or(f64::NAN, |[lag, _]| *lag)
    }
}
