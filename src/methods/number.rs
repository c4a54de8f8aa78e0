//! A number that is a whole one to most people and may have a fraction.

use super::union::union;

union! {
    /// A number that keeps its spelling: `16` and `16.0` are written back as they were.
    #[derive(Copy, PartialOrd)]
    pub enum IntegerOrFloat {
        /// A whole number.
        Integer(i64) as integer,
        /// A number with a fraction.
        Float(f64) as number,
    }
}
