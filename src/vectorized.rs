//! Loops compiled for the instructions that the processor at hand has.

use fearless_simd::{Level, Simd as _, dispatch};

/// Runs a loop as it is compiled for the widest instructions of this processor. Only what is inlined into `work` profits: mark the
/// closure and the loops it calls `#[inline(always)]`. The order of operations stays, and with it every bit of the result.
#[expect(clippy::inline_always, reason = "the loop becomes part of the function that may use these instructions")]
#[inline(always)]
pub(crate) fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    dispatch!(Level::new(), simd => simd.vectorize(work))
}
