//! What can be the id of a repository on the Hub, as `huggingface_hub.utils.validate_repo_id` decides it.

/// The most characters of an owner or a name.
const LONGEST: usize = 96;

/// Whether a text can be the id of a repository: `name` or `owner/name`.
pub(crate) fn is_repository_id(text: &str) -> bool {
    let (owner, name) = text.split_once('/').map_or((None, text), |(owner, name)| (Some(owner), name));
    owner.is_none_or(is_part) && is_part(name) && name.strip_suffix(".git").is_none()
}

fn is_part(part: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let is_doubled = || part.contains("--") || part.contains("..");
    (1..=LONGEST).contains(&part.len())
        && part.bytes().all(is_usual)
        && !part.starts_with(['.', '-'])
        && !part.ends_with(['.', '-'])
        && !is_doubled()
}

/// The same as regular expressions, all of which must match, and one that must not; without look-around, which some engines lack.
pub(super) fn patterns() -> ([String; 2], &'static str) {
    // A dot and a dash may stand side by side, two of a kind may not.
    let word = "[A-Za-z0-9_]+";
    let part = format!("{word}((\\.(-\\.)*-?|-(\\.-)*\\.?){word})*");
    let short = format!("[^/]{{1,{LONGEST}}}");
    ([format!("^({part}/)?{part}$"), format!("^({short}/)?{short}$")], "\\.git$")
}
