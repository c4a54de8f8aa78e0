//! Code that is laid out as the formatters of its language leave it: on one line where it fits, else one item on each.

/// How a language is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// How many columns a line has.
    pub(super) width: usize,
    /// How many spaces a level is.
    pub(super) indent: usize,
}

/// An expression of some language.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Code {
    /// What is never broken.
    Text(String),
    /// Items between brackets.
    List {
        /// What stands before the items: `[`, `call(`, `key: {`.
        open: String,
        /// The items; a comma stands between them.
        items: Vec<Code>,
        /// What stands behind the items.
        close: String,
        /// What stands inside the brackets beside the items.
        inside: Inside,
    },
}

/// What stands inside brackets beside the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// Nothing on one line, a comma behind each item on lines of their own.
    Commas,
    /// The same, with a space next to each bracket on one line.
    Spaces,
    /// Nothing: a comma would change the meaning.
    Nothing,
}

impl Code {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// `open item, item close`
    pub(super) fn list(open: impl Into<String>, items: Vec<Self>, close: impl Into<String>) -> Self {
        Self::List { open: open.into(), items, close: close.into(), inside: Inside::Commas }
    }

    /// `open item close`, where a comma behind the item would change the meaning.
    pub(super) fn only(open: impl Into<String>, item: Self, close: impl Into<String>) -> Self {
        Self::List { open: open.into(), items: vec![item], close: close.into(), inside: Inside::Nothing }
    }

    /// `{ item, item }`, with text before it and behind it.
    pub(super) fn object(before: &str, items: Vec<Self>, behind: &str) -> Self {
        Self::List { open: format!("{before}{{"), items, close: format!("}}{behind}"), inside: Inside::Spaces }
    }

    /// A call of a function.
    pub(super) fn call(function: &str, items: Vec<Self>) -> Self {
        Self::list(format!("{function}("), items, ")")
    }

    /// The same with text before and behind it.
    pub(super) fn between(self, before: &str, behind: &str) -> Self {
        match self {
            Self::Text(text) => Self::Text(format!("{before}{text}{behind}")),
            Self::List { open, items, close, inside } => {
                Self::List { open: format!("{before}{open}"), items, close: format!("{close}{behind}"), inside }
            }
        }
    }

    /// On one line.
    pub(super) fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List { open, items, close, inside } => {
                let space = if *inside == Inside::Spaces && !items.is_empty() { " " } else { "" };
                let items = items.iter().map(Self::flat).collect::<Vec<_>>().join(", ");
                format!("{open}{space}{items}{space}{close}")
            }
        }
    }

    /// Laid out `level` levels deep, the first line not indented; `behind` columns are taken by what follows.
    pub(super) fn laid_out(&self, layout: Layout, level: usize, behind: usize) -> String {
        let flat = self.flat();
        match self {
            Self::List { open, items, close, inside }
                if !items.is_empty() && layout.indent * level + flat.chars().count() + behind > layout.width =>
            {
                let pad = " ".repeat(layout.indent * (level + 1));
                let comma = if *inside == Inside::Nothing { "" } else { "," };
                let item = |item: &Self| format!("{pad}{}{comma}\n", item.laid_out(layout, level + 1, comma.len()));
                let items = items.iter().map(item);
                format!("{open}\n{}{}{close}", items.collect::<String>(), " ".repeat(layout.indent * level))
            }
            Self::Text(_) | Self::List { .. } => flat,
        }
    }
}

/// A text in double quotes, escaped as JSON, which Python and JavaScript read alike.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Paragraphs of a text in lines of so many columns.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.trim().split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Layout = Layout { width: 20, indent: 2 };

    #[test]
    fn what_does_not_fit_has_one_item_on_each_line() {
        let inner = Code::call("pair", vec![Code::text("1"), Code::text("2")]);
        let outer = Code::call("both", vec![inner.clone(), inner]);
        assert_eq!(outer.flat(), "both(pair(1, 2), pair(1, 2))");
        assert_eq!(outer.laid_out(NARROW, 0, 0), "both(\n  pair(1, 2),\n  pair(1, 2),\n)");
        assert_eq!(Code::text("longer than a line is").laid_out(NARROW, 1, 9), "longer than a line is");
    }

    #[test]
    fn text_is_wrapped_by_paragraph() {
        assert_eq!(wrapped("one two\nthree\n\nfour", 9), ["one two", "three", "", "four"]);
    }
}
