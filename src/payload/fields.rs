//! Reads the fields of structs from a tree. The macro in `record` lists the fields.

use super::element::Element;
use super::misfits::Misfits;
use super::reader::{Record, Step, Unfit, read_nested};
use super::secret::Secret;

/// A type that a field can have.
pub(crate) trait Value: Sized {
    /// Whether the element has a text and no children.
    const IS_SCALAR: bool = true;

    /// Reads an element. `None` if the element has no value, such as an empty number.
    fn read<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Result<Option<Self>, Unfit>;

    /// Reads an element into a field.
    #[inline]
    fn read_into<'a>(
        field: &mut Option<Self>,
        element: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<(), Unfit> {
        *field = Self::read(element, misfits)?;
        Ok(())
    }

    /// Reads one element of a list.
    #[inline]
    fn read_item<'a>(
        list: &mut Vec<Self>,
        element: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<(), Unfit> {
        list.extend(Self::read(element, misfits)?);
        Ok(())
    }
}

/// A struct is read in place, because a large one takes time to move.
impl<T: Record + Default> Value for T {
    const IS_SCALAR: bool = false;

    fn read<'a>(element: Element<'a>, misfits: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        let mut field = None;
        Self::read_into(&mut field, element, misfits)?;
        Ok(field)
    }

    fn read_into<'a>(
        field: &mut Option<Self>,
        element: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<(), Unfit> {
        let read = read_nested(field.insert(Self::default()), element, misfits);
        if read.is_err() {
            *field = None;
        }
        read
    }

    fn read_item<'a>(
        list: &mut Vec<Self>,
        element: Element<'a>,
        misfits: &mut Misfits<'a>,
    ) -> Result<(), Unfit> {
        list.push(Self::default());
        let record = list.last_mut().ok_or(Unfit)?;
        let read = read_nested(record, element, misfits);
        if read.is_err() {
            list.pop();
        }
        read
    }
}

impl Value for String {
    #[inline]
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(leaf(element)?.to_owned()))
    }

    /// Lists contain ids, and ids are trimmed.
    fn read_item<'a>(
        list: &mut Vec<Self>,
        element: Element<'a>,
        _: &mut Misfits<'a>,
    ) -> Result<(), Unfit> {
        list.push(leaf(element)?.trim_ascii().to_owned());
        Ok(())
    }
}

impl Value for Secret {
    #[inline]
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        Ok(Some(Self::new(leaf(element)?)))
    }
}

/// Reads `true` and `false`, and also 1 and 0, which some payloads have.
impl Value for bool {
    #[inline]
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
    #[inline]
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        match number::<Self>(leaf(element)?)? {
            Some(number) if !number.is_finite() => Err(Unfit),
            number => Ok(number),
        }
    }
}

impl Value for i64 {
    #[inline]
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

impl Value for u32 {
    #[inline]
    fn read<'a>(element: Element<'a>, _: &mut Misfits<'a>) -> Result<Option<Self>, Unfit> {
        number(leaf(element)?)
    }
}

impl Value for u64 {
    #[inline]
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

/// Changes a field that occurs once and can be absent.
pub(crate) fn fill_one<'a, T: Value>(
    field: &mut Option<T>,
    step: &Step<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<bool, Unfit> {
    match step {
        Step::Read(element) => T::read_into(field, *element, misfits)?,
        Step::Clear | Step::BeList => *field = None,
    }
    Ok(field.is_some())
}

/// Changes a struct that must be there.
pub(crate) fn fill_must<'a, T: Value + Default>(
    field: &mut T,
    step: &Step<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<bool, Unfit> {
    let mut value = None;
    let has_value = fill_one(&mut value, step, misfits)?;
    *field = value.unwrap_or_default();
    Ok(has_value)
}

/// Changes an id. It is trimmed, and an empty one is invalid.
pub(crate) fn fill_id<T: Piece + Default>(
    field: &mut T,
    step: &Step<'_>,
    _: &mut Misfits<'_>,
) -> Result<bool, Unfit> {
    let Step::Read(element) = step else {
        *field = T::default();
        return Ok(false);
    };
    let id = leaf(*element)?.trim_ascii();
    if id.is_empty() {
        return Err(Unfit);
    }
    *field = T::from_piece(id)?;
    Ok(true)
}

/// Changes an id that can be absent or empty. It is trimmed.
pub(crate) fn fill_may<T: Piece>(
    field: &mut Option<T>,
    step: &Step<'_>,
    _: &mut Misfits<'_>,
) -> Result<bool, Unfit> {
    *field = match step {
        Step::Read(element) => Some(T::from_piece(leaf(*element)?.trim_ascii())?),
        Step::Clear | Step::BeList => None,
    };
    Ok(field.is_some())
}

/// Changes a comma list.
pub(crate) fn fill_csv<T: Piece>(
    field: &mut Option<Vec<T>>,
    step: &Step<'_>,
    _: &mut Misfits<'_>,
) -> Result<bool, Unfit> {
    match (step, &mut *field) {
        (Step::Read(element), None) => *field = Some(csv(*element)?),
        (Step::Read(element), Some(before)) => before.extend(csv(*element)?),
        (Step::Clear, _) => *field = None,
        (Step::BeList, _) => *field = Some(Vec::new()),
    }
    Ok(field.is_some())
}

/// Changes a list of elements that repeat.
pub(crate) fn fill_many<'a, T: Value>(
    field: &mut Option<Vec<T>>,
    step: &Step<'a>,
    misfits: &mut Misfits<'a>,
) -> Result<bool, Unfit> {
    match step {
        Step::Read(element) => T::read_item(field.get_or_insert_default(), *element, misfits)?,
        Step::Clear => *field = None,
        Step::BeList => {
            field.get_or_insert_default();
        }
    }
    Ok(field.is_some())
}

#[inline]
fn leaf(element: Element<'_>) -> Result<&str, Unfit> {
    if element.has_children() || element.is_empty_list() {
        Err(Unfit)
    } else {
        Ok(element.text())
    }
}

#[inline]
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
    let mut pieces = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        // The pieces are short: a search by bytes is faster than `split`.
        let end = text.bytes().position(|byte| matches!(byte, b',' | b'|'));
        let halves = end.and_then(|end| text.split_at_checked(end));
        let (piece, behind) = halves.unwrap_or((text, ""));
        pieces.push(T::from_piece(piece.trim_ascii())?);
        rest = behind.get(1..);
    }
    Ok(pieces)
}
