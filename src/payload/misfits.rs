use smallvec::SmallVec;

/// The paths of fields with invalid values, and of ids that are missing.
#[derive(Debug, Default)]
pub(crate) struct Misfits<'a> {
    inside: SmallVec<[(&'static str, &'a str); 4]>,
    /// The current level in the innermost element.
    level: &'static str,
    found: Vec<String>,
}

impl<'a> Misfits<'a> {
    pub(crate) fn enter(&mut self, name: &'a str) {
        self.inside.push((std::mem::take(&mut self.level), name));
    }

    pub(crate) fn leave(&mut self) {
        if let Some((level, _)) = self.inside.pop() {
            self.level = level;
        }
    }

    pub(crate) fn set_level(&mut self, level: &'static str) {
        self.level = level;
    }

    pub(crate) fn into_found(self) -> Vec<String> {
        self.found
    }

    pub(crate) fn note(&mut self, name: &str) {
        let steps = self.inside.iter().flat_map(|(level, name)| [*level, *name]);
        let steps = steps
            .chain([self.level, name])
            .filter(|step| !step.is_empty());
        let path = steps.collect::<Vec<_>>().join("/");
        // A list with several invalid values is reported once, and so is an element that both the
        // header and the event read.
        if !self.found.contains(&path) {
            self.found.push(path);
        }
    }
}
