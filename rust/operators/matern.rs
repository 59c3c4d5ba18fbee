//! Fields with a length over which they vary: Matérn's, as sparse matrices on cells.

use super::QuadraticForm;
use crate::optimizer::{Analysis, Cholesky, SymmetricPattern};

/// Gaussian fields of Matérn's covariance (Whittle, Biometrika 41, 434, 1954) on cells: the solutions
/// of `(κ² − Δ)^(α/2) x = white noise`, whose precision is sparse (Lindgren, Rue & Lindström, J. R.
/// Stat. Soc. B 73, 423, 2011). With the area (or volume) of each cell in the diagonal C, the
/// stiffness matrix G of the cells (`x'Gx ≈ ∫|∇x|²`) and `K = κ² C + G`,
///
/// ```text
/// Q₁ = K,   Q₂ = K C⁻¹ K,   Q₃ = K C⁻¹ K C⁻¹ K,   κ = √(8 ν) / ρ,   ν = α − d/2,
/// ```
///
/// where ρ is the range: the distance at which the correlation is about 0.13. The equation ends at the
/// border without a gradient across it, which would double the variance there (and make it four times
/// as large in corners), and on irregular cells the variance would change from cell to cell: every cell
/// is scaled to the variance 1, from the diagonal of the inverse. Correlations near a border are still
/// longer than elsewhere: let the cells reach further than where the field is wanted
/// ([`with_margin`](crate::tessellation::with_margin)).
#[derive(Debug, Clone)]
pub struct Matern {
    order: usize,
    dimension: usize,
    pattern: SymmetricPattern,
    analysis: Analysis,
    /// `C (C⁻¹ G)ᵏ` in the pattern, for each k from 0 to α: `Q_α = C (κ² + C⁻¹ G)^α` is their sum with
    /// binomial coefficients and powers of κ².
    powers: Vec<Vec<f64>>,
}

/// The precision of a field at a range.
#[derive(Debug, Clone)]
pub struct FieldPrecision {
    /// Its entries, in [`Matern::pattern`].
    pub values: Vec<f64>,
    /// Logarithm of its determinant.
    pub log_determinant: f64,
}

impl Matern {
    /// Fields on cells of some volumes, of order α, 1 to 3, with the slopes between them:
    /// [`QuadraticForm::of_slopes_at_faces`], or [`QuadraticForm::of_slopes`].
    ///
    /// These average the squared slope over directions, and are G but for a factor of d.
    ///
    /// # Panics
    ///
    /// If α is not 1, 2 or 3.
    #[must_use]
    pub fn new(slopes: &QuadraticForm, volumes: &[f64], order: usize, dimension: usize) -> Self {
        assert!((1..=3).contains(&order), "fields of order {order}");
        let mut stiffness: Vec<Vec<(usize, f64)>> =
            (0..volumes.len()).map(|i| vec![(i, 0.0)]).collect();
        for (i, j, value) in slopes.entries() {
            let value = dimension as f64 * value;
            if i == j {
                stiffness[i][0].1 += value;
            } else {
                stiffness[i].push((j, value));
                stiffness[j].push((i, value));
            }
        }
        let mass: Vec<Vec<(usize, f64)>> = volumes
            .iter()
            .enumerate()
            .map(|(i, &volume)| vec![(i, volume)])
            .collect();
        let mut powers = vec![mass];
        for k in 0..order {
            powers.push(product(&powers[k], &stiffness, volumes));
        }
        // Each row has its own diagonal: higher powers reach what lower ones do, and further.
        let reached = powers[order].iter().enumerate();
        let entries = reached.flat_map(|(i, row)| row.iter().map(move |&(j, _)| (i, j)));
        let pattern = SymmetricPattern::new(volumes.len(), entries);
        let in_pattern = |rows: Vec<Vec<(usize, f64)>>| {
            let mut values = vec![0.0; pattern.len()];
            for (i, row) in rows.into_iter().enumerate() {
                for (j, value) in row.into_iter().filter(|(j, _)| *j >= i) {
                    values[pattern.slot(i, j)] = value;
                }
            }
            values
        };
        Self {
            order,
            dimension,
            powers: powers.into_iter().map(in_pattern).collect(),
            analysis: Analysis::new(&pattern),
            pattern,
        }
    }

    /// Where the precision may differ from zero.
    #[must_use]
    pub fn pattern(&self) -> &SymmetricPattern {
        &self.pattern
    }

    /// The analysis of the pattern.
    #[must_use]
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// The precision of a field of variance 1 whose correlation has fallen to about 0.13 at the
    /// distance `range`.
    ///
    /// None where the range is so long in comparison with cells that rounding hides the variance.
    /// Takes a factorization and the entries of the inverse.
    #[must_use]
    pub fn precision(&self, range: f64) -> Option<FieldPrecision> {
        // Of order 1 in the plane there is no finite variance at a point, and ν is 0: the decay alone.
        let nu = (self.order as f64 - 0.5 * self.dimension as f64).max(0.5);
        let kappa_squared = squared_kappa(nu, range);
        let mut values = vec![0.0; self.pattern.len()];
        let mut binomial = 1.0;
        for (k, power) in self.powers.iter().enumerate() {
            let rest = self.order - k;
            let factor = binomial * (0..rest).map(|_| kappa_squared).product::<f64>();
            for (value, entry) in values.iter_mut().zip(power) {
                *value += factor * entry;
            }
            binomial *= rest as f64 / (k + 1) as f64;
        }
        let mut cholesky = Cholesky::analysed(&self.analysis);
        if !cholesky.factorize(&values) {
            return None;
        }
        let log_determinant = cholesky.log_determinant();
        let inverse = cholesky.selected_inverse();
        let size = self.pattern.size();
        let deviation: Vec<f64> = (0..size).map(|i| inverse.get(i, i).sqrt()).collect();
        if !deviation.iter().all(|s| s.is_finite() && *s > 0.0) {
            return None;
        }
        for i in 0..size {
            for slot in self.pattern.starts()[i]..self.pattern.starts()[i + 1] {
                values[slot] *= deviation[i] * deviation[self.pattern.rows()[slot] as usize];
            }
        }
        let scale: f64 = deviation.iter().map(|s| 2.0 * s.ln()).sum();
        Some(FieldPrecision {
            values,
            log_determinant: log_determinant + scale,
        })
    }
}

/// `κ² = 8 ν / ρ²`
pub(super) fn squared_kappa(nu: f64, range: f64) -> f64 {
    8.0 * nu / (range * range)
}

/// The rows of `A C⁻¹ B`, each sorted.
fn product(
    left: &[Vec<(usize, f64)>],
    right: &[Vec<(usize, f64)>],
    volumes: &[f64],
) -> Vec<Vec<(usize, f64)>> {
    let mut sums = vec![0.0; volumes.len()];
    let multiplied = left.iter().map(|row| {
        let mut reached = Vec::new();
        for &(k, a) in row {
            for &(j, b) in &right[k] {
                sums[j] += a * b / volumes[k];
                reached.push(j);
            }
        }
        reached.sort_unstable();
        reached.dedup();
        let row = reached.iter().map(|&j| (j, std::mem::take(&mut sums[j])));
        row.collect()
    });
    multiplied.collect()
}
