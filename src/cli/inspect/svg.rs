//! The similarity of tasks as a picture that needs nothing but itself.

use super::{
    super::failure::{Failure, Result},
    adapter::Inspection,
    heat_map::number,
    palette::{Rgb, UNKNOWN},
};
use ndarray::Array2;

/// Up to so many tasks the cells hold their numbers.
const NUMBERS: usize = 16;
/// Left of the cells: the numbers of the tasks.
const LEFT: usize = 64;
/// Above them: the title, the file, the numbers of the tasks.
const TOP: usize = 92;
/// Below them: the scale.
const BOTTOM: usize = 84;
/// Room at the right, and the least that the title needs.
const RIGHT: usize = 24;
const LEAST_WIDTH: usize = 420;

/// Draws the map of an adapter's tasks.
pub(super) fn draw(inspection: &Inspection) -> Result<String> {
    let name = inspection.weights.source.name();
    let reason = match &inspection.tasks {
        None => "it is no multitask prompt, whose tasks could be compared",
        Some(tasks) => match &tasks.similarity {
            Ok(cosines) => return Ok(Picture::new(cosines, name).draw()),
            Err(reason) => reason,
        },
    };
    Err(Failure::files(name, format!("there is nothing to draw: {reason}")))
}

struct Picture<'a> {
    cosines: &'a Array2<f64>,
    name: &'a str,
    /// The width and height of a cell.
    cell: usize,
}

impl<'a> Picture<'a> {
    fn new(cosines: &'a Array2<f64>, name: &'a str) -> Self {
        let cell = match cosines.nrows() {
            0..=NUMBERS => 44,
            17..=32 => 24,
            _ => 14,
        };
        Self { cosines, name, cell }
    }

    fn draw(&self) -> String {
        let tasks = self.cosines.nrows();
        let side = tasks * self.cell;
        let width = (LEFT + side + RIGHT).max(LEAST_WIDTH);
        let height = TOP + side + BOTTOM;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\">\n\
             <title>Cosine similarity of the prompts of {tasks} tasks</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        );
        svg.push_str(&text(16, 28, "start", 16, "#1a1a1a", "Cosine similarity of the tasks' prompts"));
        svg.push_str(&text(16, 48, "start", 12, "#5a5a5a", &ending(self.name, 56)));
        self.draw_labels(&mut svg);
        for ((row, column), cosine) in self.cosines.indexed_iter() {
            self.draw_cell(row, column, *cosine, &mut svg);
        }
        draw_scale(TOP + side + 28, &mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    /// The numbers of the tasks, as many as there is room for.
    fn draw_labels(&self, svg: &mut String) {
        let (cell, size) = (self.cell, if self.cell > 20 { 12 } else { 9 });
        let middle = |task: usize| task * cell + cell / 2;
        svg.push_str(&text(LEFT - 10, TOP - 10, "end", 12, "#5a5a5a", "task"));
        for task in 0..self.cosines.nrows() {
            let label = task.to_string();
            svg.push_str(&text(LEFT - 10, TOP + middle(task) + size / 3, "end", size, "#1a1a1a", &label));
            svg.push_str(&text(LEFT + middle(task), TOP - 10, "middle", size, "#1a1a1a", &label));
        }
    }

    fn draw_cell(&self, row: usize, column: usize, cosine: f64, svg: &mut String) {
        let (cell, color) = (self.cell, Rgb::of(cosine));
        let (x, y) = (LEFT + column * cell, TOP + row * cell);
        let value = number(cosine);
        let value = value.trim();
        svg.push_str(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{cell}\" height=\"{cell}\" fill=\"{}\" stroke=\"#ffffff\">\
             <title>tasks {row} and {column}: {value}</title></rect>\n",
            color.hex()
        ));
        if self.cosines.nrows() <= NUMBERS {
            let letters = if color.is_light() { "#1a1a1a" } else { "#ffffff" };
            svg.push_str(&text(x + cell / 2, y + cell / 2 + 4, "middle", 12, letters, value));
        }
    }
}

/// A bar from opposite to alike, and the colour of what is not known.
fn draw_scale(y: usize, svg: &mut String) {
    const STEPS: u32 = 40;
    const STEP: usize = 5;
    let mut x = LEFT;
    for step in 0..=STEPS {
        let cosine = f64::from(step) * 2.0 / f64::from(STEPS) - 1.0;
        let fill = Rgb::of(cosine).hex();
        svg.push_str(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{STEP}\" height=\"14\" fill=\"{fill}\"/>\n"));
        x += STEP;
    }
    let (middle, end) = (LEFT.midpoint(x), x);
    for (x, label) in [(LEFT, "-1 opposite"), (middle, "0"), (end, "1 alike")] {
        svg.push_str(&text(x, y + 30, "middle", 11, "#5a5a5a", label));
    }
    let fill = UNKNOWN.hex();
    svg.push_str(&format!("<rect x=\"{}\" y=\"{y}\" width=\"14\" height=\"14\" fill=\"{fill}\"/>\n", end + 40));
    svg.push_str(&text(end + 60, y + 11, "start", 11, "#5a5a5a", "not defined"));
}

fn text(x: usize, y: usize, anchor: &str, size: usize, fill: &str, content: &str) -> String {
    let content = escaped(content);
    format!(
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{fill}\">{content}</text>\n"
    )
}

/// The last characters of a path, which tell most.
fn ending(path: &str, most: usize) -> String {
    match path.chars().count().checked_sub(most) {
        Some(left_out) if left_out > 0 => format!("…{}", path.chars().skip(left_out).collect::<String>()),
        _ => path.to_owned(),
    }
}

/// A text within XML, which has no place for control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_stay_text() {
        assert_eq!(escaped("<a> & \u{1b}"), "&lt;a&gt; &amp; \u{fffd}");
        assert_eq!(ending("abcdef", 3), "…def");
    }
}
