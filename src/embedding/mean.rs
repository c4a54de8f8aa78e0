//! The mean over tasks with torch's rounding errors, so that what it starts is equal to the last bit.
//!
//! Torch adds float32 numbers on a processor in an order of its own: most columns in a cascade, those that do not fill four
//! vector registers in four interleaved sums. This is the order with vectors of eight (AVX2) and one thread; with longer ones
//! torch itself rounds a few of the columns differently. A single column of eight or more tasks is not followed.

use super::tensor::{Element, Tensor, with_array};
use ndarray::{ArrayD, Axis};

/// Numbers in a vector register of torch.
const VECTOR: usize = 8;
/// Columns, or interleaved sums, that are added side by side.
const SIDE_BY_SIDE: usize = 4;

impl Tensor {
    /// The mean over the first axis, which stays with size 1. As in torch, sum and division are float32 whatever the type, and
    /// rounded to it once; no elements at all give NaN.
    pub(super) fn mean_of_first_axis(&self) -> Self {
        let mut shape = self.shape().to_vec();
        let count = shape.first_mut().map_or(1, |count| std::mem::replace(count, 1));
        let means: Vec<f32> = with_array!(self, array => {
            let columns = array.lanes(Axis(0));
            let cascaded = cascaded_columns(shape.iter().product());
            let column = |(column, values): (usize, ndarray::ArrayView1<'_, _>)| {
                let values: Vec<f32> = values.iter().copied().map(Element::widen).collect();
                let sum = if column < cascaded { cascade(values.iter()) } else { interleaved(&values) };
                sum / float(count)
            };
            columns.into_iter().enumerate().map(column).collect()
        });
        #[expect(clippy::expect_used, reason = "one mean for each column, as the shape says")]
        Self::rounded_like(ArrayD::from_shape_vec(shape, means).expect("as many values as the shape has"), self)
    }
}

/// How many of the columns are added in a cascade.
fn cascaded_columns(columns: usize) -> usize {
    let group = if columns < VECTOR { SIDE_BY_SIDE } else { SIDE_BY_SIDE * VECTOR };
    columns - columns % group
}

/// Adds up sixteen numbers at a time, then sixteen of these sums, and so on.
fn cascade<'a>(values: impl Iterator<Item = &'a f32>) -> f32 {
    let [mut ones, mut sixteens, mut squares, mut cubes] = [0.0; 4];
    for (count, value) in (1_usize..).zip(values) {
        ones += value;
        if count.is_multiple_of(16) {
            sixteens += std::mem::take(&mut ones);
        }
        if count.is_multiple_of(256) {
            squares += std::mem::take(&mut sixteens);
        }
        if count.is_multiple_of(4096) {
            cubes += std::mem::take(&mut squares);
        }
    }
    ones + sixteens + squares + cubes
}

/// Adds up every fourth number, then the four sums; what is left over goes to the first.
fn interleaved(values: &[f32]) -> f32 {
    let (whole, rest) = values.split_at(values.len() - values.len() % SIDE_BY_SIDE);
    let sums = (0..SIDE_BY_SIDE).map(|first| cascade(whole.iter().skip(first).step_by(SIDE_BY_SIDE)));
    let with_rest =
        |(position, sum): (usize, f32)| if position == 0 { rest.iter().fold(sum, |a, b| a + b) } else { sum };
    sums.enumerate().map(with_rest).reduce(|sum, next| sum + next).unwrap_or_default()
}

/// A count as torch's float32 division takes it.
#[expect(clippy::cast_precision_loss, reason = "torch converts the count to float32 as well")]
fn float(count: usize) -> f32 {
    count as f32
}
