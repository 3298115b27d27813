//! Reads the fields of structs from a tree. The macro in `record` lists the fields.

use super::element::Element;
use super::misfits::Misfits;
use super::nodes::{ListPosition, Node};
use super::secret::Secret;

/// The text of an element does not fit the type of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// A type that a field can have.
pub(crate) trait Value: Sized {
    /// Whether the element has a text and no children.
    const IS_SCALAR: bool = true;

    /// Reads an element. `None` if the element has no value, such as an empty number.
    fn read<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Result<Option<Self>, Unfit>;

    /// Reads one element of a list.
    fn read_item<'a>(
        element: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<Option<Self>, Unfit> {
        Self::read(element, misfits)
    }
}

/// A struct made by [`fields!`](super::record::fields).
pub(crate) trait Record: Sized {
    /// Reads the children of an element. `None` if an id is missing or unreadable.
    fn read_record<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Option<Self>;
}

impl Value for String {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(leaf(element)?.to_owned()))
    }

    /// Lists contain ids, and ids are trimmed.
    fn read_item<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(leaf(element)?.trim_ascii().to_owned()))
    }
}

impl Value for Secret {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(Self::new(leaf(element)?)))
    }
}

/// Reads `true` and `false`, and also 1 and 0, which some payloads have.
impl Value for bool {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        match leaf(element)?.trim_ascii() {
            "" => Ok(None),
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(Unfit),
        }
    }
}

/// Reads finite numbers only. Rust's parser also accepts `NaN` and `inf`.
impl Value for f64 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        match number::<Self>(leaf(element)?)? {
            Some(number) if !number.is_finite() => Err(Unfit),
            number => Ok(number),
        }
    }
}

impl Value for i64 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

impl Value for u32 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

impl Value for u64 {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

/// A type that the items of a comma list can have.
pub(crate) trait Piece: Sized {
    fn from_piece(piece: &str) -> Result<Self, Unfit>;
}

impl Piece for String {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        Ok(piece.to_owned())
    }
}

impl Piece for Secret {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        Ok(Self::new(piece))
    }
}

impl Piece for u32 {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        piece.parse().map_err(|_| Unfit)
    }
}

impl Piece for u64 {
    fn from_piece(piece: &str) -> Result<Self, Unfit> {
        piece.parse().map_err(|_| Unfit)
    }
}

/// Reads a field that occurs once or not at all.
pub(crate) fn read_one<'a, T: Value>(
    slot: &mut Slot<'a, T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if slot.is_first(element, T::IS_SCALAR, misfits) {
        fill(slot, element, misfits);
    }
}

/// Reads a number that surrounds the event. Another one is reported, in any spelling, and there is no
/// value then.
pub(crate) fn read_number<'a>(
    slot: &mut Slot<'a, u64>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if slot.is_first_of_many(element) {
        return fill(slot, element, misfits);
    }
    slot.value = None;
    misfits.note(element.name());
}

fn fill<'a, T: Value>(slot: &mut Slot<'a, T>, element: Element<'a>, misfits: &mut Misfits<'a>) {
    match T::read(element, misfits) {
        Ok(value) => slot.value = value,
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// Reads an id. It is trimmed, and an empty one is invalid.
pub(crate) fn read_id<'a, T: Piece>(
    slot: &mut Slot<'a, T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if !slot.is_first(element, true, misfits) {
        return;
    }
    let id = leaf(element).map(str::trim_ascii);
    match id.and_then(|id| {
        if id.is_empty() {
            Err(Unfit)
        } else {
            T::from_piece(id)
        }
    }) {
        Ok(value) => slot.value = Some(value),
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// Reads an id that can be absent or empty. It is trimmed.
pub(crate) fn read_id_if_any<'a, T: Piece>(
    slot: &mut Slot<'a, T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if !slot.is_first(element, true, misfits) {
        return;
    }
    match leaf(element).and_then(|id| T::from_piece(id.trim_ascii())) {
        Ok(value) => slot.value = Some(value),
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// Reads a comma list in one element, or a JSON array. One invalid piece makes the whole list
/// invalid, because a handler would take half of a list for all of it.
pub(crate) fn read_csv<'a, T: Piece>(
    slot: &mut Slot<'a, Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    // The other values of a JSON array follow as elements of their own.
    let is_more = slot.is_array && element.is_next_item();
    if is_more && slot.value.is_none() || !is_more && !slot.is_first(element, true, misfits) {
        return;
    }
    match csv(element) {
        Ok(pieces) => match &mut slot.value {
            Some(before) => before.extend(pieces),
            None => slot.value = Some(pieces),
        },
        Err(Unfit) => {
            slot.value = None;
            misfits.note(element.name());
        }
    }
}

/// Reads elements that repeat.
pub(crate) fn read_many<'a, T: Value>(
    slot: &mut Slot<'a, Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    let first = slot.is_first_of_many(element);
    if !first && slot.value.is_none() {
        return;
    }
    if element.is_empty_list() {
        slot.value.get_or_insert_default();
        return;
    }
    match T::read_item(element, misfits) {
        Ok(value) => slot.value.get_or_insert_default().extend(value),
        Err(Unfit) => {
            slot.value = None;
            misfits.note(element.name());
        }
    }
}

/// Reads elements that repeat inside another element: `<CorpIds><CorpId/><CorpId/></CorpIds>`.
/// `items` are the names that they can have. The values of a second such list are added.
pub(crate) fn read_list<'a, T: Value>(
    slot: &mut Slot<'a, Vec<T>>,
    list: Element<'a>,
    items: &[&str],
    misfits: &mut Misfits<'a>,
) {
    let first = slot.is_first_of_many(list);
    if !first && slot.value.is_none() {
        return;
    }
    if list.is_item() && !list.has_children() {
        // JSON without the inner name: `"CorpIds": ["a", "b"]`.
        if first {
            slot.first = None;
        }
        return read_many(slot, list, misfits);
    }
    if !list.has_children() && !list.text().trim_ascii().is_empty() {
        slot.value = None;
        misfits.note(list.name());
        return;
    }
    slot.value.get_or_insert_default();
    misfits.enter(list.name());
    for item in list.children().filter(|item| items.contains(&item.name())) {
        read_many(slot, item, misfits);
    }
    misfits.leave();
}

/// A field that is being read: its value, and whether an element of its name was seen.
pub(crate) struct Slot<'a, T> {
    pub(crate) value: Option<T>,
    /// The first element of its name.
    first: Option<&'a Node>,
    /// The element was a value of a JSON array, so more values can follow.
    is_array: bool,
}

impl<'a, T> Slot<'a, T> {
    /// Whether the element is the one that counts.
    ///
    /// The field has one value, so an array of several values is invalid. So is a scalar that is
    /// there twice: a text that was not escaped could contain the other one. Of two spellings of a
    /// name the first one counts, because some callbacks have both.
    #[inline]
    fn is_first(
        &mut self,
        element: Element<'a>,
        is_scalar: bool,
        misfits: &mut Misfits<'a>,
    ) -> bool {
        if let Some(first) = self.first {
            self.repeat(first, element, is_scalar, misfits);
            return false;
        }
        self.first = Some(element.node());
        self.is_array = element.is_item();
        true
    }

    #[cold]
    fn repeat(
        &mut self,
        first: &Node,
        element: Element<'a>,
        is_scalar: bool,
        misfits: &mut Misfits<'a>,
    ) {
        let is_more = element.is_next_item() && self.is_array;
        let is_array = first.place != ListPosition::None || element.is_item();
        if is_more || is_scalar && !is_array && element.is_namesake(first) {
            self.value = None;
            misfits.note(element.name());
        }
        self.is_array = is_more;
    }

    /// Whether the element is the first one of a field that repeats.
    #[inline]
    fn is_first_of_many(&mut self, element: Element<'a>) -> bool {
        let is_first = self.first.is_none();
        self.first.get_or_insert(element.node());
        is_first
    }

    /// The value of an id. A missing id is reported, because the event cannot be read without it.
    pub(crate) fn required(
        self,
        level: &'static str,
        name: &str,
        misfits: &mut Misfits<'_>,
    ) -> Option<T> {
        if self.first.is_none() {
            misfits.set_level(level);
            misfits.note(name);
            misfits.set_level("");
        }
        self.value
    }
}

impl<T> Default for Slot<'_, T> {
    fn default() -> Self {
        Self {
            value: None,
            first: None,
            is_array: false,
        }
    }
}

/// Reads a struct. An element with a text in place of children is invalid. An empty element is an
/// empty struct.
pub(crate) fn read_nested<'a, T: Record>(
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<Option<T>, Unfit> {
    if !element.has_children() && !element.text().trim_ascii().is_empty() {
        return Err(Unfit);
    }
    misfits.enter(element.name());
    let record = T::read_record(element, misfits);
    misfits.leave();
    record.map(Some).ok_or(Unfit)
}

fn leaf(element: Element<'_>) -> Result<&str, Unfit> {
    if element.has_children() || element.is_empty_list() {
        Err(Unfit)
    } else {
        Ok(element.text())
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>, Unfit> {
    match text.trim_ascii() {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| Unfit),
    }
}

fn csv<T: Piece>(element: Element<'_>) -> Result<Vec<T>, Unfit> {
    if element.is_empty_list() {
        return Ok(Vec::new());
    }
    let text = leaf(element)?.trim_ascii();
    if element.is_item() {
        return Ok(vec![T::from_piece(text)?]);
    }
    // A comma at the end does not begin another piece, and an empty text has no pieces.
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split([',', '|'])
        .map(|piece| T::from_piece(piece.trim_ascii()))
        .collect()
}
