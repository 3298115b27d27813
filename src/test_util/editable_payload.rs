use serde_json::Value;

use crate::payload::{Document, Element, Format, write_cdata};

/// A payload that can be changed.
#[derive(Clone, Debug)]
pub(super) enum EditablePayload {
    Json(Value),
    Xml(XmlNode),
    /// A text that cannot be read. It is sent as it is, and no element of it can be set.
    Text(String),
}

/// An XML element.
#[derive(Clone, Debug, Default)]
pub(super) struct XmlNode {
    name: String,
    text: String,
    children: Vec<XmlNode>,
}

impl EditablePayload {
    pub(super) fn new(payload: &str) -> Self {
        let read = match Format::of(payload.as_bytes()) {
            Some(Format::Json) => serde_json::from_str(payload).ok().map(Self::Json),
            Some(Format::Xml) => Document::parse(payload.as_bytes())
                .ok()
                .map(|document| Self::Xml(XmlNode::of(document.root()))),
            None => None,
        };
        read.unwrap_or_else(|| Self::Text(payload.to_owned()))
    }

    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::Json(_) => true,
            Self::Xml(_) => false,
            Self::Text(text) => Format::of(text.as_bytes()) == Some(Format::Json),
        }
    }

    /// The text at a path. Numbers in JSON keep their spelling.
    pub(super) fn get(&self, path: &str) -> Option<String> {
        match self {
            Self::Json(root) => {
                let found = steps(path).try_fold(root, |value, step| step.value_in(value))?;
                match found {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }
            }
            Self::Xml(root) => steps(path)
                .try_fold(root, |branch, step| {
                    branch.children.get(step.index_in(branch)?)
                })
                .map(|branch| branch.text.clone()),
            Self::Text(_) => None,
        }
    }

    /// Whether there is an element at this path, with or without a text.
    pub(super) fn has(&self, path: &str) -> bool {
        match self {
            Self::Json(root) => steps(path)
                .try_fold(root, |value, step| step.value_in(value))
                .is_some(),
            Self::Xml(root) => steps(path)
                .try_fold(root, |branch, step| {
                    branch.children.get(step.index_in(branch)?)
                })
                .is_some(),
            Self::Text(_) => false,
        }
    }

    pub(super) fn set(&mut self, path: &str, text: String) {
        match self {
            Self::Json(root) => {
                if let Some(found) =
                    steps(path).try_fold(root, |value, step| step.make_value(value))
                {
                    *found = like(found, text);
                }
            }
            Self::Xml(root) => {
                let found = steps(path).try_fold(root, |branch, step| step.make_branch(branch));
                if let Some(found) = found {
                    found.children.clear();
                    found.text = text;
                }
            }
            Self::Text(_) => {}
        }
    }

    pub(super) fn unset(&mut self, path: &str) {
        let (parents, last) = match path.rsplit_once('/') {
            Some((parents, last)) => (Some(parents), Step::of(last)),
            None => (None, Step::of(path)),
        };
        let mut parents = parents.into_iter().flat_map(steps);
        match self {
            Self::Json(root) => {
                let parent = parents.try_fold(root, |value, step| step.value_in_mut(value));
                if let Some(parent) = parent {
                    last.remove_from_value(parent);
                }
            }
            Self::Xml(root) => {
                let parent = parents.try_fold(root, |branch, step| {
                    let index = step.index_in(branch)?;
                    branch.children.get_mut(index)
                });
                if let Some(parent) = parent
                    && let Some(index) = last.index_in(parent)
                {
                    parent.children.remove(index);
                }
            }
            Self::Text(_) => {}
        }
    }

    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Json(value) => format!("{value:#}"),
            Self::Xml(root) => {
                let mut out = String::with_capacity(1024);
                root.write(&mut out, 0);
                out
            }
            Self::Text(text) => text.clone(),
        }
    }
}

/// Gives a text the type of the value that it replaces, if possible.
fn like(before: &Value, text: String) -> Value {
    match (before, serde_json::from_str(&text)) {
        (Value::Number(_), Ok(number @ Value::Number(_))) => number,
        (Value::Bool(_), Ok(flag @ Value::Bool(_))) => flag,
        _ => Value::String(text),
    }
}

/// One step of a path: `Item`, or `Item[1]` for the second one.
struct Step<'a> {
    name: &'a str,
    index: Option<usize>,
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split('/').map(Step::of)
}

impl<'a> Step<'a> {
    fn of(step: &'a str) -> Self {
        let indexed = step.strip_suffix(']').and_then(|step| step.split_once('['));
        match indexed.and_then(|(name, index)| Some((name, index.parse().ok()?))) {
            Some((name, index)) => Self {
                name,
                index: Some(index),
            },
            None => Self {
                name: step,
                index: None,
            },
        }
    }

    fn index_in(&self, branch: &XmlNode) -> Option<usize> {
        let named = branch.children.iter().enumerate();
        let mut named = named.filter(|(_, child)| child.name == self.name);
        named.nth(self.index.unwrap_or(0)).map(|(index, _)| index)
    }

    /// The child, which is created if it is missing. A new item of a list is created after the
    /// existing ones.
    fn make_branch<'b>(&self, branch: &'b mut XmlNode) -> Option<&'b mut XmlNode> {
        if self.name.is_empty() {
            return None;
        }
        if let Some(index) = self.index_in(branch) {
            return branch.children.get_mut(index);
        }
        branch.children.push(XmlNode {
            name: self.name.to_owned(),
            ..XmlNode::default()
        });
        branch.children.last_mut()
    }

    fn value_in<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let found = value.get(self.name)?;
        match found {
            Value::Array(items) => items.get(self.index.unwrap_or(0)),
            _ => Some(found),
        }
    }

    fn value_in_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        let found = value.get_mut(self.name)?;
        match found {
            Value::Array(items) => items.get_mut(self.index.unwrap_or(0)),
            _ => Some(found),
        }
    }

    fn make_value<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        if self.name.is_empty() {
            return None;
        }
        if !value.is_object() {
            *value = Value::Object(serde_json::Map::new());
        }
        let found = value
            .as_object_mut()?
            .entry(self.name)
            .or_insert(Value::Null);
        if self.index.is_some() && found.is_null() {
            *found = Value::Array(Vec::new());
        }
        let Value::Array(items) = found else {
            return Some(found);
        };
        let index = self.index.unwrap_or(0);
        if index >= items.len() {
            items.push(Value::Null);
            return items.last_mut();
        }
        items.get_mut(index)
    }

    fn remove_from_value(&self, parent: &mut Value) {
        let Some(object) = parent.as_object_mut() else {
            return;
        };
        match (object.get_mut(self.name), self.index) {
            (Some(Value::Array(items)), Some(index)) if index < items.len() => {
                items.remove(index);
            }
            (Some(_), None) => {
                object.remove(self.name);
            }
            _ => {}
        }
    }
}

impl XmlNode {
    fn of(element: Element<'_>) -> Self {
        Self {
            name: element.name().to_owned(),
            text: if element.has_children() {
                String::new()
            } else {
                element.text().to_owned()
            },
            children: element.children().map(Self::of).collect(),
        }
    }

    /// Writes the element as WeCom does: numbers without CDATA, other texts in CDATA.
    fn write(&self, out: &mut String, depth: usize) {
        let is_number =
            !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(&"  ".repeat(depth));
        out.push('<');
        out.push_str(&self.name);
        out.push('>');
        if !self.children.is_empty() {
            out.push('\n');
            for child in &self.children {
                child.write(out, depth.saturating_add(1));
            }
            out.push_str(&"  ".repeat(depth));
        } else if is_number {
            out.push_str(&self.text);
        } else {
            write_cdata(out, &self.text);
        }
        out.push_str("</");
        out.push_str(&self.name);
        out.push_str(">\n");
    }
}
