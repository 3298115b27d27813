//! A callback as a tree that a test can change and write out again.

use serde_json::{Map, Value};

/// An element with a text or with children.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
    /// In JSON, a number or a boolean, not a string.
    pub is_bare: bool,
    /// In JSON, a value of an array.
    pub is_item: bool,
}

impl Node {
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// Reads a sample. Supports elements, texts and CDATA, because the samples use only these.
    pub fn parse(xml: &str) -> Self {
        let (node, rest) = element(xml.trim());
        assert_eq!(rest, "", "one root");
        node
    }

    /// Reads a sample in JSON. An array becomes repeated elements.
    pub fn parse_json(json: &str) -> Self {
        Self::from_json("xml", &serde_json::from_str(json).unwrap())
    }

    fn from_json(name: &str, json: &Value) -> Self {
        let mut node = Self::new(name, "");
        match json {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let Value::Array(items) = value else {
                        node.children.push(Self::from_json(name, value));
                        continue;
                    };
                    let items = items.iter().map(|item| Self::from_json(name, item));
                    node.children.extend(items.map(|item| Self {
                        is_item: true,
                        ..item
                    }));
                }
            }
            Value::String(text) => node.text.clone_from(text),
            bare => {
                node.text = bare.to_string();
                node.is_bare = true;
            }
        }
        node
    }

    pub fn to_json(&self) -> Value {
        if self.children.is_empty() {
            let bare = serde_json::from_str::<Value>(&self.text).ok();
            return match bare.filter(|_| self.is_bare) {
                Some(bare) => bare,
                None => self.text.as_str().into(),
            };
        }
        let mut object = Map::new();
        for child in &self.children {
            let value = child.to_json();
            if child.is_item {
                let items = object
                    .entry(&child.name)
                    .or_insert_with(|| Value::Array(Vec::new()));
                items.as_array_mut().unwrap().push(value);
            } else {
                // The first of two elements with the same name counts.
                object.entry(&child.name).or_insert(value);
            }
        }
        object.into()
    }

    /// Writes the texts as the samples do: digits without CDATA, everything else in CDATA.
    pub fn to_xml(&self) -> String {
        self.spell(&|text| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            if is_number {
                text.to_owned()
            } else {
                cdata(text)
            }
        })
    }

    /// Writes the texts with this function.
    pub fn spell(&self, spell: &dyn Fn(&str) -> String) -> String {
        let text = spell(&self.text);
        let children: String = self
            .children
            .iter()
            .map(|child| child.spell(spell))
            .collect();
        format!("<{0}>{text}{children}</{0}>", self.name)
    }

    /// The paths of all elements that a path such as `ExtAttr/Item/Name` leads to:
    /// `ExtAttr/Item[1]/Name`.
    pub fn places(&self, path: &str) -> Vec<String> {
        let (name, below) = path.split_once('/').unwrap_or((path, ""));
        let named: Vec<_> = self
            .children
            .iter()
            .filter(|child| child.name == name)
            .collect();
        let mut places = Vec::new();
        for (index, child) in named.iter().enumerate() {
            let step = if named.len() == 1 {
                name.to_owned()
            } else {
                format!("{name}[{index}]")
            };
            if below.is_empty() {
                places.push(step);
            } else {
                places.extend(
                    child
                        .places(below)
                        .iter()
                        .map(|place| format!("{step}/{place}")),
                );
            }
        }
        places
    }

    /// The names of the children, without repetitions.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for child in &self.children {
            if !names.contains(&child.name.as_str()) {
                names.push(&child.name);
            }
        }
        names
    }

    pub fn has(&self, path: &str) -> bool {
        !self.places(path).is_empty()
    }

    /// The paths of all elements without children, as [`Node::places`] writes them.
    pub fn leaves(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for place in self.names().into_iter().flat_map(|name| self.places(name)) {
            let below = self.at(&place).leaves();
            if below.is_empty() {
                paths.push(place);
            } else {
                paths.extend(below.iter().map(|path| format!("{place}/{path}")));
            }
        }
        paths
    }

    /// The element at a path of [`Node::places`]. The empty path leads to the root.
    pub fn at(&self, path: &str) -> &Self {
        steps(path).fold(self, |node, step| &node.children[node.index_of(step)])
    }

    pub fn at_mut(&mut self, path: &str) -> &mut Self {
        steps(path).fold(self, |node, step| {
            let index = node.index_of(step);
            &mut node.children[index]
        })
    }

    /// Removes the element at a path. Without an index, removes all elements of this name.
    pub fn remove(&mut self, path: &str) {
        let (parent, step) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.at_mut(parent);
        let first = parent.index_of(step);
        if step.ends_with(']') {
            parent.children.remove(first);
        } else {
            parent.children.retain(|child| child.name != step);
        }
    }

    fn index_of(&self, step: &str) -> usize {
        let indexed = step.strip_suffix(']').and_then(|step| step.split_once('['));
        let (name, nth) = indexed.map_or((step, 0), |(name, nth)| (name, nth.parse().unwrap()));
        let mut named = self
            .children
            .iter()
            .enumerate()
            .filter(|(_, child)| child.name == name);
        named
            .nth(nth)
            .unwrap_or_else(|| panic!("{} has no {step}", self.name))
            .0
    }
}

pub fn cdata(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("<![CDATA[{text}]]>")
    }
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !step.is_empty())
}

/// Reads the element at the beginning of the text. Returns it and the rest of the text.
fn element(xml: &str) -> (Node, &str) {
    let (name, mut rest) = xml.strip_prefix('<').unwrap().split_once('>').unwrap();
    let mut node = Node::new(name, "");
    loop {
        rest = rest.trim_start();
        if let Some(cdata) = rest.strip_prefix("<![CDATA[") {
            let (text, behind) = cdata.split_once("]]>").unwrap();
            node.text.push_str(text);
            rest = behind;
        } else if let Some(end) = rest.strip_prefix("</") {
            return (
                node,
                end.strip_prefix(name).unwrap().strip_prefix('>').unwrap(),
            );
        } else if rest.starts_with('<') {
            let (child, behind) = element(rest);
            node.children.push(child);
            rest = behind;
        } else {
            let end = rest.find('<').unwrap();
            node.text.push_str(rest[..end].trim_end());
            rest = &rest[end..];
        }
    }
}
