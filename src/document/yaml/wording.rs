//! Sentences for what the YAML parser finds: it names kinds of errors, and its own texts speak of tokens.

use granit_parser::ErrorKind;

/// What is wrong, and what to do about it where that can be said.
pub(super) fn of(kind: &ErrorKind) -> (String, Option<&'static str>) {
    if let Some((message, note)) = at_a_character(kind) {
        return (message, note);
    }
    let (message, note) = inside_a_scalar(kind).or_else(|| between_values(kind)).unwrap_or_else(|| elsewhere(kind));
    (message.to_owned(), note)
}

type Wording = (&'static str, Option<&'static str>);

fn at_a_character(kind: &ErrorKind) -> Option<(String, Option<&'static str>)> {
    Some(match kind {
        ErrorKind::UnclosedFlowCollection { open } => (format!("this `{open}` is never closed"), None),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("a `{open}` is open here, and `{close}` does not close it"), None)
        }
        ErrorKind::UnexpectedCharacter { character } => (
            format!("no value can start with `{}`", character.escape_debug()),
            Some("if it is part of a text, put the text in quotes"),
        ),
        _ => return None,
    })
}

fn inside_a_scalar(kind: &ErrorKind) -> Option<Wording> {
    use ErrorKind as E;
    Some(match kind {
        E::UnclosedQuotedScalar => ("this quote is never closed", None),
        E::DocumentIndicatorInQuotedScalar => ("a quote is still open where a line `---` or `...` starts", None),
        E::UnknownQuotedScalarEscape => (
            "this string has a backslash that starts no escape of YAML",
            Some("double the backslash, or put the string in single quotes, where backslashes mean themselves"),
        ),
        E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => ("this string has an escape that stands for no character", None),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            ("there is more text after the closing quote", Some("a quote within the text is written `''` or `\\\"`"))
        }
        E::InvalidQuotedScalarIndent | E::InvalidFlowScalarIndent => {
            ("this line must be indented further than the key that it belongs to", None)
        }
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => {
            ("after `|` or `>` only `+`, `-`, a digit from 1 to 9 and a comment may stand", None)
        }
        E::InvalidBlockScalarIndent => {
            ("this line of the text block is indented differently from its first line", None)
        }
        E::CommentInterceptedScalar => ("a comment stands within a text of several lines", None),
        E::PlainScalarStartsWithDashFlowIndicator => {
            ("a text cannot start with `-` and a bracket or comma", Some("put the text in quotes"))
        }
        _ => return None,
    })
}

fn between_values(kind: &ErrorKind) -> Option<Wording> {
    use ErrorKind as E;
    Some(match kind {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabAtBlockScalarStart
        | E::TabInIndentation
        | E::TabInPlainScalar => ("there is a tab where YAML wants spaces", Some("YAML indents with spaces only")),
        E::MappingValueNotAllowed => (
            "a `:` cannot stand here",
            Some("a text with `: ` in it needs quotes; a key must be indented like its neighbours"),
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => ("this is neither `key: value` nor part of the line above", None),
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => {
            ("a list item `- ` cannot start here", Some("list items stand on lines of their own, indented alike"))
        }
        E::MappingKeyNotAllowed => ("a key cannot stand here", None),
        E::ExpectedBlockMappingKey | E::InvalidIndentation => {
            ("this line is indented like none of the lines that it could belong to", None)
        }
        E::ExpectedBlockSequenceEntry => ("a list ends here without a reason: neither `- ` nor less indentation", None),
        E::ExpectedFlowMappingSeparator => ("there must be a `,` or `}` here", None),
        E::ExpectedFlowSequenceSeparator => ("there must be a `,` or `]` here", None),
        E::MisplacedFlowCollectionEnd => ("this bracket closes nothing", None),
        E::InvalidMappingValueWhitespace | E::InvalidBlockEntryWhitespace | E::ExpectedWhitespace => {
            ("there must be a space here", None)
        }
        E::CommentNotSeparated => ("there must be a space in front of a comment", None),
        E::ExpectedNodeContent => ("there must be a value here", None),
        E::UnexpectedEofImplicitFlowMapping => ("there must be a value in front of the comma or bracket", None),
        E::InvalidColonPlacement | E::FlowMappingValueAdjacentCollection => ("a `:` cannot stand here", None),
        _ => return None,
    })
}

fn elsewhere(kind: &ErrorKind) -> Wording {
    use ErrorKind as E;
    match kind {
        E::UnexpectedEof
        | E::UnexpectedEofBlockMapping
        | E::UnexpectedEofBlockSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofFlowSequence => ("the text ends in the middle of a value", None),
        E::InvalidDocumentEnd | E::ExpectedDocumentStart => ("there is more text after the end of the document", None),
        E::MissingAnchorOrAliasName => {
            ("`&` and `*` need a name behind them", Some("a text that starts so needs quotes"))
        }
        E::UndeclaredTagHandle => ("no `%TAG` line declares the start of this tag", None),
        E::ExpectedTagBang
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => ("this tag is malformed", Some("a text that starts with `!` needs quotes")),
        E::BomInsideDocument => ("there is a byte order mark in the middle of the text", None),
        E::UnsupportedYamlMajorVersion => ("this is not YAML 1", None),
        E::DuplicateVersionDirective
        | E::DuplicateTagDirective
        | E::ExpectedTagDirectiveBang
        | E::InvalidDirectiveTerminator
        | E::MissingYamlVersionSeparator
        | E::MissingDirectiveName
        | E::InvalidDirectiveName
        | E::DirectiveByteLimitExceeded { .. }
        | E::TooManyReservedDirectiveParams { .. }
        | E::YamlVersionTooLong
        | E::MissingYamlVersion
        | E::InvalidTagDirectiveTerminator
        | E::MissingDocumentEndBeforeDirective => ("this `%` line is malformed or misplaced", None),
        _ => ("the text stops being YAML here", None),
    }
}
