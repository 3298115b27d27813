//! Typed reading from the tree, field by field. Which field a struct has is written down in `record`.

use super::element::Element;
use super::misfits::Misfits;
use super::secret::Secret;

/// The text of an element does not fit the type of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// What a field may hold.
pub(crate) trait Value: Sized {
    /// Reads an element that is there. `None`: there, and without a value, such as an empty number.
    fn read<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Result<Option<Self>, Unfit>;

    /// Reads one of a list.
    fn read_item<'a>(
        element: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<Option<Self>, Unfit> {
        Self::read(element, misfits)
    }
}

/// A struct made by [`fields!`](super::record::fields).
pub(crate) trait Record: Sized {
    /// Reads the children of an element. `None`: an id is missing or unreadable.
    fn read_record<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Option<Self>;
}

impl Value for String {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(leaf(element)?.to_owned()))
    }

    /// Lists hold ids, and ids are trimmed.
    fn read_item<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(leaf(element)?.trim_ascii().to_owned()))
    }
}

impl Value for Secret {
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(Self::new(leaf(element)?)))
    }
}

/// `true` and `false`, and 1 and 0 where somebody writes those.
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

/// Finite numbers alone: Rust would read `NaN` and `inf` too.
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

/// What a comma list may hold.
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

/// A field that is there once or not at all. Of several elements the first counts, as it does for `Element::find`.
pub(crate) fn read_one<'a, T: Value>(
    slot: &mut Slot<T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if !slot.is_first(element, misfits) {
        return;
    }
    match T::read(element, misfits) {
        Ok(value) => slot.value = value,
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// An id: trimmed, and of no use when it is empty.
pub(crate) fn read_id<'a, T: Piece>(
    slot: &mut Slot<T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if !slot.is_first(element, misfits) {
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

/// An id that may be missing, and may be empty: trimmed.
pub(crate) fn read_id_if_any<'a, T: Piece>(
    slot: &mut Slot<T>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    if !slot.is_first(element, misfits) {
        return;
    }
    match leaf(element).and_then(|id| T::from_piece(id.trim_ascii())) {
        Ok(value) => slot.value = Some(value),
        Err(Unfit) => misfits.note(element.name()),
    }
}

/// A comma list in one element, or a JSON array. One piece that does not fit spoils the whole list: half of a list would be
/// taken for the whole of it.
pub(crate) fn read_csv<'a, T: Piece>(
    slot: &mut Slot<Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    // The further values of a JSON array follow as elements of their own.
    let is_first = !std::mem::replace(&mut slot.is_seen, true);
    if is_first {
        slot.is_array = element.is_item();
    } else if !(slot.is_array && element.is_next_item()) {
        slot.is_array = false;
        return;
    } else if slot.value.is_none() {
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

/// Repeated elements of one name.
pub(crate) fn read_many<'a, T: Value>(
    slot: &mut Slot<Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    let first = !std::mem::replace(&mut slot.is_seen, true);
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

/// A list in an element of its own: `<CorpIds><CorpId/><CorpId/></CorpIds>`. `items` are the names that its values may
/// have. What stands in a second such element is added.
pub(crate) fn read_list<'a, T: Value>(
    slot: &mut Slot<Vec<T>>,
    list: Element<'a>,
    items: &[&str],
    misfits: &mut Misfits<'a>,
) {
    let first = !std::mem::replace(&mut slot.is_seen, true);
    if !first && slot.value.is_none() {
        return;
    }
    if list.is_item() && !list.has_children() {
        // JSON without the inner name: `"CorpIds": ["a", "b"]`.
        slot.is_seen = !first;
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

/// A field on its way: what was read, and whether an element was seen at all.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    pub(crate) value: Option<T>,
    is_seen: bool,
    /// What was seen is a value of a JSON array, of which more may follow.
    is_array: bool,
}

impl<T> Slot<T> {
    /// Whether the element is the one that counts. One value was expected, so an array of several does not fit.
    fn is_first<'a>(&mut self, element: Element<'a>, misfits: &mut Misfits<'a>) -> bool {
        if !std::mem::replace(&mut self.is_seen, true) {
            self.is_array = element.is_item();
            return true;
        }
        let is_more = element.is_next_item();
        if is_more && self.is_array {
            self.value = None;
            misfits.note(element.name());
        }
        self.is_array = is_more && self.is_array;
        false
    }

    /// The value of an id. One that is missing is named, since the event cannot be read without it.
    pub(crate) fn required(
        self,
        level: &'static str,
        name: &str,
        misfits: &mut Misfits<'_>,
    ) -> Option<T> {
        if !self.is_seen {
            misfits.set_level(level);
            misfits.note(name);
            misfits.set_level("");
        }
        self.value
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            value: None,
            is_seen: false,
            is_array: false,
        }
    }
}

/// For structs: an element with a text where children belong does not fit; one without anything is an empty struct.
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
    // A comma at the end does not make one more piece, and no text makes none.
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split([',', '|'])
        .map(|piece| T::from_piece(piece.trim_ascii()))
        .collect()
}
