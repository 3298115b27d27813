//! A map that is cheap to clone, and whose change costs no copy of the rest.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::mem;
use std::sync::Arc;

/// A map from texts, in their order. Clones share what does not differ.
///
/// It is a treap: a search tree by the keys in which no node has a smaller priority than its
/// children. The priority is random, so the tree is flat, whatever the keys are and in whatever
/// order they come: tenants may choose their own.
#[derive(Clone)]
pub(super) struct OrderedMap<V> {
    root: Tree<V>,
}

type Tree<V> = Option<Arc<Node<V>>>;

#[derive(Clone)]
struct Node<V> {
    priority: u64,
    entry: Arc<Entry<V>>,
    left: Tree<V>,
    right: Tree<V>,
}

#[derive(Clone)]
struct Entry<V> {
    key: String,
    value: V,
}

impl<V> Default for OrderedMap<V> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<V: Clone> OrderedMap<V> {
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        let mut tree = &self.root;
        while let Some(node) = tree {
            tree = match key.cmp(&node.entry.key) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some(&node.entry.value),
            };
        }
        None
    }

    /// Changes the value of a key. It is added if it is missing.
    pub(super) fn change(&mut self, key: &str, change: impl FnOnce(&mut V))
    where
        V: Default,
    {
        if self.get(key).is_none() {
            insert(&mut self.root, Node::new(key.to_owned()));
        }
        if let Some(value) = find_mut(&mut self.root, key) {
            change(value);
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        // Without the key, nothing needs a copy.
        if self.get(key).is_some() {
            cut(&mut self.root, key);
        }
    }

    /// The values in the order of their keys.
    pub(super) fn iter(&self) -> Iter<'_, V> {
        let mut iter = Iter { path: Vec::new() };
        iter.descend(&self.root);
        iter
    }
}

impl<V: Default> Node<V> {
    fn new(key: String) -> Self {
        let value = V::default();
        Self {
            priority: RandomState::new().build_hasher().finish(),
            entry: Arc::new(Entry { key, value }),
            left: None,
            right: None,
        }
    }
}

fn find_mut<'a, V: Clone>(tree: &'a mut Tree<V>, key: &str) -> Option<&'a mut V> {
    let node = Arc::make_mut(tree.as_mut()?);
    match key.cmp(&node.entry.key) {
        Ordering::Less => find_mut(&mut node.left, key),
        Ordering::Greater => find_mut(&mut node.right, key),
        Ordering::Equal => Some(&mut Arc::make_mut(&mut node.entry).value),
    }
}

fn insert<V: Clone>(tree: &mut Tree<V>, new: Node<V>) {
    let Some(top) = tree else {
        *tree = Some(Arc::new(new));
        return;
    };
    let top = Arc::make_mut(top);
    let is_above = |child: &Tree<V>, priority| {
        child
            .as_ref()
            .is_some_and(|child| child.priority > priority)
    };
    if new.entry.key < top.entry.key {
        insert(&mut top.left, new);
        if is_above(&top.left, top.priority) {
            rotate_right(top);
        }
    } else {
        insert(&mut top.right, new);
        if is_above(&top.right, top.priority) {
            rotate_left(top);
        }
    }
}

/// Makes the left child the parent.
fn rotate_right<V: Clone>(top: &mut Node<V>) {
    let Some(mut child) = top.left.take() else {
        return;
    };
    let node = Arc::make_mut(&mut child);
    top.left = node.right.take();
    mem::swap(top, node);
    top.right = Some(child);
}

/// Makes the right child the parent.
fn rotate_left<V: Clone>(top: &mut Node<V>) {
    let Some(mut child) = top.right.take() else {
        return;
    };
    let node = Arc::make_mut(&mut child);
    top.right = node.left.take();
    mem::swap(top, node);
    top.left = Some(child);
}

fn cut<V: Clone>(tree: &mut Tree<V>, key: &str) {
    let Some(top) = tree else { return };
    let top = Arc::make_mut(top);
    match key.cmp(&top.entry.key) {
        Ordering::Less => cut(&mut top.left, key),
        Ordering::Greater => cut(&mut top.right, key),
        Ordering::Equal => *tree = joined(top.left.take(), top.right.take()),
    }
}

/// One tree of two, where all keys of the left one are smaller.
fn joined<V: Clone>(left: Tree<V>, right: Tree<V>) -> Tree<V> {
    match (left, right) {
        (Some(mut left), Some(right)) if left.priority >= right.priority => {
            let top = Arc::make_mut(&mut left);
            top.right = joined(top.right.take(), Some(right));
            Some(left)
        }
        (Some(left), Some(mut right)) => {
            let top = Arc::make_mut(&mut right);
            top.left = joined(Some(left), top.left.take());
            Some(right)
        }
        (left, right) => left.or(right),
    }
}

/// The values of a map.
pub(super) struct Iter<'a, V> {
    /// The next node, and the nodes above it that are still to come.
    path: Vec<&'a Node<V>>,
}

impl<'a, V> Iter<'a, V> {
    fn descend(&mut self, tree: &'a Tree<V>) {
        let mut tree = tree;
        while let Some(node) = tree {
            self.path.push(node);
            tree = &node.left;
        }
    }
}

impl<'a, V> Iterator for Iter<'a, V> {
    type Item = (&'a str, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.path.pop()?;
        self.descend(&node.right);
        Some((&node.entry.key, &node.entry.value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::hash::{DefaultHasher, Hash};

    use super::*;

    #[test]
    fn it_is_a_map_in_order_and_no_change_is_seen_by_an_earlier_clone() {
        let (mut map, mut model) = (OrderedMap::<Vec<u32>>::default(), BTreeMap::new());
        let mut before = Vec::new();
        // Numbers that look random and are the same in every run.
        let mut number = 1_u32;
        for step in 0..4_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = ((number >> 16) % 500).to_string();
            if number.is_multiple_of(3) {
                map.remove(&key);
                model.remove(&key);
            } else {
                map.change(&key, |value| value.push(step));
                model.entry(key).or_insert_with(Vec::new).push(step);
            }
            if step.is_multiple_of(500) {
                before.push((map.clone(), model.clone()));
            }
        }
        before.push((map, model));
        for (map, model) in before {
            let entries = map
                .iter()
                .map(|(key, value)| (key.to_owned(), value.clone()));
            assert_eq!(entries.collect::<Vec<_>>(), Vec::from_iter(model.clone()));
            assert!((0..500).all(|key| map.get(&key.to_string()) == model.get(&key.to_string())));
        }
    }

    #[test]
    fn a_change_copies_a_path_and_no_more() {
        let mut map = OrderedMap::<u32>::default();
        (0..10_000).for_each(|key| map.change(&format!("ww{key}"), |value| *value = key));
        let before = map.clone();
        map.change("ww77", |value| *value = 0);
        let mut ours = Vec::new();
        let mut rest = vec![&map.root];
        while let Some(tree) = rest.pop() {
            let Some(node) = tree else { continue };
            if Arc::strong_count(node) == 1 {
                ours.push(node);
                rest.extend([&node.left, &node.right]);
            }
        }
        assert!(ours.len() < 60, "{} nodes", ours.len());
        assert_eq!(before.get("ww77"), Some(&77));
    }

    #[test]
    fn keys_that_a_stranger_has_chosen_make_no_deep_tree() {
        let hash = |key: &str| {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            hasher.finish()
        };
        // In an order in which a hash without a secret puts each below the one before it.
        let mut before = u64::MAX;
        let is_next = |key: &String| {
            let is_close = before
                .checked_sub(hash(key))
                .is_some_and(|it| it < u64::MAX / 1_000);
            if is_close {
                before = hash(key);
            }
            is_close
        };
        let keys = (0..)
            .map(|number| format!("{number:012}"))
            .filter(is_next)
            .take(500);
        let mut map = OrderedMap::<u32>::default();
        keys.for_each(|key| map.change(&key, |value| *value = 1));
        let (mut deepest, mut rest) = (0, vec![(&map.root, 0)]);
        while let Some((tree, depth)) = rest.pop() {
            let Some(node) = tree else { continue };
            deepest = deepest.max(depth);
            rest.extend([(&node.left, depth + 1), (&node.right, depth + 1)]);
        }
        assert!(deepest < 60, "{deepest}");
    }
}
