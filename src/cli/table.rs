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

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        let rows = [["a".to_owned(), "b".to_owned()], ["longer é".to_owned(), String::new()]];
        assert_eq!(super::render(["NAME", "X"], &rows), "NAME      X\na         b\nlonger é\n");
    }
}
