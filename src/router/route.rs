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

/// Tower service that routes each callback to the handlers whose argument fits it.
///
/// The [module docs](super) explain which handlers are possible and in which order they run.
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
/// It needs a [`WeComLayer`](crate::WeComLayer) around it. A request without a callback gets 500,
/// and a warning is traced. To apply a tower layer to all handlers, wrap the router in it.
///
/// Cheap to clone.
#[derive(Clone, Default)]
#[must_use]
pub struct EventRouter {
    routes: Arc<Routes>,
}

#[derive(Clone, Default)]
struct Routes {
    /// In the order of registration, which is the order in which they run. The indices below point
    /// into it.
    routes: Vec<Route>,
    by_kind: HashMap<String, Vec<usize>>,
    by_family: HashMap<&'static str, Vec<usize>>,
    for_all: Vec<usize>,
    fallback: Option<Route>,
}

/// A handler and the callbacks that it takes.
#[derive(Clone)]
struct Route {
    step: Step,
    target: Target,
    is_last: bool,
    /// Where the handler was added, for messages.
    location: &'static Location<'static>,
}

/// Which callbacks a route takes.
#[derive(Clone, PartialEq)]
enum Target {
    /// Those of a kind that could be read as its struct.
    Struct(&'static str),
    /// All of a kind, readable or not.
    Kind(String),
    Family(&'static str),
    All,
}

impl EventRouter {
    /// Creates a router without handlers. It acknowledges every callback and traces it as
    /// `unhandled`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a handler for the callbacks that fit its first argument.
    ///
    /// Handlers run in the order in which they were added.
    ///
    /// ```
    /// use tower_wecom::event::{ContactEvent, CreateUser, Event, Text};
    /// use tower_wecom::{Callback, EventRouter, Next, On, Outcome, Reply};
    ///
    /// // One kind. `On` dereferences to the event and has the callback too.
    /// async fn user_created(user: On<CreateUser>) {
    ///     println!("{} is new in {}", user.user_id, user.callback().receive_id());
    /// }
    ///
    /// // A family: all changes of the address book that no handler before this one has taken.
    /// async fn contact_changed(event: ContactEvent) -> Reply {
    ///     println!("{}", event.kind());
    ///     Reply::ack()
    /// }
    ///
    /// // All callbacks. `Next` runs the handlers behind this one and returns their outcome.
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
    /// Panics if the handler could never run, because an earlier handler without `Next` takes all
    /// callbacks that fit it.
    #[track_caller]
    pub fn on<T>(self, handler: impl Handler<T>) -> Self {
        let location = Location::caller();
        self.push(Route::new(handler, location))
    }

    /// Adds a handler for a kind by its name. Use it for an event that has no type yet.
    ///
    /// The name is that of [`Callback::kind`], spelt as WeCom spells it, mistakes included. The
    /// handler also gets callbacks of the kind that cannot be read as its type.
    ///
    /// The argument is [`Callback`], [`Event`](crate::Event), the family of the kind, or
    /// [`On`](super::On) of one of these.
    ///
    /// When a later version of this crate has a type for the kind, the handler still runs. A
    /// warning is then traced at start-up, because a handler for the type would be better.
    ///
    /// To be ready for such an update, take [`Callback`] or [`Event`](crate::Event) as the
    /// argument, and add the handler before those of families. A kind that gets a type gets a
    /// family too. An argument of [`UnknownEvent`](crate::UnknownEvent), or an earlier handler of
    /// that family, would then cause the panic described below.
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
    /// Panics if the handler could never run, because an earlier handler without `Next` takes all
    /// callbacks of the kind, or because its argument does not fit the kind.
    #[track_caller]
    pub fn on_kind<T>(self, kind: impl Into<String>, handler: impl Handler<T>) -> Self {
        let (location, kind) = (Location::caller(), kind.into());
        if let Some(row) = known_kinds().find(|row| row.kind == *kind) {
            warning!(
                kind,
                r#type = row.type_name,
                %location,
                "a kind routed by its name has a type"
            );
            let _ = row;
        }
        let mut route = Route::new(handler, location);
        assert!(
            route.target.may_include(&kind),
            "the handler of the kind {kind:?} at {location} can never run: its argument is for other kinds"
        );
        route.target = Target::Kind(kind);
        self.push(route)
    }

    /// Sets the handler for callbacks that no other handler has taken.
    ///
    /// It may be set before or after the other handlers. It never runs if one of them takes
    /// [`Callback`] and has no [`Next`]. Without a fallback, such callbacks are acknowledged and
    /// traced as `unhandled`.
    ///
    /// # Panics
    ///
    /// Panics if the router has a fallback already.
    #[track_caller]
    pub fn fallback<T>(mut self, handler: impl Handler<T>) -> Self {
        let route = Route::new(handler, Location::caller());
        Arc::make_mut(&mut self.routes).set_fallback(route);
        self
    }

    /// Adds the handlers of another router behind those of this one, and its fallback.
    ///
    /// # Panics
    ///
    /// Panics if a handler could never run, or if both routers have a fallback.
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

    /// The chain of the handlers that the callback fits.
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
    /// The handlers that a callback fits, in their order. The cost depends on their number, not on
    /// the number of all handlers.
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
        if let Some(earlier) = self.routes.iter().find(|earlier| earlier.shadows(&route)) {
            panic!(
                "the handler at {} can never run: the one at {} takes {} before it, and has no `Next`",
                route.location, earlier.location, earlier.target,
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
                route.location, earlier.location
            );
        }
        self.fallback = Some(route);
    }
}

impl Route {
    fn new<T, H: Handler<T>>(handler: H, location: &'static Location<'static>) -> Self {
        let target = match H::SCOPE {
            Scope::Kind(kind) => Target::Struct(kind),
            Scope::Family(family) => Target::Family(family),
            Scope::All => Target::All,
        };
        Self {
            step: Arc::new(move |next| handler.call(next)),
            target,
            is_last: H::IS_LAST,
            location,
        }
    }

    /// Whether the later route can never run, because this one takes all its callbacks.
    fn shadows(&self, later: &Self) -> bool {
        self.is_last && self.target.includes(&later.target)
    }
}

impl Target {
    /// Whether a handler with this argument can be routed to a kind by its name. The struct of a
    /// kind cannot: a kind that is routed by its name has no struct, or callbacks that do not fit
    /// it.
    fn may_include(&self, kind: &str) -> bool {
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
