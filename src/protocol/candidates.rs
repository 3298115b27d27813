use super::config::Config;
use super::detail::Detail;
use super::rejection::{Reason, Rejection};

/// The limit of bytes to hash for one request, however many configurations there are.
const HASHED_MAX: usize = 16 * 1024 * 1024;
/// What trying a pair costs at least, in bytes to hash: the setup of the hash and the comparison.
const PAIR_COST: usize = 256;

/// Tries the configurations in their order until one opens the request.
///
/// If none does, the rejection is that of the one that got furthest. Each pair of credentials costs
/// a hash of the ciphertext, whose length is `length`. A peer needs no secret to cause that cost,
/// so it has a limit.
pub(crate) fn first_that_opens<'a, T>(
    candidates: impl Iterator<Item = &'a Config> + 'a,
    length: usize,
    mut attempt: impl FnMut(&Config) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    let mut candidates = candidates;
    let mut rejection: Option<Rejection> = None;
    let mut hashed = 0_usize;
    for candidate in candidates.by_ref() {
        let error = match attempt(candidate) {
            Ok(opened) => return Ok(opened),
            Err(error) => error,
        };
        rejection = Some(further(rejection, error));
        let pairs = candidate.all_credentials().count();
        hashed = hashed.saturating_add(pairs.saturating_mul(length.max(PAIR_COST)));
        if hashed > HASHED_MAX {
            break;
        }
    }
    let not_tried = candidates.count();
    let rejection = rejection.unwrap_or_else(|| Rejection::new(Reason::Unresolved));
    Err(rejection.with_all((not_tried > 0).then_some(Detail::NotTried(not_tried))))
}

/// The rejection that got further. The first, if both got equally far; of two wrong signatures, one
/// with the pairs of both.
pub(super) fn further(first: Option<Rejection>, second: Rejection) -> Rejection {
    match first {
        Some(first) if first.checks_passed() < second.checks_passed() => first.then(second),
        Some(first) if first.checks_passed() == 0 => first.then(second),
        Some(first) => first,
        None => second,
    }
}
