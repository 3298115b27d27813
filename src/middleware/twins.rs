use std::collections::HashMap;

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
                warning!(
                    receive_id = id,
                    "two configurations for one receive id have no name, so that `DedupLayer` and \
                     the inbox take the second app's copy of an event for a repetition: give each \
                     `Config` a name"
                );
                return true;
            }
        }
    }
    false
}
