//! Where a text has characters that separate requests. They are looked up for each pair of a
//! signature and a parameter, so the text between the two must not be read each time.

use std::ops::Range;

/// The indices of the separators, in their order.
pub(super) struct Marks {
    line_ends: Vec<usize>,
    /// Characters that no URL has.
    url_ends: Vec<usize>,
    /// `</xml` and `}`.
    envelope_ends: Vec<usize>,
}

impl Marks {
    pub(super) fn of(text: &str) -> Self {
        let is_of_url = |byte: u8| byte.is_ascii_alphanumeric() || b"%&=+/-._~".contains(&byte);
        let all = |is_wanted: &dyn Fn(u8) -> bool| {
            let bytes = text.bytes().enumerate();
            let wanted = bytes.filter(|(_, byte)| is_wanted(*byte));
            wanted.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let ends = |mark: &'static str| text.match_indices(mark).map(|(at, _)| at);
        let mut envelope_ends: Vec<_> = ends("</xml").chain(ends("}")).collect();
        envelope_ends.sort_unstable();
        Self {
            line_ends: all(&|byte| byte == b'\n'),
            url_ends: all(&|byte| !is_of_url(byte)),
            envelope_ends,
        }
    }

    pub(super) fn has_line_end(&self, range: Range<usize>) -> bool {
        has(&self.line_ends, &range)
    }

    pub(super) fn has_url_end(&self, range: Range<usize>) -> bool {
        has(&self.url_ends, &range)
    }

    pub(super) fn has_envelope_end(&self, range: Range<usize>) -> bool {
        has(&self.envelope_ends, &range)
    }
}

fn has(marks: &[usize], range: &Range<usize>) -> bool {
    let first = marks.partition_point(|mark| *mark < range.start);
    marks.get(first).is_some_and(|mark| *mark < range.end)
}
