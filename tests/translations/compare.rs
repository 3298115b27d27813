//! Compares an English page with its Chinese page.

use std::collections::BTreeSet;
use std::iter;
use std::path::Path;

use super::code;
use super::links::{Site, target};
use super::page::{Page, Section};
use super::slug::is_chinese;

/// What differs, as messages with the pages and the heading. If an outline differs, its first
/// difference is the only message: nothing below it has a counterpart.
pub(crate) fn differences(site: &Site, english: &Page, chinese: &Page) -> Vec<String> {
    let pair = Pair {
        site,
        english,
        chinese,
    };
    if let Some(difference) = pair.outline() {
        return vec![difference];
    }
    let mut found = pair.switches();
    for (ours, theirs) in iter::zip(&english.sections, &chinese.sections) {
        let differences = pair.section(ours, theirs);
        found.extend(differences.iter().map(|it| pair.message(theirs, it)));
    }
    found
}

struct Pair<'a> {
    site: &'a Site,
    english: &'a Page,
    chinese: &'a Page,
}

impl Pair<'_> {
    fn message(&self, section: &Section, difference: &str) -> String {
        let heading = &section.heading;
        format!("{}, `{heading}`: {difference}.", self.chinese.path)
    }

    fn outline(&self) -> Option<String> {
        let (english, chinese) = (&self.english.sections, &self.chinese.sections);
        let headings = iter::zip(english, chinese).enumerate();
        let mut differences = headings.filter_map(|(at, (ours, theirs))| {
            let difference = heading(ours, theirs, at == 0)?;
            Some(self.message(theirs, &difference))
        });
        differences.next().or_else(|| {
            let count = english.len().min(chinese.len());
            let more = english.get(count).or(chinese.get(count))?;
            Some(self.message(more, "one of the two pages has no such heading"))
        })
    }

    /// The third line of each page leads to the other one.
    fn switches(&self) -> Vec<String> {
        let forms = [
            (self.english, "English | [中文](", ")", self.chinese),
            (self.chinese, "[English](", ") | 中文", self.english),
        ];
        let wrong = forms.into_iter().filter(|(page, before, after, other)| {
            let rest = page.switch.strip_prefix(before);
            let link = rest.and_then(|rest| rest.strip_suffix(after));
            link.is_none_or(|link| target(&page.path, link) != other.path)
        });
        let message = |(page, before, after, other): (&Page, _, _, &Page)| {
            let (path, other) = (&page.path, &other.path);
            let difference =
                format!("the third line of {path} is not `{before}…{after}`, a link to {other}");
            self.message(&self.chinese.sections[0], &difference)
        };
        wrong.map(message).collect()
    }

    fn section(&self, english: &Section, chinese: &Section) -> Vec<String> {
        let mut found = blocks(english, chinese);
        found.extend(self.links(english, chinese));
        found.extend(spans(english, chinese));
        found.extend(only("the number ", &english.numbers, &chinese.numbers));
        found.extend(counts("rows of tables", english.rows, chinese.rows));
        found.extend(counts("items of lists", english.items, chinese.items));
        found
    }

    fn exists(&self, path: &str) -> bool {
        self.site.has(path) || Path::new(path).exists()
    }

    fn links(&self, english: &Section, chinese: &Section) -> Vec<String> {
        let mut found = Vec::new();
        let ours = english
            .links
            .iter()
            .map(|link| target(&self.english.path, link));
        let ours: Vec<_> = ours.filter(|target| *target != self.chinese.path).collect();
        let mut theirs = Vec::new();
        for target in chinese
            .links
            .iter()
            .map(|link| target(&self.chinese.path, link))
        {
            let (path, anchor) = target.split_at(target.find('#').unwrap_or(target.len()));
            let translated = Site::chinese(path);
            if target == self.english.path {
                continue;
            } else if translated != path
                && Site::english(path).is_none()
                && self.exists(&translated)
            {
                found.push(format!(
                    "it links to {path}, which has a Chinese page: {translated}"
                ));
            }
            let path = Site::english(path).unwrap_or_else(|| path.into());
            theirs.push(format!("{path}{anchor}"));
        }
        found.extend(only("the link to ", &counted(ours), &counted(theirs)));
        found
    }
}

fn heading(english: &Section, chinese: &Section, is_title: bool) -> Option<String> {
    let line = &english.heading;
    if english.level != chinese.level {
        return Some(format!("the English page has `{line}` in this place"));
    }
    let anchor = &english.anchors[0];
    let explicit = &chinese.anchors[1..];
    let has_same = chinese.anchors[0] == *anchor && explicit.is_empty();
    let is_right = is_title || has_same || explicit == [anchor.clone()];
    let expected = format!("`{line}` in this place, so `<a id=\"{anchor}\"></a>` belongs here");
    (!is_right).then(|| format!("the English page has {expected}"))
}

fn blocks(english: &Section, chinese: &Section) -> Vec<String> {
    let (ours, theirs) = (&english.blocks, &chinese.blocks);
    let fences = |section: &Section| -> Vec<String> {
        let fences = section
            .blocks
            .iter()
            .map(|block| format!("```{}", block.fence));
        fences.collect()
    };
    if fences(english) != fences(chinese) {
        let (ours, theirs) = (fences(english).join(" "), fences(chinese).join(" "));
        return vec![format!(
            "blocks of code: {ours:?} in English, {theirs:?} in Chinese"
        )];
    }
    let pairs = iter::zip(ours, theirs);
    let lines = pairs.filter_map(|(a, b)| code::difference(&a.fence, &a.code, &b.code));
    let message = |(ours, theirs)| format!("code: `{ours}` in English, `{theirs}` in Chinese");
    lines.map(message).collect()
}

/// A span with Chinese characters may be in the place of an English one.
fn spans(english: &Section, chinese: &Section) -> Vec<String> {
    let missing = english.spans.difference(&chinese.spans).count();
    let (translated, kept): (BTreeSet<_>, BTreeSet<_>) = chinese
        .spans
        .iter()
        .cloned()
        .partition(|span| is_chinese(span) && !english.spans.contains(span));
    if missing == translated.len() && kept.is_subset(&english.spans) {
        return Vec::new();
    }
    only("the code ", &english.spans, &chinese.spans)
}

/// What only one of the two has.
fn only(what: &str, english: &BTreeSet<String>, chinese: &BTreeSet<String>) -> Vec<String> {
    let sides = [(english, chinese, "English"), (chinese, english, "Chinese")];
    let found = sides.into_iter().flat_map(|(here, there, language)| {
        let only = here.difference(there);
        only.map(move |it| format!("{what}`{it}` is only in the {language} page"))
    });
    found.collect()
}

fn counts(what: &str, english: usize, chinese: usize) -> Option<String> {
    (english != chinese).then(|| format!("{english} {what} in English, {chinese} in Chinese"))
}

/// The second of two equal items becomes `item (2)`.
fn counted(items: Vec<String>) -> BTreeSet<String> {
    let mut counted = BTreeSet::new();
    for item in items {
        let mut names = iter::once(item.clone()).chain((2..).map(|at| format!("{item} ({at})")));
        counted.extend(names.find(|name| !counted.contains(name)));
    }
    counted
}
