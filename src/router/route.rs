use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::handler::Handler;
use super::next::{Next, Step};
use super::on::Context;
use crate::event::{Scope, family_of, known_kinds};
use crate::protocol::Callback;
use crate::trace::warning;

/// A tower service that routes each callback to the handlers whose argument fits. See the [module](super) for the whole
/// picture.
///
/// ```
/// use tower_wecom::{EventRouter, On, Reply, event::{CreateUser, Subscribe}};
///
/// async fn user_created(user: On<CreateUser>) {
///     println!("{} is new", user.user_id);
/// }
///
/// async fn subscribed(_: On<Subscribe>) -> Result<Reply, tower_wecom::ReplyError> {
///     Reply::text("Welcome!")
/// }
///
/// let events = EventRouter::new().on(user_created).on(subscribed);
/// ```
///
/// Cheap to clone. It wants a [`WeComLayer`](crate::WeComLayer) around it: without one there is no callback, which it
/// answers with 500 and a warning. To wrap all handlers in a tower layer, wrap the router.
#[derive(Clone, Default)]
#[must_use]
pub struct EventRouter {
    routes: Arc<Routes>,
}

#[derive(Clone, Default)]
struct Routes {
    /// In the order of registration, which is the order in which they are asked.
    routes: Vec<Route>,
    by_kind: HashMap<String, Vec<usize>>,
    by_family: HashMap<&'static str, Vec<usize>>,
    for_all: Vec<usize>,
    fallback: Option<Route>,
}

/// A handler and what it is for.
#[derive(Clone)]
struct Route {
    step: Step,
    target: Target,
    is_last: bool,
    place: &'static Location<'static>,
}

/// Which callbacks a route takes.
#[derive(Clone, PartialEq)]
enum Target {
    /// Those of a kind that were read: the unreadable ones are for others.
    Struct(&'static str),
    /// Those of a kind, read or not.
    Kind(String),
    Family(&'static str),
    All,
}

impl EventRouter {
    /// Without handlers: every callback is acknowledged and traced as `unhandled`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a handler for the callbacks that fit its first argument.
    ///
    /// ```
    /// use tower_wecom::event::{ContactEvent, CreateUser, Event, Text};
    /// use tower_wecom::{Callback, EventRouter, Next, On, Outcome, Reply};
    ///
    /// // One kind. `On` derefs to the event and has the callback, too.
    /// async fn user_created(user: On<CreateUser>) {
    ///     println!("{} is new in {}", user.user_id, user.callback().receive_id());
    /// }
    ///
    /// // A family: whatever changes in the address book, and no handler before this one has taken.
    /// async fn contact_changed(event: ContactEvent) -> Reply {
    ///     println!("{}", event.kind());
    ///     Reply::ack()
    /// }
    ///
    /// // All callbacks. With `Next` the chain goes on, and its outcome is handed back.
    /// async fn measured(callback: Callback, next: Next) -> Outcome {
    ///     let start = std::time::Instant::now();
    ///     let outcome = next.run().await;
    ///     println!("{} took {:?}", callback.kind(), start.elapsed());
    ///     outcome
    /// }
    ///
    /// // State is captured, or taken from the request's extensions by `On::extension`.
    /// let greeting = String::from("hello");
    /// let events = EventRouter::new()
    ///     .on(measured)
    ///     .on(user_created)
    ///     .on(contact_changed)
    ///     .on(move |text: Text| {
    ///         let greeting = format!("{greeting} {}", text.from_user_name);
    ///         async move { Reply::text(greeting) }
    ///     });
    /// ```
    ///
    /// # Panics
    ///
    /// If the handler could never run, because one before it answers all the callbacks that it takes.
    #[track_caller]
    pub fn on<T>(self, handler: impl Handler<T>) -> Self {
        let place = Location::caller();
        self.push(Route::new(handler, place))
    }

    /// Adds a handler for a kind by its name, as [`EventKind`](crate::EventKind) shows it: for what has no type yet. Takes
    /// those callbacks too that have the kind and cannot be read as its type.
    ///
    /// The argument is [`Callback`] or [`Event`](crate::Event), or the family of the kind, or [`On`](super::On) of these. A
    /// kind that has a type is a warning in the trace: when WeCom's new event gets one in a later version of this crate, the
    /// handler still runs, and the warning says that there is something better. The name is the one of
    /// [`Callback::kind`]: where WeCom misspells a word, so does it.
    ///
    /// Take [`Callback`] or [`Event`](crate::Event), and put the handler before those of families: a new event that gets a
    /// type also gets a family, and then an argument of [`UnknownEvent`](crate::UnknownEvent), or a handler of that family
    /// before this one, would be the panic below, at the start of the program after an update.
    ///
    /// ```
    /// use tower_wecom::{Callback, EventRouter};
    ///
    /// let events = EventRouter::new().on_kind("some_new_event", async |callback: Callback| {
    ///     println!("{:?}", callback.get("SomeElement"));
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the handler could never run, because one before it answers all the callbacks that it takes, or because its argument
    /// is for others.
    #[track_caller]
    pub fn on_kind<T>(self, kind: impl Into<String>, handler: impl Handler<T>) -> Self {
        let (place, kind) = (Location::caller(), kind.into());
        if let Some(row) = known_kinds().find(|row| row.kind == *kind) {
            warning!(
                kind,
                r#type = row.type_name,
                %place,
                "a kind routed by its name has a type"
            );
            let _ = row;
        }
        let mut route = Route::new(handler, place);
        assert!(
            route.target.may_be(&kind),
            "the handler of the kind {kind:?} at {place} can never run: its argument is another one's"
        );
        route.target = Target::Kind(kind);
        self.push(route)
    }

    /// Sets the handler for callbacks that no other one has taken. It may be set before the others or after them; a handler
    /// for [`Callback`] without [`Next`] leaves it nothing to do.
    ///
    /// Without it they are acknowledged and traced as `unhandled`.
    ///
    /// # Panics
    ///
    /// If there is one already.
    #[track_caller]
    pub fn fallback<T>(mut self, handler: impl Handler<T>) -> Self {
        let route = Route::new(handler, Location::caller());
        Arc::make_mut(&mut self.routes).set_fallback(route);
        self
    }

    /// Adds the handlers of another router behind those of this one, in their order, and its fallback.
    ///
    /// # Panics
    ///
    /// If a handler could never run, or if both have a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        let other = Arc::unwrap_or_clone(other.routes);
        let routes = Arc::make_mut(&mut self.routes);
        for route in other.routes {
            routes.push(route);
        }
        if let Some(fallback) = other.fallback {
            routes.set_fallback(fallback);
        }
        self
    }

    #[track_caller]
    fn push(mut self, route: Route) -> Self {
        Arc::make_mut(&mut self.routes).push(route);
        self
    }

    /// The chain of handlers that a callback is for.
    pub(super) fn chain(&self, context: Context) -> Next {
        let steps = self.routes.for_callback(context.callback());
        let fallback = self.routes.fallback.as_ref();
        Next {
            context: Arc::new(context),
            steps: steps.into_iter(),
            fallback: fallback.map(|route| Arc::clone(&route.step)),
        }
    }
}

impl Routes {
    /// The handlers of a callback, in their order. Costs as much as there are of them.
    fn for_callback(&self, callback: &Callback) -> Vec<Step> {
        let event = callback.event();
        let of_kind = self.by_kind.get(event.kind().as_str());
        let of_family = self.by_family.get(event.family());
        let lists = [of_kind, of_family, Some(&self.for_all)];
        let mut found: Vec<_> = lists.into_iter().flatten().flatten().copied().collect();
        found.sort_unstable();
        let routes = found.into_iter().filter_map(|index| self.routes.get(index));
        routes.map(|route| Arc::clone(&route.step)).collect()
    }

    #[track_caller]
    #[allow(
        clippy::panic,
        reason = "a mistake of the programmer, seen at start-up"
    )]
    fn push(&mut self, route: Route) {
        if let Some(earlier) = self.routes.iter().find(|earlier| earlier.hides(&route)) {
            panic!(
                "the handler at {} can never run: the one at {} takes {} before it, and has no `Next`",
                route.place, earlier.place, earlier.target,
            );
        }
        let index = self.routes.len();
        match &route.target {
            Target::Struct(kind) => self
                .by_kind
                .entry((*kind).to_owned())
                .or_default()
                .push(index),
            Target::Kind(kind) => self.by_kind.entry(kind.clone()).or_default().push(index),
            Target::Family(family) => self.by_family.entry(family).or_default().push(index),
            Target::All => self.for_all.push(index),
        }
        self.routes.push(route);
    }

    #[track_caller]
    #[allow(
        clippy::panic,
        reason = "a mistake of the programmer, seen at start-up"
    )]
    fn set_fallback(&mut self, route: Route) {
        if let Some(earlier) = &self.fallback {
            panic!(
                "the fallback at {} is the second one: there is one at {}",
                route.place, earlier.place
            );
        }
        self.fallback = Some(route);
    }
}

impl Route {
    fn new<T, H: Handler<T>>(handler: H, place: &'static Location<'static>) -> Self {
        let target = match H::SCOPE {
            Scope::Kind(kind) => Target::Struct(kind),
            Scope::Family(family) => Target::Family(family),
            Scope::All => Target::All,
        };
        Self {
            step: Arc::new(move |next| handler.call(next)),
            target,
            is_last: H::IS_LAST,
            place,
        }
    }

    /// Whether it answers every callback that a later route takes.
    fn hides(&self, later: &Self) -> bool {
        self.is_last && self.target.includes(&later.target)
    }
}

impl Target {
    /// Whether a handler with this argument can get callbacks of a kind. The struct of a kind is no argument for one without.
    fn may_be(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Family(family) => *family == family_of(kind),
            Self::Struct(_) | Self::Kind(_) => false,
        }
    }

    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Family(family), Self::Struct(kind)) => *family == family_of(kind),
            (Self::Family(family), Self::Kind(kind)) => *family == family_of(kind),
            (Self::Kind(kind), Self::Struct(other)) => kind == other,
            _ => self == other,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Struct(kind) => write!(f, "every `{kind}`"),
            Self::Kind(kind) => write!(f, "every `{kind}`"),
            Self::Family(family) => write!(f, "every `{family}`"),
            Self::All => f.write_str("every callback"),
        }
    }
}

impl fmt::Debug for EventRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRouter")
            .field("handlers", &self.routes.routes.len())
            .field("fallback", &self.routes.fallback.is_some())
            .finish()
    }
}
