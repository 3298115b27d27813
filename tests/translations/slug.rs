//! The anchors that GitHub gives to headings.

/// GitHub's slug of a heading: lower case, `-` for spaces, and no other punctuation.
pub(crate) fn slug(heading: &str) -> String {
    let kept = |char: &char| char.is_alphanumeric() || "-_ ".contains(*char);
    let kept: String = heading.trim().chars().filter(kept).collect();
    kept.to_lowercase().replace(' ', "-")
}

/// Whether a text has Chinese characters or punctuation, so that it is a translation.
pub(crate) fn is_chinese(text: &str) -> bool {
    text.chars().any(|char| matches!(char, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}'))
}
