use std::ops::{Deref, DerefMut};

/// The state of an [`EventRouter`](super::EventRouter), as the first argument of a handler.
///
/// [`EventRouter::with_state`](super::EventRouter::with_state) gives it to the handlers. Each call
/// of a handler gets a clone, so a large value belongs into an `Arc`.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use tower_wecom::event::{CreateUser, DeleteUser};
/// use tower_wecom::{EventRouter, State};
///
/// #[derive(Clone, Default)]
/// struct Members(Arc<Mutex<Vec<String>>>);
///
/// async fn created(State(members): State<Members>, user: CreateUser) {
///     members.0.lock().unwrap().push(user.user_id);
/// }
///
/// async fn deleted(State(members): State<Members>, user: DeleteUser) {
///     members.0.lock().unwrap().retain(|id| *id != user.user_id);
/// }
///
/// let events: EventRouter =
///     EventRouter::new().on(created).on(deleted).with_state(Members::default());
/// ```
///
/// It reads like axum's `State`, but it is a type of this crate: a handler of `EventRouter` cannot
/// take axum's.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "handlers take it apart: `State(members)`"
)]
pub struct State<S>(pub S);

impl<S> Deref for State<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S> DerefMut for State<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.0
    }
}
