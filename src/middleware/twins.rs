use std::collections::HashMap;

use super::ordered_map::OrderedMap;
use crate::protocol::Config;
use crate::trace::warning;

/// Warns if two configurations without names are for the same receive id. Returns whether it did.
///
/// Two apps of one corp get equal copies of an event. `DedupLayer` and the inbox take the second
/// copy for a repetition of the first, unless the configurations have different names.
pub(super) fn warn_of_twins<'a>(configs: impl Iterator<Item = &'a Config> + 'a) -> bool {
    let mut seen: HashMap<&str, &Config> = HashMap::new();
    for config in configs.filter(|config| config.tenant().is_none()) {
        for id in config.delivery_ids() {
            let first = *seen.entry(id).or_insert(config);
            if !first.is_same_app(config) {
                warn(id);
                return true;
            }
        }
    }
    false
}

fn warn(id: &str) {
    warning!(
        receive_id = id,
        "two configurations for one receive id have no name, so that `DedupLayer` and the inbox \
         take the second app's copy of an event for a repetition: give each `Config` a name"
    );
    let _ = id;
}

/// The configurations without names, by their receive ids. So a change of one row of a large table
/// does not have to look at all rows.
#[derive(Clone, Default)]
pub(super) struct Twins {
    nameless: OrderedMap<Nameless>,
    /// How many receive ids have configurations of different apps.
    count: usize,
}

#[derive(Clone, Default)]
struct Nameless {
    configs: Vec<Config>,
    differ: bool,
}

impl Twins {
    pub(super) fn add(&mut self, config: &Config) {
        for id in nameless_ids(config) {
            let count = &mut self.count;
            self.nameless.change(id, |nameless| {
                let first = nameless.configs.first();
                let is_new = first.is_some_and(|first| !first.is_same_app(config));
                if is_new && !nameless.differ {
                    nameless.differ = true;
                    *count = count.saturating_add(1);
                }
                nameless.configs.push(config.clone());
            });
        }
    }

    pub(super) fn remove(&mut self, config: &Config) {
        for id in nameless_ids(config) {
            let (count, mut is_last) = (&mut self.count, false);
            self.nameless.change(id, |nameless| {
                let configs = &mut nameless.configs;
                if let Some(at) = configs.iter().position(|other| other.is_same(config)) {
                    drop(configs.swap_remove(at));
                }
                let first = configs.first();
                let mut others = configs.iter();
                let differ = nameless.differ
                    && first.is_some_and(|first| others.any(|other| !first.is_same_app(other)));
                if nameless.differ && !differ {
                    *count = count.saturating_sub(1);
                }
                nameless.differ = differ;
                is_last = nameless.configs.is_empty();
            });
            if is_last {
                self.nameless.remove(id);
            }
        }
    }

    pub(super) fn warn(&self) {
        if self.count == 0 {
            return;
        }
        if let Some((id, _)) = self.nameless.iter().find(|(_, nameless)| nameless.differ) {
            warn(id);
        }
    }
}

fn nameless_ids(config: &Config) -> impl Iterator<Item = &str> {
    let is_nameless = config.tenant().is_none();
    config.delivery_ids().filter(move |_| is_nameless)
}
