use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use http::Extensions;

use crate::event::{EventType, Scope};
use crate::protocol::Callback;

/// The parts of a request that a handler can use.
#[derive(Debug)]
pub struct Context {
    callback: Callback,
    extensions: Extensions,
}

impl Context {
    pub(crate) fn new(callback: Callback, extensions: Extensions) -> Self {
        Self {
            callback,
            extensions,
        }
    }

    pub(super) fn callback(&self) -> &Callback {
        &self.callback
    }
}

/// A type that is taken from a callback: an [`EventType`] or [`Callback`] itself.
///
/// It is sealed, because [`EventType`] is.
pub trait FromCallback: Sized + Send + 'static {
    #[doc(hidden)]
    type Held: Clone + Send + Sync + 'static;
    #[doc(hidden)]
    const SCOPE: Scope;
    #[doc(hidden)]
    fn hold(callback: &Callback) -> Option<Self::Held>;
    #[doc(hidden)]
    fn get(held: &Self::Held) -> &Self;
    #[doc(hidden)]
    fn take(held: Self::Held) -> Self;
}

impl<E: EventType> FromCallback for E {
    type Held = E::Held;
    const SCOPE: Scope = E::SCOPE;

    fn hold(callback: &Callback) -> Option<Self::Held> {
        callback.hold::<E>()
    }

    fn get(held: &Self::Held) -> &Self {
        E::get(held)
    }

    fn take(held: Self::Held) -> Self {
        E::take(held)
    }
}

impl FromCallback for Callback {
    type Held = Self;
    const SCOPE: Scope = Scope::All;

    fn hold(callback: &Callback) -> Option<Self> {
        Some(callback.clone())
    }

    fn get(held: &Self) -> &Self {
        held
    }

    fn take(held: Self) -> Self {
        held
    }
}

/// An event together with its callback and the extensions of its request.
///
/// It dereferences to the event. It is an argument of handlers of
/// [`EventRouter`](super::EventRouter) and, with the feature `axum`, an extractor.
///
/// ```
/// use tower_wecom::{On, Reply, event::Text};
///
/// #[derive(Clone)]
/// struct Greeting(&'static str);
///
/// async fn greet(text: On<Text>) -> Result<Reply, tower_wecom::ReplyError> {
///     // A field of the event, and the callback.
///     println!("{} to {}", text.from_user_name, text.callback().receive_id());
///     // A value that a layer has put into the request's extensions.
///     let Greeting(words) = text.extension().unwrap_or(&Greeting("hello"));
///     Reply::text(*words)
/// }
///
/// let events: tower_wecom::EventRouter = tower_wecom::EventRouter::new().on(greet);
/// ```
pub struct On<E: FromCallback> {
    held: E::Held,
    context: Arc<Context>,
}

impl<E: FromCallback> On<E> {
    pub(crate) fn from_context(context: &Arc<Context>) -> Option<Self> {
        let held = E::hold(&context.callback)?;
        Some(Self {
            held,
            context: Arc::clone(context),
        })
    }

    /// The callback, with its header, origin, tenant and payload.
    #[must_use]
    pub fn callback(&self) -> &Callback {
        &self.context.callback
    }

    /// A value from the request's extensions, which a layer or the application has put there.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.context.extensions.get()
    }

    /// Returns the event alone. The struct of a kind is cloned if it is shared.
    #[must_use]
    pub fn into_inner(self) -> E {
        E::take(self.held)
    }
}

impl<E: FromCallback> Deref for On<E> {
    type Target = E;

    fn deref(&self) -> &E {
        E::get(&self.held)
    }
}

impl<E: FromCallback> Clone for On<E> {
    fn clone(&self) -> Self {
        Self {
            held: self.held.clone(),
            context: Arc::clone(&self.context),
        }
    }
}

impl<E: FromCallback + fmt::Debug> fmt::Debug for On<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("On").field(&**self).finish()
    }
}

/// The first argument of a handler: an event, the callback, or [`On`] of one of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the argument of a handler",
    label = "not an argument of a handler",
    note = "a handler takes the struct of a kind such as `CreateUser`, a family such as `ContactEvent`, `Event` or `Callback`, or `On<…>` of one of these"
)]
pub trait Argument: Sized + Send {
    #[doc(hidden)]
    const SCOPE: Scope;
    #[doc(hidden)]
    fn extract(context: &Arc<Context>) -> Option<Self>;
}

impl<E: FromCallback> Argument for E {
    const SCOPE: Scope = E::SCOPE;

    fn extract(context: &Arc<Context>) -> Option<Self> {
        E::hold(&context.callback).map(E::take)
    }
}

impl<E: FromCallback> Argument for On<E> {
    const SCOPE: Scope = E::SCOPE;

    fn extract(context: &Arc<Context>) -> Option<Self> {
        Self::from_context(context)
    }
}
