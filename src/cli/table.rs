//! Plain tables for the terminal.

/// Rows under a heading, in columns as wide as their widest entry; the last column is as long as it likes.
pub(super) fn render<const COLUMNS: usize>(heading: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let heading = heading.map(str::to_owned);
    let lines = || std::iter::once(&heading).chain(rows);
    let mut text = String::new();
    for line in lines() {
        let mut columns = String::new();
        for (index, entry) in line.iter().enumerate() {
            let widest = lines().filter_map(|line| line.get(index)).map(|entry| entry.chars().count()).max();
            columns.push_str(&format!("{entry:width$}  ", width = widest.unwrap_or_default()));
        }
        text.push_str(columns.trim_end());
        text.push('\n');
    }
    text
}

/// How wide a table with wrapped texts gets.
const WIDTH: usize = 96;

/// Like [`render`], but each entry is a list of texts, each begun on a line of its own and wrapped in the last column.
pub(super) fn render_wrapped<const COLUMNS: usize>(
    heading: [&str; COLUMNS],
    rows: &[[Vec<String>; COLUMNS]],
) -> String {
    let widest = |column: usize| {
        let entries = rows.iter().filter_map(|row| row.get(column)).flatten().map(|text| text.chars().count());
        entries.chain(heading.get(column).map(|text| text.len())).max().unwrap_or_default()
    };
    let before: usize = (0..COLUMNS.saturating_sub(1)).map(|column| widest(column) + 2).sum();
    let mut lines = Vec::new();
    for row in rows {
        let wrapped: Vec<Vec<String>> = row
            .iter()
            .enumerate()
            .map(|(column, texts)| {
                let is_last = column + 1 == COLUMNS;
                texts
                    .iter()
                    .flat_map(
                        |text| if is_last { wrapped(text, WIDTH.saturating_sub(before)) } else { vec![text.clone()] },
                    )
                    .collect()
            })
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
        lines.extend((0..height).map(|line| {
            std::array::from_fn(|column| {
                wrapped.get(column).and_then(|texts| texts.get(line)).cloned().unwrap_or_default()
            })
        }));
    }
    render(heading, &lines)
}

/// A text in lines of at most `width` characters, broken between words; lines after the first are indented.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        let rows = [["a".to_owned(), "b".to_owned()], ["longer é".to_owned(), String::new()]];
        assert_eq!(super::render(["NAME", "X"], &rows), "NAME      X\na         b\nlonger é\n");
    }
}
