//! Reads the fields of any struct from a tree, by the table of its fields.
//!
//! The code that differs from struct to struct only puts a value into a field. All else is here,
//! once: code of its own for each of the structs would be a third of the program.

use super::element::Element;
use super::level::{Leveled, is_leveled, read_stray};
use super::misfits::Misfits;
use super::nodes::{ListPosition, Node};
use super::same::is_same;

/// The text of an element does not fit the type of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// A struct made by [`fields!`](super::record::fields).
pub(crate) trait Shaped {
    /// The table of the fields.
    fn shape(&self) -> &'static Shape;
}

/// A struct whose fields can be read.
pub(crate) trait Record: Shaped {
    /// Changes the value of the field with this index. Returns whether it has a value then.
    fn fill<'a>(
        &mut self,
        step: &Step<'a>,
        misfits: &mut Misfits<'a>,
        index: usize,
    ) -> Result<bool, Unfit>;
}

/// A reference has no destructor, so a `&mut dyn Record` that is made of one has no code for it.
/// One that is made of the struct would bring the struct's own, which is large, into each part of
/// the program that makes one.
impl<T: Record> Record for &mut T {
    fn fill<'a>(
        &mut self,
        step: &Step<'a>,
        misfits: &mut Misfits<'a>,
        index: usize,
    ) -> Result<bool, Unfit> {
        T::fill(self, step, misfits, index)
    }
}

impl<T: Shaped> Shaped for &mut T {
    fn shape(&self) -> &'static Shape {
        T::shape(self)
    }
}

impl<T: Shaped> Shaped for &T {
    fn shape(&self) -> &'static Shape {
        T::shape(self)
    }
}

/// The fields of a struct.
pub(crate) struct Shape {
    fields: &'static [Field],
    /// The levels of all fields, or nothing if no field has a level.
    levels: &'static [&'static [&'static str]],
    /// The kind of a whole callback. Its JSON begins with it.
    kind: Option<&'static str>,
    has_required: bool,
    marks: Marks,
}

/// One field.
pub(crate) struct Field {
    /// Its name in Rust and in JSON.
    name: &'static str,
    /// The wire name, and other spellings of it.
    wire_names: &'static [&'static str],
    /// The levels that it can be in. Empty if it is in none.
    levels: &'static [&'static str],
    manner: Manner,
    /// Whether its element has a text and no children.
    is_scalar: bool,
    marks: Marks,
}

/// A set of names that may contain others as well. To look into it is faster than to compare texts.
#[derive(Clone, Copy)]
struct Marks(u64);

impl Marks {
    const NONE: Self = Self(0);

    const fn of(name: &[u8]) -> Self {
        let (Some(first), Some(last)) = (name.first(), name.last()) else {
            return Self(1);
        };
        let [len, ..] = name.len().to_le_bytes();
        let hash = len.wrapping_mul(5) ^ first.wrapping_mul(3) ^ *last;
        Self(1_u64.wrapping_shl(u32::from_le_bytes([hash, 0, 0, 0])))
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    const fn has(self, name: Self) -> bool {
        self.0 & name.0 != 0
    }
}

/// How often the element of a field occurs.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// Once. Without it the struct cannot be read.
    Required,
    /// Once or not at all.
    Once,
    /// Once, with a comma list in it, or as the values of a JSON array.
    CommaList,
    /// Any number of times.
    Repeated,
    /// Any number of times inside another element. These are the names that it can have.
    Inside(&'static [&'static str]),
}

/// A change of a field.
pub(crate) enum Step<'a> {
    /// There is no value after all.
    Clear,
    /// The value is a list, perhaps an empty one.
    BeList,
    /// Reads the value, or adds it to a list.
    Read(Element<'a>),
}

/// How many fields a struct can have.
const MAX_FIELDS: usize = 20;

/// What has been seen of a field.
struct Slot<'a> {
    /// The first element of its name.
    first: Option<&'a Node>,
    /// The element was a value of a JSON array, so more values can follow.
    is_array: bool,
    has_value: bool,
}

impl Slot<'_> {
    const NEW: Self = Self {
        first: None,
        is_array: false,
        has_value: false,
    };
}

/// Reads a struct from the children of an element. `false` if an id is missing or unreadable.
#[inline]
pub(crate) fn read_record<'a>(
    mut record: &mut impl Record,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> bool {
    read_any(&mut record, element, misfits)
}

fn read_any<'a>(record: &mut dyn Record, element: Element<'a>, misfits: &mut Misfits<'a>) -> bool {
    let shape = record.shape();
    // Most structs have few fields, and to initialise the rest takes time.
    match shape.fields.len() {
        ..=4 => read_children::<4>(record, shape, element, misfits),
        5..=8 => read_children::<8>(record, shape, element, misfits),
        _ => read_children::<MAX_FIELDS>(record, shape, element, misfits),
    }
}

fn read_children<'a, const N: usize>(
    record: &mut dyn Record,
    shape: &'static Shape,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> bool {
    let mut slots = [const { Slot::NEW }; N];
    let mut reading = Reading {
        record,
        shape,
        slots: &mut slots,
        likely: 0,
    };
    if shape.levels.is_empty() {
        for child in element.children() {
            reading.read_child("", child, misfits);
        }
    } else {
        reading.read_leveled(element, misfits);
    }
    !shape.has_required || shape.has_all_required(&slots, misfits)
}

/// Reads a struct that is the value of a field. An element with a text in place of children is
/// invalid. An empty element is an empty struct.
#[inline]
pub(crate) fn read_nested<'a>(
    mut record: &mut impl Record,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<(), Unfit> {
    read_any_nested(&mut record, element, misfits)
}

fn read_any_nested<'a>(
    record: &mut dyn Record,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<(), Unfit> {
    if !element.has_children() && !element.text().trim_ascii().is_empty() {
        return Err(Unfit);
    }
    misfits.enter(element.name());
    let is_read = read_any(record, element, misfits);
    misfits.leave();
    if is_read { Ok(()) } else { Err(Unfit) }
}

impl Shape {
    pub(crate) const fn new(
        fields: &'static [Field],
        levels: &'static [&'static [&'static str]],
        kind: Option<&'static str>,
    ) -> Self {
        assert!(fields.len() <= MAX_FIELDS, "raise MAX_FIELDS");
        let (mut rest, mut marks, mut has_required) = (fields, Marks::NONE, false);
        while let Some((field, others)) = rest.split_first() {
            marks = marks.and(field.marks);
            has_required |= matches!(field.manner, Manner::Required);
            rest = others;
        }
        Self {
            fields,
            levels: if is_leveled(levels) { levels } else { &[] },
            kind,
            has_required,
            marks,
        }
    }

    pub(super) fn fields(&self) -> &'static [Field] {
        self.fields
    }

    pub(super) fn kind(&self) -> Option<&'static str> {
        self.kind
    }

    /// The field with this wire name in this level. `likely` is tried first.
    #[inline(always)]
    fn find(&self, level: &str, name: &[u8], likely: usize) -> Option<(usize, &'static Field)> {
        match self.fields.get(likely) {
            Some(field) if field.is(level, name) => Some((likely, field)),
            _ => self.search(level, name),
        }
    }

    #[inline(never)]
    fn search(&self, level: &str, name: &[u8]) -> Option<(usize, &'static Field)> {
        let marks = Marks::of(name);
        if !self.marks.has(marks) {
            return None;
        }
        let mut fields = self.fields.iter().enumerate();
        fields.find(|(_, field)| field.marks.has(marks) && field.is(level, name))
    }

    /// Whether each required field has a value. The first one whose element is missing is reported.
    fn has_all_required(&self, slots: &[Slot<'_>], misfits: &mut Misfits<'_>) -> bool {
        let mut required = (self.fields.iter().zip(slots))
            .filter(|(field, _)| matches!(field.manner, Manner::Required));
        let Some((field, slot)) = required.find(|(_, slot)| !slot.has_value) else {
            return true;
        };
        if let (None, Some(name)) = (slot.first, field.wire_names.first()) {
            misfits.set_level(field.levels.first().copied().unwrap_or_default());
            misfits.note(name);
            misfits.set_level("");
        }
        false
    }
}

impl Field {
    pub(crate) const fn new(
        name: &'static str,
        wire_names: &'static [&'static str],
        levels: &'static [&'static str],
        manner: Manner,
        is_scalar: bool,
    ) -> Self {
        let (mut rest, mut marks) = (wire_names, Marks::NONE);
        while let Some((name, others)) = rest.split_first() {
            marks = marks.and(Marks::of(name.as_bytes()));
            rest = others;
        }
        Self {
            name,
            wire_names,
            levels,
            manner,
            is_scalar,
            marks,
        }
    }

    pub(crate) fn json_name(&self) -> &'static str {
        self.name.strip_prefix("r#").unwrap_or(self.name)
    }

    #[inline(always)]
    fn is(&self, level: &str, name: &[u8]) -> bool {
        let is_named = match self.wire_names {
            [only] => is_same(only.as_bytes(), name),
            names => names.iter().any(|it| it.as_bytes() == name),
        };
        is_named && self.is_in(level)
    }

    #[inline(always)]
    fn is_in(&self, level: &str) -> bool {
        match self.levels {
            [] => level.is_empty(),
            levels => levels.contains(&level),
        }
    }
}

/// A struct that is being read.
struct Reading<'a, 'r> {
    record: &'r mut dyn Record,
    shape: &'static Shape,
    slots: &'r mut [Slot<'a>],
    /// The index of the field that is likely the next one: most payloads have the order of the table.
    likely: usize,
}

impl<'a> Reading<'a, '_> {
    /// Reads a struct that has levels, as few have.
    #[inline(never)]
    fn read_leveled(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        let levels = self.shape.levels;
        for (level, child) in Leveled::new(element, levels) {
            misfits.set_level(level);
            if !self.read_child(level, child, misfits) {
                read_stray(levels, level, child, misfits);
            }
        }
        misfits.set_level("");
    }

    /// Whether the child is a field.
    #[inline(always)]
    fn read_child(&mut self, level: &str, child: Element<'a>, misfits: &mut Misfits<'a>) -> bool {
        let Some((index, field)) = self.shape.find(level, child.name_bytes(), self.likely) else {
            return false;
        };
        self.likely = match field.manner {
            Manner::Repeated => index,
            _ => index.wrapping_add(1),
        };
        if let Some(slot) = self.slots.get_mut(index) {
            let record = &mut *self.record;
            let target = Target {
                record,
                index,
                slot,
            };
            match field.manner {
                Manner::Required | Manner::Once => {
                    target.read_once(child, field.is_scalar, misfits);
                }
                _ => target.read_list(field, child, misfits),
            }
        }
        true
    }
}

/// A field that is being read.
struct Target<'a, 'r> {
    record: &'r mut dyn Record,
    index: usize,
    slot: &'r mut Slot<'a>,
}

impl<'a> Target<'a, '_> {
    #[inline(always)]
    fn read_once(mut self, element: Element<'a>, is_scalar: bool, misfits: &mut Misfits<'a>) {
        if let Some(first) = self.slot.first {
            self.repeat(first, element, is_scalar, misfits);
            return;
        }
        self.begin(element);
        if !self.step(&Step::Read(element), misfits) {
            misfits.note(element.name());
        }
    }

    /// Not inlined, so that the values of [`read_once`](Self::read_once) stay in registers.
    #[inline(never)]
    fn read_list(mut self, field: &Field, element: Element<'a>, misfits: &mut Misfits<'a>) {
        match field.manner {
            Manner::CommaList => self.read_comma_list(element, misfits),
            Manner::Inside(items) => self.read_inside(element, items, misfits),
            Manner::Repeated | Manner::Required | Manner::Once => {
                self.read_repeated(element, misfits);
            }
        }
    }

    /// Reads a comma list in one element, or a JSON array. One invalid piece makes the whole list
    /// invalid, because a handler would take half of a list for all of it.
    #[inline]
    fn read_comma_list(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        // The other values of a JSON array follow as elements of their own.
        let is_more = self.slot.is_array && element.is_next_item();
        match self.slot.first {
            _ if is_more && !self.slot.has_value => {}
            Some(first) if !is_more => self.repeat(first, element, true, misfits),
            Some(_) => self.read_item(element, misfits),
            None => {
                self.begin(element);
                self.read_item(element, misfits);
            }
        }
    }

    fn read_repeated(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        if !self.is_first_of_many(element) && !self.slot.has_value {
            return;
        }
        if element.is_empty_list() {
            self.step(&Step::BeList, misfits);
            return;
        }
        self.read_item(element, misfits);
    }

    fn read_item(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        if !self.step(&Step::Read(element), misfits) {
            self.clear(element, misfits);
        }
    }

    /// Reads elements that repeat inside another one: `<CorpIds><CorpId/><CorpId/></CorpIds>`. The
    /// values of a second such list are added.
    fn read_inside(&mut self, list: Element<'a>, items: &[&str], misfits: &mut Misfits<'a>) {
        let is_first = self.is_first_of_many(list);
        if !is_first && !self.slot.has_value {
            return;
        }
        if list.is_item() && !list.has_children() {
            // JSON without the inner name: `"CorpIds": ["a", "b"]`.
            if is_first {
                self.slot.first = None;
            }
            return self.read_repeated(list, misfits);
        }
        if !list.has_children() && !list.text().trim_ascii().is_empty() {
            return self.clear(list, misfits);
        }
        self.step(&Step::BeList, misfits);
        misfits.enter(list.name());
        for item in list.children().filter(|item| items.contains(&item.name())) {
            self.read_repeated(item, misfits);
        }
        misfits.leave();
    }

    /// Keeps the first element, which is the one that counts.
    #[inline]
    fn begin(&mut self, element: Element<'a>) {
        self.slot.first = Some(element.node());
        self.slot.is_array = element.is_item();
    }

    /// Another element of a field that has one value.
    ///
    /// An array of several values is invalid. So is a scalar that is there twice: a text that was
    /// not escaped could contain the other one. Of two spellings of a name the first one counts,
    /// because some callbacks have both.
    #[cold]
    fn repeat(
        &mut self,
        first: &Node,
        element: Element<'a>,
        is_scalar: bool,
        misfits: &mut Misfits<'a>,
    ) {
        let is_more = element.is_next_item() && self.slot.is_array;
        let is_array = first.place != ListPosition::None || element.is_item();
        if is_more || is_scalar && !is_array && element.is_namesake(first) {
            self.clear(element, misfits);
        }
        self.slot.is_array = is_more;
    }

    /// Whether the element is the first one of a field that repeats.
    fn is_first_of_many(&mut self, element: Element<'a>) -> bool {
        let is_first = self.slot.first.is_none();
        self.slot.first.get_or_insert(element.node());
        is_first
    }

    fn clear(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) {
        self.step(&Step::Clear, misfits);
        misfits.note(element.name());
    }

    /// Whether the element fits the field.
    #[inline]
    fn step(&mut self, step: &Step<'a>, misfits: &mut Misfits<'a>) -> bool {
        match self.record.fill(step, misfits, self.index) {
            Ok(has_value) => {
                self.slot.has_value = has_value;
                true
            }
            Err(Unfit) => false,
        }
    }
}
