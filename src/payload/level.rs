//! Levels: elements without a struct of their own, whose children are fields of the struct around.

use super::element::{Children, Element};
use super::misfits::Misfits;

/// The children of an element. A child that is a level is replaced by its own children.
///
/// So `ScanType` in `<ScanCodeInfo><ScanType/></ScanCodeInfo>` can be a field of the event itself.
/// Each child is returned with its level, here `ScanCodeInfo`. The level of the event's own
/// children is empty. So a field is never read from the wrong level.
pub(crate) struct Leveled<'a> {
    children: Children<'a>,
    level: &'static str,
    /// The remaining children of the levels around this one.
    outer: Vec<(Children<'a>, &'static str)>,
    levels: &'static [&'static [&'static str]],
    entered: Vec<&'static str>,
}

impl<'a> Leveled<'a> {
    pub(crate) fn new(element: Element<'a>, levels: &'static [&'static [&'static str]]) -> Self {
        Self {
            children: element.children(),
            level: "",
            outer: Vec::new(),
            levels,
            entered: Vec::new(),
        }
    }
}

impl<'a> Iterator for Leveled<'a> {
    type Item = (&'static str, Element<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(child) = self.children.next() else {
                (self.children, self.level) = self.outer.pop()?;
                continue;
            };
            let Some(level) = level_of(self.levels, self.level, child.name()) else {
                return Some((self.level, child));
            };
            if self.entered.contains(&level) {
                continue;
            }
            self.entered.push(level);
            if !child.has_children() {
                return Some((self.level, child));
            }
            let around = std::mem::replace(&mut self.children, child.children());
            self.outer
                .push((around, std::mem::replace(&mut self.level, level)));
        }
    }
}

/// Whether any field of a struct has a level. In most structs none has.
pub(super) const fn is_leveled(of_fields: &[&[&str]]) -> bool {
    let mut rest = of_fields;
    while let Some((first, others)) = rest.split_first() {
        if !first.is_empty() {
            return true;
        }
        rest = others;
    }
    false
}

/// The level of an element with this name inside the level `around`.
fn level_of(
    levels: &'static [&'static [&'static str]],
    around: &str,
    name: &str,
) -> Option<&'static str> {
    levels.iter().copied().flatten().find_map(|level| {
        let inner = level.strip_prefix(around)?;
        let inner = if around.is_empty() {
            inner
        } else {
            inner.strip_prefix('/')?
        };
        let rest = inner.strip_prefix(name)?;
        if name.is_empty() || !(rest.is_empty() || rest.starts_with('/')) {
            return None;
        }
        level.get(..level.len().saturating_sub(rest.len()))
    })
}

/// Skips an element that is not a field. A text in place of a level is reported.
pub(crate) fn read_stray<'a>(
    levels: &'static [&'static [&'static str]],
    around: &'static str,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if level_of(levels, around, element.name()).is_some() && !element.text().trim_ascii().is_empty()
    {
        misfits.note(element.name());
    }
}
