//! Seeded random numbers. Each tensor has a stream of its own, so that it depends on the seed and its shape only.
//!
//! ChaCha8 with rand's ziggurat is documented to give the same numbers in every release and on every machine, unlike rand's own
//! standard generator. They are not the numbers of torch: only the distributions are PEFT's.

use ndarray::{Array, IntoDimension};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rand_distr::{Distribution, StandardNormal};

/// Standard deviation of the shared prompt's first values: torch's default for embeddings.
pub(super) const PROMPT_DEVIATION: f32 = 1.0;
/// Standard deviation of the tasks' first factors.
pub(super) const FACTOR_DEVIATION: f32 = 0.02;

/// What the numbers are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Prompt = 0,
    Columns = 1,
    Rows = 2,
    Words = 3,
}

fn generator(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream as u64);
    generator
}

/// Normally distributed numbers around 0.
pub(super) fn normal<S: IntoDimension>(seed: u64, stream: Stream, shape: S, deviation: f32) -> Array<f32, S::Dim> {
    let mut generator = generator(seed, stream);
    Array::from_shape_simple_fn(shape, || {
        let value: f32 = StandardNormal.sample(&mut generator);
        value * deviation
    })
}

/// As many numbers below `bound` as asked for, each as likely as any other, repeats included.
pub(super) fn below(seed: u64, stream: Stream, count: usize, bound: usize) -> Vec<usize> {
    let mut generator = generator(seed, stream);
    let bound = u128::try_from(bound).unwrap_or(u128::MAX);
    // The upper half of a 64-bit product: for any vocabulary the bias is far too small to be seen.
    let mut draw = || usize::try_from((u128::from(generator.next_u64()) * bound) >> 64).unwrap_or_default();
    (0..count).map(|_| draw()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_seed_and_stream_and_nothing_else() {
        let draw = |seed, stream| normal(seed, stream, (4, 8), PROMPT_DEVIATION);
        assert_eq!(draw(1, Stream::Prompt), draw(1, Stream::Prompt));
        assert_ne!(draw(1, Stream::Prompt), draw(2, Stream::Prompt));
        assert_ne!(draw(1, Stream::Prompt), draw(1, Stream::Columns));
    }

    #[test]
    fn the_deviation_is_as_asked_for() {
        let values = normal(7, Stream::Rows, 100_000, FACTOR_DEVIATION);
        assert!(values.mean().unwrap().abs() < 3e-4);
        assert!((values.std(0.0) - FACTOR_DEVIATION).abs() < 3e-4);
    }

    #[test]
    fn every_word_is_drawn() {
        let mut words = below(3, Stream::Words, 1000, 10);
        words.sort_unstable();
        words.dedup();
        assert_eq!(words, (0..10).collect::<Vec<_>>());
    }
}
