//! Matérn's covariance as a function of distance, and what the slope between points misses of a field.

use super::matern::squared_kappa;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;
/// Distance, in units of 1/κ, from which an integral replaces the series of the Bessel functions.
const FAR: f64 = 2.0;

/// The covariance of a field of variance 1 (Whittle, Biometrika 41, 434, 1954), whose order and range are
/// those of [`Matern`](super::Matern):
///
/// ```text
/// C(r) = 2^(1−ν)/Γ(ν) (κ r)^ν K_ν(κ r),   κ = √(8 ν) / ρ,   ν = α − d/2.
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaternCovariance {
    twice_nu: usize,
    kappa: f64,
}

impl MaternCovariance {
    /// That of a field of order 3 over a plane or in space, which has a slope everywhere.
    ///
    /// # Panics
    ///
    /// If the dimension is neither 2 nor 3.
    #[must_use]
    pub fn new(dimension: usize, range: f64) -> Self {
        assert!((2..=3).contains(&dimension), "a field in {dimension}-D");
        let twice_nu = 6 - dimension;
        Self {
            twice_nu,
            kappa: squared_kappa(0.5 * twice_nu as f64, range).sqrt(),
        }
    }

    /// The covariance at a distance.
    #[must_use]
    pub fn at(&self, distance: f64) -> f64 {
        decay(self.twice_nu, self.kappa * distance)
    }

    /// Variance of a field's slope along an axis, less the slope that some of its values give: `Σ w V`, for
    /// weights `w` that sum to zero, of the values at some offsets from the place.
    ///
    /// It is what a map of values at the centers of cells does not tell of the field, even where these
    /// are known exactly. O(n²) for n offsets.
    #[must_use]
    pub fn of_missed_slope<const D: usize>(&self, axis: usize, stencil: &[([f64; D], f64)]) -> f64 {
        let nu = 0.5 * self.twice_nu as f64;
        // −C″ at zero; −C′(r)/r is the same multiple of the covariance whose ν is less by 1.
        let slope = self.kappa * self.kappa / (2.0 * (nu - 1.0));
        let mut variance = slope;
        for (offset, weight) in stencil {
            let z = self.kappa * norm(offset);
            variance -= 2.0 * weight * slope * decay(self.twice_nu - 2, z) * offset[axis];
            for (other, factor) in stencil {
                let apart = std::array::from_fn::<f64, D, _>(|d| offset[d] - other[d]);
                // The weights sum to zero: less C(0), there is nothing to cancel.
                variance += weight * factor * (self.at(norm(&apart)) - 1.0);
            }
        }
        variance.max(0.0)
    }
}

fn norm<const D: usize>(vector: &[f64; D]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// `2^(1−ν)/Γ(ν) z^ν K_ν(z)`, which is 1 at zero, for 2ν from 1 to 4.
fn decay(twice_nu: usize, z: f64) -> f64 {
    if z < 1e-8 {
        return 1.0;
    }
    match twice_nu {
        1 => (-z).exp(),
        2 => z * bessel(z).1,
        3 => (1.0 + z) * (-z).exp(),
        _ => {
            let (k0, k1) = bessel(z);
            z * (0.5 * z * k0 + k1)
        }
    }
}

/// The modified Bessel functions K₀ and K₁, to rounding: by their series (Abramowitz & Stegun, Handbook of
/// Mathematical Functions, 9.6.11), and far out by `∫ exp(−z cosh t) cosh νt dt` (9.6.24), for which the
/// trapezoidal rule converges exponentially.
fn bessel(z: f64) -> (f64, f64) {
    if z > FAR {
        let step = 0.1;
        let (mut k0, mut k1) = (0.5 * (-z).exp(), 0.5 * (-z).exp());
        for k in 1.. {
            let cosh = (step * f64::from(k)).cosh();
            let term = (-z * cosh).exp();
            if term < 1e-18 * k0 {
                break;
            }
            k0 += term;
            k1 += term * cosh;
        }
        return (step * k0, step * k1);
    }
    let quarter = 0.25 * z * z;
    let log = (0.5 * z).ln() + EULER;
    // Terms of I₀ and of I₁ 2/z; H is the harmonic number of k.
    let (mut of_k0, mut of_k1) = (0.0, 0.0);
    let (mut term, mut harmonic) = (1.0, 0.0);
    for k in 0..25 {
        let next = f64::from(k + 1);
        of_k0 += term * (harmonic - log);
        of_k1 += term / next * (log - harmonic - 0.5 / next);
        term *= quarter / (next * next);
        harmonic += 1.0 / next;
    }
    (of_k0, 1.0 / z + 0.5 * z * of_k1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K₀ and K₁ of `SciPy` 1.17, `scipy.special.kv`.
    const BESSEL: [(f64, f64, f64); 6] = [
        (0.05, 3.114_234_029_471_99, 19.909_674_325_882_506),
        (0.5, 0.924_419_071_227_665_6, 1.656_441_120_003_300_7),
        (1.0, 0.421_024_438_240_708_34, 0.601_907_230_197_234_6),
        (2.0, 0.113_893_872_749_533_41, 0.139_865_881_816_522_46),
        (3.0, 0.034_739_504_386_279_25, 0.040_156_431_128_194_184),
        (
            8.0,
            0.000_146_470_705_222_815_4,
            0.000_155_369_211_805_001_15,
        ),
    ];

    /// The slope along the first axis by neighbours at a distance, as least squares gives it.
    fn hexagon(distance: f64) -> Vec<([f64; 2], f64)> {
        let vertex = |k: i32| {
            let angle = f64::from(k) * std::f64::consts::FRAC_PI_3;
            [distance * angle.cos(), distance * angle.sin()]
        };
        let weighted = |x: [f64; 2]| (x, x[0] / (3.0 * distance * distance));
        (0..6).map(vertex).map(weighted).collect()
    }

    #[test]
    fn bessel_functions_are_those_of_scipy() {
        for (z, k0, k1) in BESSEL {
            let (found_0, found_1) = bessel(z);
            assert!((found_0 / k0 - 1.0).abs() < 1e-13, "K0({z}) = {found_0}");
            assert!((found_1 / k1 - 1.0).abs() < 1e-13, "K1({z}) = {found_1}");
        }
    }

    #[test]
    fn correlation_is_an_eighth_at_the_range() {
        // Lindgren, Rue & Lindström (2011), section 2: "near 0.1"; 0.1397 for ν = 2, 0.1399 for 3/2.
        for dimension in [2, 3] {
            let covariance = MaternCovariance::new(dimension, 1.5);
            assert!((covariance.at(0.0) - 1.0).abs() < 1e-15);
            assert!((covariance.at(1.5) - 0.14).abs() < 1e-3);
        }
    }

    #[test]
    fn what_a_stencil_misses_is_what_the_covariance_says() {
        // By scipy.special.kv, for neighbours at 0.2 µm and ranges of 1, 2 and 20 µm.
        for (range, variance) in [
            (1.0, 1.571_458_373_493_907_6),
            (2.0, 0.119_197_410_683_354_43),
            (20.0, 1.334_264_470_061_88e-05),
        ] {
            let found = MaternCovariance::new(2, range).of_missed_slope(0, &hexagon(0.2));
            assert!((found / variance - 1.0).abs() < 1e-6, "{range}: {found}");
        }
        // Of central differences in space, where the covariance is (1 + κr) exp(−κr).
        let stencil = [([0.2, 0.0, 0.0], 2.5), ([-0.2, 0.0, 0.0], -2.5)];
        let found = MaternCovariance::new(3, 2.0).of_missed_slope(0, &stencil);
        assert!(
            (found / 0.673_080_108_324_438_9 - 1.0).abs() < 1e-12,
            "{found}"
        );
    }

    #[test]
    fn without_neighbours_a_slope_is_as_wide_as_the_prior() {
        let found = MaternCovariance::new(2, 2.0).of_missed_slope::<2>(1, &[]);
        assert!((found - 2.0).abs() < 1e-12);
    }
}
