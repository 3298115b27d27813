//! Welch's t-test like in dudect: over all samples, and over the samples below each of 100
//! thresholds, because the slow samples are slow for other reasons than the code. The largest of
//! the 101 counts.

/// The difference of two classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// The largest Welch's t of all crops.
    pub(crate) t: f64,
    /// The difference of the means in that crop, in nanoseconds.
    pub(crate) difference: f64,
    /// Its standard error.
    pub(crate) error: f64,
}

const CROPS: i32 = 100;
/// The minimum of samples of a class in a crop.
const FEWEST: f64 = 100.0;

pub(crate) fn max_t(times: &[Vec<u64>; 2]) -> Verdict {
    let mut sorted: Vec<u64> = times.iter().flatten().copied().collect();
    sorted.sort_unstable();
    let mut worst = test(times, u64::MAX);
    for crop in 1..=CROPS {
        let share = 1.0 - 0.5_f64.powf(10.0 * f64::from(crop) / f64::from(CROPS));
        let threshold = sorted[(share * (sorted.len() - 1) as f64) as usize];
        let verdict = test(times, threshold);
        if verdict.t.abs() > worst.t.abs() {
            worst = verdict;
        }
    }
    worst
}

fn test(times: &[Vec<u64>; 2], threshold: u64) -> Verdict {
    let [left, right] = times
        .each_ref()
        .map(|times| Moments::of(times.iter().copied().filter(|time| *time < threshold)));
    let difference = left.mean - right.mean;
    let error = (left.variance() / left.count + right.variance() / right.count).sqrt();
    let is_enough = left.count >= FEWEST && right.count >= FEWEST && error > 0.0;
    Verdict {
        t: if is_enough { difference / error } else { 0.0 },
        difference,
        error,
    }
}

/// Count, mean and sum of squared differences, after Welford.
#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn of(values: impl Iterator<Item = u64>) -> Self {
        values.fold(Self::default(), |mut moments, value| {
            let value = value as f64;
            let before = value - moments.mean;
            moments.count += 1.0;
            moments.mean += before / moments.count;
            moments.squares += before * (value - moments.mean);
            moments
        })
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_known_example_is_reproduced() {
        // The first example of Welch's test in Wikipedia, in tenths, repeated seven times to have
        // enough samples. t = -2.46 for one repetition; with n repetitions it grows by the root of
        // (15n - 1) / 14.
        let left = [
            275, 210, 190, 236, 170, 179, 169, 201, 219, 226, 231, 196, 190, 217, 214,
        ];
        let right = [
            271, 220, 208, 234, 234, 235, 258, 220, 248, 202, 219, 221, 229, 205, 244,
        ];
        let times = [left.repeat(7), right.repeat(7)];
        let t = test(&times, u64::MAX).t;
        let expected = -2.46 * (104.0_f64 / 14.0).sqrt();
        assert!((t - expected).abs() < 0.02, "{t} {expected}");
    }

    #[test]
    fn one_nanosecond_in_a_noise_of_forty_is_seen_and_none_is_not() {
        let mut random = Random::new(1);
        let mut noise = |more: u64| {
            let mut one = || 1_000 + more + random.below(40) as u64;
            (0..20_000).map(|_| one()).collect::<Vec<_>>()
        };
        let (same, other, later) = (noise(0), noise(0), noise(1));
        assert!(max_t(&[same.clone(), other]).t.abs() < 4.5);
        assert!(max_t(&[same, later]).t.abs() > 4.5);
    }
}
