//! WeCom's Chinese names of the events. The `doc(alias)` of their structs are the source: the page
//! of events and the samples have them from there.

use std::path::Path;

/// The aliases and the documents of an event.
pub struct Names {
    /// The Chinese aliases, the most general one first.
    pub chinese: Vec<String>,
    /// The number of the first document that the struct or its family names.
    pub document: String,
}

/// The source of the events, which has the aliases.
pub struct Sources(String);

impl Sources {
    pub fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/event");
        let files = std::fs::read_dir(folder).unwrap();
        let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        Self(texts.collect())
    }

    /// The documentation and the attributes of an event's struct.
    pub fn of_struct(&self, type_name: &str) -> &str {
        let ends = [" {", " in "];
        let found = ends.iter().find_map(|rest| {
            self.0
                .find(&format!("#[event]\n    pub struct {type_name}{rest}"))
        });
        let end = found.unwrap_or_else(|| panic!("no struct {type_name}"));
        self.above(end)
    }

    /// The documentation and the attributes of a family.
    pub fn of_family(&self, family: &str) -> &str {
        match self.0.find(&format!("pub enum {family} {{")) {
            Some(end) => self.above(end),
            None => "",
        }
    }

    pub fn names(&self, type_name: &str, family: &str) -> Names {
        let attributes = self.of_struct(type_name);
        let aliases = attributes.split("#[doc(alias = \"").skip(1);
        let aliases = aliases.filter_map(|rest| rest.split('"').next());
        let numbers = [attributes, self.of_family(family)].map(document_numbers);
        Names {
            chinese: aliases
                .filter(|alias| alias.contains(is_chinese))
                .map(str::to_owned)
                .collect(),
            document: numbers.concat().first().cloned().unwrap_or_default(),
        }
    }

    fn above(&self, end: usize) -> &str {
        let start = self.0[..end].rfind("\n\n").unwrap();
        &self.0[start..end]
    }
}

pub fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// WeCom's documents have numbers with five or six digits.
pub fn document_numbers(text: &str) -> Vec<String> {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    numbers
        .filter(|number| number.len() >= 5)
        .map(str::to_owned)
        .collect()
}
