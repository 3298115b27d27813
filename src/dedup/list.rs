//! Doubly linked lists of entries, so that an entry can leave the middle of a list.

/// The place after the last entry of a list, and before the first. Memory is used up before all
/// smaller numbers are.
const END: u32 = u32::MAX;

/// Entries with a fixed place each. An entry can be in one list.
pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    entry: Option<T>,
    before: u32,
    after: u32,
}

/// A list of entries of one `Slots`.
pub(super) struct List {
    first: u32,
    last: u32,
}

impl<T> Slots<T> {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<&T> {
        self.slot(at)?.entry.as_ref()
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.slot_mut(at)?.entry.as_mut()
    }

    /// Adds an entry, which is in no list, and returns its place.
    pub(super) fn insert(&mut self, entry: T) -> u32 {
        let slot = Slot {
            entry: Some(entry),
            before: END,
            after: END,
        };
        let free = self.free.pop();
        if let Some((at, place)) = free.and_then(|at| Some((at, self.slot_mut(at)?))) {
            *place = slot;
            return at;
        }
        let at = u32::try_from(self.slots.len()).unwrap_or(END);
        self.slots.push(slot);
        at
    }

    fn slot(&self, at: u32) -> Option<&Slot<T>> {
        self.slots.get(usize::try_from(at).ok()?)
    }

    fn slot_mut(&mut self, at: u32) -> Option<&mut Slot<T>> {
        self.slots.get_mut(usize::try_from(at).ok()?)
    }

    /// Removes an entry, which must be in no list.
    pub(super) fn remove(&mut self, at: u32) -> Option<T> {
        let entry = self.slot_mut(at)?.entry.take();
        if entry.is_some() {
            self.free.push(at);
        }
        entry
    }

    /// Appends an entry, which must be in no list.
    pub(super) fn append(&mut self, list: &mut List, at: u32) {
        let last = list.last;
        if let Some(slot) = self.slot_mut(at) {
            (slot.before, slot.after) = (last, END);
        }
        match self.slot_mut(last) {
            Some(slot) => slot.after = at,
            None => list.first = at,
        }
        list.last = at;
    }

    /// Takes an entry out of the list that it is in.
    pub(super) fn take_out(&mut self, list: &mut List, at: u32) {
        let Some(slot) = self.slot(at) else {
            return;
        };
        let (before, after) = (slot.before, slot.after);
        match self.slot_mut(before) {
            Some(slot) => slot.after = after,
            None => list.first = after,
        }
        match self.slot_mut(after) {
            Some(slot) => slot.before = before,
            None => list.last = before,
        }
    }
}

impl List {
    pub(super) fn first(&self) -> Option<u32> {
        (self.first != END).then_some(self.first)
    }
}

impl Default for List {
    fn default() -> Self {
        Self {
            first: END,
            last: END,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(slots: &Slots<u32>, list: &List) -> Vec<u32> {
        let mut found = Vec::new();
        let mut at = list.first;
        while let Some(slot) = slots.slot(at) {
            found.push(slot.entry.unwrap());
            at = slot.after;
        }
        found
    }

    #[test]
    fn entries_leave_the_start_the_middle_and_the_end() {
        for leaves in [0, 1, 2] {
            let (mut slots, mut list) = (Slots::new(), List::default());
            let places: Vec<_> = (0..3).map(|number| slots.insert(number)).collect();
            places.iter().for_each(|at| slots.append(&mut list, *at));
            let mut expected = vec![0, 1, 2];
            assert_eq!(entries(&slots, &list), expected);

            slots.take_out(&mut list, places[leaves]);
            let left = expected.remove(leaves);
            assert_eq!(slots.remove(places[leaves]), Some(left));
            assert_eq!(entries(&slots, &list), expected);

            let at = slots.insert(7);
            assert_eq!(at, places[leaves], "the place is used again");
            slots.append(&mut list, at);
            expected.push(7);
            assert_eq!(entries(&slots, &list), expected);
        }
    }

    #[test]
    fn the_last_entry_leaves_an_empty_list() {
        let (mut slots, mut list) = (Slots::new(), List::default());
        let at = slots.insert(1);
        slots.append(&mut list, at);
        assert_eq!(list.first(), Some(at));
        slots.take_out(&mut list, at);
        assert_eq!((list.first(), list.last), (None, END));
    }
}
