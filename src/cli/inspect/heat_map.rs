//! The similarity of tasks as a map for the terminal.

use super::palette::{Rgb, SHADES, shade};
use ndarray::Array2;
use std::env;

/// Up to so many tasks the numbers are written out.
const NUMBERS: usize = 12;
/// As many tasks are drawn.
const MOST_DRAWN: usize = 40;

/// How a terminal is told a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    None,
    Of256,
    True,
}

impl Colors {
    /// What the terminal can show, if colour is wanted at all.
    pub(super) fn of_terminal(color: bool) -> Self {
        let is_true = env::var_os("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit");
        match (color, is_true) {
            (false, _) => Self::None,
            (true, true) => Self::True,
            (true, false) => Self::Of256,
        }
    }

    /// A text on the colour of a cosine.
    fn paint(self, cosine: f64, text: &str) -> String {
        let color = Rgb::of(cosine);
        let Rgb(red, green, blue) = color;
        let letters = if color.is_light() { 16 } else { 231 };
        match self {
            Self::None => text.to_owned(),
            Self::Of256 => format!("\x1b[38;5;{letters}m\x1b[48;5;{}m{text}\x1b[0m", color.of_256()),
            Self::True => format!("\x1b[38;5;{letters}m\x1b[48;2;{red};{green};{blue}m{text}\x1b[0m"),
        }
    }
}

/// A row for each task. Few tasks get numbers, many only colours or shades.
pub(super) fn draw(cosines: &Array2<f64>, colors: Colors) -> String {
    let tasks = cosines.nrows().min(MOST_DRAWN);
    let with_numbers = cosines.nrows() <= NUMBERS;
    let mut text = String::new();
    if with_numbers {
        text.push_str("    ");
        (0..tasks).for_each(|task| text.push_str(&format!("{task:^8}")));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    for (task, row) in cosines.outer_iter().take(tasks).enumerate() {
        let cells: String = row.iter().take(tasks).map(|cosine| cell(*cosine, with_numbers, colors)).collect();
        text.push_str(format!("{task:>3} {cells}").trim_end());
        text.push('\n');
    }
    if colors == Colors::None {
        text.push_str(&format!("    {SHADES}\n"));
    }
    if cosines.nrows() > tasks {
        text.push_str(&format!("    the first {tasks} tasks; the others are in the JSON output\n"));
    }
    text
}

fn cell(cosine: f64, with_number: bool, colors: Colors) -> String {
    let shade = shade(cosine);
    match (with_number, colors) {
        (true, Colors::None) => format!("{} {shade} ", number(cosine)),
        (true, _) => colors.paint(cosine, &format!(" {}  ", number(cosine))),
        (false, Colors::None) => format!("{shade}{shade}"),
        (false, _) => colors.paint(cosine, "  "),
    }
}

/// Five characters: ` 0.98`, `-0.10`; never a minus before zero.
pub(super) fn number(cosine: f64) -> String {
    if cosine.is_nan() {
        return "  –  ".to_owned();
    }
    let text = format!("{cosine:5.2}");
    if text == "-0.00" { " 0.00".to_owned() } else { text }
}

/// The two tasks that are most alike, and the two that are least.
pub(super) fn extremes(cosines: &Array2<f64>) -> Option<[(usize, usize, f64); 2]> {
    let pairs = || cosines.indexed_iter().filter(|((task, other), cosine)| task < other && !cosine.is_nan());
    let plain = |((task, other), cosine): ((usize, usize), &f64)| (task, other, *cosine);
    let by_cosine = |left: &((usize, usize), &f64), right: &((usize, usize), &f64)| left.1.total_cmp(right.1);
    Some([pairs().max_by(by_cosine).map(plain)?, pairs().min_by(by_cosine).map(plain)?])
}
