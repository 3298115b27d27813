//! Reads a page of Markdown: its sections, and what of them does not depend on the language.

use std::collections::{BTreeMap, BTreeSet};

use super::slug::slug;

pub(crate) struct Page {
    pub(crate) path: String,
    /// The line below the title, which leads to the page in the other language.
    pub(crate) switch: String,
    /// From heading to heading. The first one is the title's.
    pub(crate) sections: Vec<Section>,
    /// What is written as `[label]: target`.
    definitions: BTreeMap<String, String>,
    /// The headings' slugs so far, without the number that a second one gets.
    slugs: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Section {
    /// The line of the heading.
    pub(crate) heading: String,
    pub(crate) level: usize,
    /// GitHub's anchor of the heading, then those that are written as `<a id="…"></a>`.
    pub(crate) anchors: Vec<String>,
    pub(crate) blocks: Vec<Block>,
    /// Targets as they are written, once for each link.
    pub(crate) links: Vec<String>,
    pub(crate) spans: BTreeSet<String>,
    pub(crate) numbers: BTreeSet<String>,
    pub(crate) rows: usize,
    pub(crate) items: usize,
    /// The text beside the code, without definitions of links.
    pub(crate) prose: String,
}

#[derive(Default)]
pub(crate) struct Block {
    pub(crate) fence: String,
    pub(crate) code: String,
}

impl Page {
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let mut page = Self {
            path: path.into(),
            switch: text.lines().nth(2).unwrap_or_default().into(),
            sections: Vec::new(),
            definitions: BTreeMap::new(),
            slugs: Vec::new(),
        };
        let mut block: Option<Block> = None;
        for line in text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut block) {
                (Some(_), Some(_)) => page.last().blocks.extend(block.take()),
                (Some(fence), None) => {
                    let fence = fence.into();
                    block = Some(Block {
                        fence,
                        ..Block::default()
                    });
                }
                (None, Some(block)) => block.code += &format!("{line}\n"),
                (None, None) => page.prose(line),
            }
        }
        let definitions = page.definitions.clone();
        for section in &mut page.sections {
            section.finish(&definitions);
        }
        page
    }

    pub(crate) fn fences(&self) -> impl Iterator<Item = &str> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        blocks.map(|block| block.fence.as_str())
    }

    pub(crate) fn has_anchor(&self, anchor: &str) -> bool {
        let mut anchors = self.sections.iter().flat_map(|section| &section.anchors);
        anchors.any(|it| it == anchor)
    }

    fn last(&mut self) -> &mut Section {
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        self.sections.last_mut().unwrap()
    }

    fn prose(&mut self, line: &str) {
        let definition = line
            .strip_prefix('[')
            .and_then(|line| line.split_once("]: "));
        if let Some((label, target)) = definition {
            self.definitions.insert(label.into(), target.trim().into());
            return;
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if level > 0 && line[level..].starts_with(' ') {
            let anchors = self.anchors(&line[level..]);
            self.sections.push(Section {
                level,
                anchors,
                heading: line.into(),
                ..Section::default()
            });
        }
        let section = self.last();
        let start = line.trim_start();
        let rest = start.trim_start_matches(|char: char| char.is_ascii_digit());
        // A sentence may begin with a status such as `503.` in a line of its own.
        let is_numbered = (1..3).contains(&(start.len() - rest.len())) && rest.starts_with(". ");
        section.rows += usize::from(start.starts_with('|'));
        section.items += usize::from(start.starts_with("- ") || is_numbered);
        section.prose += &format!("{line}\n");
    }

    fn anchors(&mut self, heading: &str) -> Vec<String> {
        let mut explicit = Vec::new();
        let mut text = heading.to_owned();
        while let Some((before, id, after)) = anchor(&text) {
            explicit.push(id.to_owned());
            text = format!("{before}{after}");
        }
        let base = slug(&link_texts(&text));
        let count = self.slugs.iter().filter(|slug| **slug == base).count();
        self.slugs.push(base.clone());
        let own = if count == 0 {
            base
        } else {
            format!("{base}-{count}")
        };
        [vec![own], explicit].concat()
    }
}

impl Section {
    fn finish(&mut self, definitions: &BTreeMap<String, String>) {
        let text = self.take_spans();
        let text = self.take_links(&text, definitions);
        let mut text = text.as_str();
        while let Some(at) = text.find(|char: char| char.is_ascii_digit()) {
            let is_word = text[..at].ends_with(|char: char| char.is_ascii_alphanumeric());
            let length = number(&text[at..]);
            let figure = text[at..at + length].replace(',', "");
            let figure = figure.trim_start_matches('0');
            if figure.len() > 1 && !is_word {
                self.numbers.insert(figure.into());
            }
            text = &text[at + length..];
        }
    }

    /// The text without the spans of code.
    fn take_spans(&mut self) -> String {
        let mut text = String::new();
        let mut rest = self.prose.as_str();
        while let Some(at) = rest.find('`') {
            let ticks = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
            let start = at + ticks;
            let Some(length) = rest[start..].find(&rest[at..start]) else {
                break;
            };
            let span: Vec<_> = rest[start..start + length].split_whitespace().collect();
            self.spans.insert(span.join(" "));
            text += &rest[..at];
            rest = &rest[start + length + ticks..];
        }
        text + rest
    }

    /// The text without the targets of links.
    fn take_links(&mut self, text: &str, definitions: &BTreeMap<String, String>) -> String {
        let mut kept = String::new();
        let mut rest = text;
        while let Some(at) = rest.find([']', '<']) {
            kept += &rest[..at];
            let label = rest[..at].rsplit('[').next().unwrap_or_default();
            rest = &rest[at..];
            let (target, length) = if let Some(target) = between(rest, "](", ")") {
                (Some(target), target.len() + 3)
            } else if let Some(target) = between(rest, "][", "]") {
                (
                    definitions.get(target).map(String::as_str),
                    target.len() + 3,
                )
            } else if rest.starts_with(']') {
                (definitions.get(label).map(String::as_str), 1)
            } else {
                let tag = between(rest, "<", ">").unwrap_or_default();
                (
                    Some(tag).filter(|tag| tag.starts_with("http")),
                    tag.len() + 1,
                )
            };
            self.links.extend(target.map(str::to_owned));
            rest = &rest[length..];
        }
        kept + rest
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.strip_prefix(start)?.split_once(end)?.0)
}

/// What is before, in and after the first `<a id="…"></a>`.
fn anchor(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("<a id=\"")?;
    let (id, after) = rest.split_once("\"></a>")?;
    Some((before, id, after))
}

/// `[text](target)` as `text`.
fn link_texts(text: &str) -> String {
    let parts = text.split("](").enumerate();
    let kept = parts.map(|(at, part)| match part.split_once(')') {
        Some((_, after)) if at > 0 => after,
        _ => part,
    });
    kept.collect()
}

/// The length of the number with which the text begins, such as `1,000` or `4.6`.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_part =
        |at: &usize| is_digit(*at) || matches!(bytes[*at], b'.' | b',') && is_digit(at + 1);
    (0..bytes.len()).take_while(is_part).count()
}
