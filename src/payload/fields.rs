//! Typed reading from the tree, field by field. Which field a struct has is written down in `record`.

use super::element::Element;
use super::secret::Secret;

/// The names of fields whose text did not fit, as paths.
#[derive(Debug, Default)]
pub(crate) struct Misfits<'a> {
    inside: Vec<&'a str>,
    found: Vec<String>,
}

impl<'a> Misfits<'a> {
    pub(crate) fn enter(&mut self, name: &'a str) {
        self.inside.push(name);
    }

    pub(crate) fn leave(&mut self) {
        self.inside.pop();
    }

    pub(crate) fn into_found(self) -> Vec<String> {
        self.found
    }

    fn note(&mut self, name: &str) {
        let mut path = self.inside.join("/");
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        self.found.push(path);
    }
}

/// The text of an element does not fit the type of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// What a field may hold.
pub(crate) trait Value: Sized {
    /// Reads an element that is there. `None`: there, and without a value, such as an empty number.
    fn read<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Result<Option<Self>, Unfit>;
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
    if slot.is_seen {
        return;
    }
    slot.is_seen = true;
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
    if slot.is_seen {
        return;
    }
    slot.is_seen = true;
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

/// A comma list in one element, or a JSON array. One piece that does not fit spoils the whole list: half of a list would be
/// taken for the whole of it.
pub(crate) fn read_csv<'a, T: Piece>(
    slot: &mut Slot<Vec<T>>,
    element: Element<'a>,
    misfits: &mut Misfits<'a>,
) {
    // The further values of a JSON array follow as elements of their own.
    let continues = element.is_next_item();
    if slot.is_seen && !continues {
        return;
    }
    let first = !std::mem::replace(&mut slot.is_seen, true);
    if !first && slot.value.is_none() {
        return;
    }
    match csv(element) {
        Ok(pieces) => slot.value.get_or_insert_default().extend(pieces),
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
    match T::read(element, misfits) {
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
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            value: None,
            is_seen: false,
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

/// Calls `read` for each child; instead of a child that has one of the names in `through`, for the children of that.
///
/// So the fields of `<ScanCodeInfo><ScanType/></ScanCodeInfo>` can be fields of the event itself.
pub(crate) fn read_through<'a>(
    element: Element<'a>,
    through: &[&str],
    misfits: &mut Misfits<'a>,
    read: &mut dyn FnMut(Element<'a>, &mut Misfits<'a>),
) {
    for child in element.children() {
        if !through.contains(&child.name()) {
            read(child, misfits);
        } else if child.has_children() {
            misfits.enter(child.name());
            read_through(child, through, misfits, read);
            misfits.leave();
        } else if !child.text().trim_ascii().is_empty() {
            misfits.note(child.name());
        }
    }
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
