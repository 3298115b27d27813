/// Whether two names are equal. They are short: to compare words is faster than to call memcmp.
#[inline(always)]
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        8..=16 => has_ends::<8>(one, other),
        4..=7 => has_ends::<4>(one, other),
        _ => one == other,
    }
}

/// Whether the first `N` bytes are equal, and the last `N`.
#[inline(always)]
fn has_ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
    one.first_chunk::<N>() == other.first_chunk() && one.last_chunk::<N>() == other.last_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_if_all_their_bytes_are() {
        for length in 0..40 {
            let name: Vec<u8> = (0..length).collect();
            assert!(is_same(&name, &name.clone()));
            assert!(!is_same(&name, &[&name[..], b"x"].concat()));
            for index in 0..name.len() {
                let mut other = name.clone();
                other[index] ^= 1;
                assert!(!is_same(&name, &other), "{length} bytes, byte {index}");
            }
        }
    }
}
