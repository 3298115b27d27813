//! The entries of [`MemoryStore`](super::MemoryStore), their size and their order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use hashbrown::HashTable;

use super::kept::{KeptAnswer, Origin};
use super::key::{ClaimToken, DedupKey};
use super::list::{List, Slots};
use super::store::Claim;

/// The size of an entry without its text. Measured, then rounded up.
const ENTRY_BYTES: usize = 200;

/// A map of bounded size. When it is full, the oldest answers are dropped.
///
/// The claims that run are in one list, in the order of the claims. The answers of each tenant are
/// in a list of their own, in the order of the commits.
pub(super) struct Table {
    capacity: usize,
    /// The bytes that a tenant may hold when there is no room for the others.
    share: usize,
    bytes: usize,
    places: HashTable<Place>,
    hasher: RandomState,
    entries: Slots<Entry>,
    running: List,
    tenants: HashMap<Origin, Answers>,
    /// The tenants by the age of their oldest answer.
    oldest: BTreeMap<u64, Origin>,
    /// The tenants that hold more than their share.
    above_share: BTreeSet<Origin>,
    next_age: u64,
}

/// Where an entry is, and the hash of its key. With the hash here, the index grows without a look
/// at the entries.
struct Place {
    at: u32,
    hash: u32,
}

/// The answers of a tenant.
#[derive(Default)]
struct Answers {
    list: List,
    bytes: usize,
}

struct Entry {
    key: DedupKey,
    state: State,
    until: Instant,
    /// An entry with a smaller number is older.
    age: u64,
}

pub(super) enum State {
    Running(ClaimToken),
    Finished(KeptAnswer),
}

impl Table {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            share: capacity / 2,
            bytes: 0,
            places: HashTable::new(),
            hasher: RandomState::new(),
            entries: Slots::new(),
            running: List::default(),
            tenants: HashMap::new(),
            oldest: BTreeMap::new(),
            above_share: BTreeSet::new(),
            next_age: 0,
        }
    }

    /// Sets the share of each tenant. The table must be empty.
    pub(super) fn set_share(&mut self, bytes: usize) {
        self.share = bytes;
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Claims a key that is free. If `again` is set, a finished key is free.
    pub(super) fn claim(
        &mut self,
        key: DedupKey,
        token: ClaimToken,
        (now, until): (Instant, Instant),
        again: bool,
    ) -> Claim {
        let hash = self.hash(key);
        let at = self.find(key, hash);
        if let Some(entry) = at.and_then(|at| self.entries.get(at))
            && entry.until > now
        {
            match &entry.state {
                State::Running(by) if *by != token => return Claim::Running,
                State::Finished(answer) if !again => return Claim::Finished(answer.clone()),
                _ => {}
            }
        }
        self.put(at, hash, (key, State::Running(token)), (now, until));
        Claim::Granted
    }

    /// Replaces an entry that is running under this token, that is over, or that is missing.
    /// Returns whether it did.
    pub(super) fn replace(
        &mut self,
        key: DedupKey,
        token: ClaimToken,
        new: State,
        (now, until): (Instant, Instant),
    ) -> bool {
        let hash = self.hash(key);
        let at = self.find(key, hash);
        if let Some(entry) = at.and_then(|at| self.entries.get(at))
            && entry.until > now
            && !entry.is_claimed_by(token)
        {
            return false;
        }
        self.put(at, hash, (key, new), (now, until));
        true
    }

    pub(super) fn release(&mut self, key: DedupKey, token: ClaimToken) {
        let at = self.find(key, self.hash(key));
        if let Some(at) = at
            && let Some(entry) = self.entries.get(at)
            && entry.is_claimed_by(token)
        {
            self.remove(at);
        }
    }

    fn put(
        &mut self,
        at: Option<u32>,
        hash: u32,
        (key, state): (DedupKey, State),
        (now, until): (Instant, Instant),
    ) {
        let age = self.next_age;
        self.next_age = age.saturating_add(1);
        let tenant = state.tenant();
        let at = match at {
            Some(at) => {
                self.detach(at);
                if let Some(entry) = self.entries.get_mut(at) {
                    (entry.state, entry.until, entry.age) = (state, until, age);
                }
                at
            }
            None => {
                let at = self.entries.insert(Entry {
                    key,
                    state,
                    until,
                    age,
                });
                self.index(Place { at, hash });
                at
            }
        };
        self.attach(at);
        self.make_room(tenant, now);
    }

    fn remove(&mut self, at: u32) {
        self.detach(at);
        let Some(entry) = self.entries.remove(at) else {
            return;
        };
        let hash = self.hash(entry.key);
        if let Ok(found) = self.places.find_entry(spread(hash), |place| place.at == at) {
            found.remove();
        }
    }

    fn find(&self, key: DedupKey, hash: u32) -> Option<u32> {
        let is_there = |place: &Place| {
            let entry = self.entries.get(place.at);
            place.hash == hash && entry.is_some_and(|entry| entry.key == key)
        };
        Some(self.places.find(spread(hash), is_there)?.at)
    }

    /// Adds the place of an entry to the index.
    fn index(&mut self, place: Place) {
        let hash = spread(place.hash);
        let again = |place: &Place| spread(place.hash);
        self.places.insert_unique(hash, place, again);
    }

    /// The hash of a key. The key is a SHA-256, so the sum of its words is as good as all of them.
    /// The hasher has a secret, so no peer can choose keys with one hash.
    fn hash(&self, key: DedupKey) -> u32 {
        let (words, _) = key.as_bytes().as_chunks();
        let word = words
            .iter()
            .fold(0, |sum, word| sum ^ u64::from_ne_bytes(*word));
        let [_, _, _, _, hash @ ..] = self.hasher.hash_one(word).to_ne_bytes();
        u32::from_ne_bytes(hash)
    }

    /// Puts an entry into its list and counts it.
    fn attach(&mut self, at: u32) {
        let Some(entry) = self.entries.get(at) else {
            return;
        };
        let (bytes, age) = (entry.bytes(), entry.age);
        self.bytes = self.bytes.saturating_add(bytes);
        let Some(tenant) = entry.state.tenant() else {
            return self.entries.append(&mut self.running, at);
        };
        let answers = self.tenants.entry(tenant).or_default();
        if answers.list.first().is_none() {
            self.oldest.insert(age, tenant);
        }
        self.entries.append(&mut answers.list, at);
        answers.bytes = answers.bytes.saturating_add(bytes);
        if answers.bytes > self.share {
            self.above_share.insert(tenant);
        }
    }

    /// Undoes `attach`.
    fn detach(&mut self, at: u32) {
        let Some(entry) = self.entries.get(at) else {
            return;
        };
        let (bytes, age) = (entry.bytes(), entry.age);
        self.bytes = self.bytes.saturating_sub(bytes);
        let Some(tenant) = entry.state.tenant() else {
            return self.entries.take_out(&mut self.running, at);
        };
        let Some(answers) = self.tenants.get_mut(&tenant) else {
            return;
        };
        self.entries.take_out(&mut answers.list, at);
        answers.bytes = answers.bytes.saturating_sub(bytes);
        if answers.bytes <= self.share {
            self.above_share.remove(&tenant);
        }
        let oldest = answers.list.first();
        if self.oldest.remove(&age).is_some()
            && let Some(next) = oldest.and_then(|at| self.entries.get(at))
        {
            self.oldest.insert(next.age, tenant);
        }
        if oldest.is_none() {
            self.tenants.remove(&tenant);
        }
    }

    /// Drops answers until the rest fits. Claims that run stay, however many they are.
    fn make_room(&mut self, tenant: Option<Origin>, now: Instant) {
        if self.bytes > self.capacity {
            // Two looks for each new claim, so that dead claims never outnumber those that run.
            self.drop_a_dead_claim(now);
            self.drop_a_dead_claim(now);
        }
        while self.bytes > self.capacity {
            match self.oldest_answer(tenant) {
                Some(at) => self.remove(at),
                None => return,
            }
        }
    }

    /// The oldest answer of a tenant that holds more than its share, preferably of the tenant that
    /// needs the room. If all hold less, the oldest of all.
    fn oldest_answer(&self, tenant: Option<Origin>) -> Option<u32> {
        let tenant = tenant
            .filter(|tenant| self.above_share.contains(tenant))
            .or_else(|| self.above_share.first().copied())
            .or_else(|| self.oldest.first_key_value().map(|(_, tenant)| *tenant))?;
        self.tenants.get(&tenant)?.list.first()
    }

    /// Looks at one claim, and drops it if its lease is over. A run that was answered before its
    /// end leaves such a claim.
    fn drop_a_dead_claim(&mut self, now: Instant) {
        let Some(at) = self.running.first() else {
            return;
        };
        if self.entries.get(at).is_some_and(|entry| entry.until <= now) {
            return self.remove(at);
        }
        self.entries.take_out(&mut self.running, at);
        self.entries.append(&mut self.running, at);
    }
}

/// The index uses the lowest and the highest bits of a hash.
fn spread(hash: u32) -> u64 {
    let hash = u64::from(hash);
    hash << 32 | hash
}

impl State {
    /// The tenant of an answer.
    fn tenant(&self) -> Option<Origin> {
        match self {
            Self::Running(_) => None,
            Self::Finished(answer) => Some(answer.origin()),
        }
    }
}

impl Entry {
    fn is_claimed_by(&self, token: ClaimToken) -> bool {
        matches!(&self.state, State::Running(by) if *by == token)
    }

    fn bytes(&self) -> usize {
        match &self.state {
            State::Running(_) => ENTRY_BYTES,
            State::Finished(answer) => ENTRY_BYTES.saturating_add(answer.len()),
        }
    }
}
