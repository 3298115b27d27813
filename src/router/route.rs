use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::handler::Handler;
use super::next::{Next, Step};
use super::on::Context;
use super::similar::suggestion;
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
/// let events: EventRouter = EventRouter::new().on(user_created).on(subscribed);
/// ```
///
/// It needs a [`WeComLayer`](crate::WeComLayer) around it. A request without a callback gets 500,
/// and a warning is traced. To apply a tower layer to all handlers, wrap the router in it.
///
/// Cheap to clone.
#[must_use]
pub struct EventRouter<S = ()> {
    routes: Arc<Routes<S>>,
}

struct Routes<S> {
    /// In the order of registration, which is the order in which they run. The indices below point
    /// into it.
    routes: Vec<Route<S>>,
    by_kind: HashMap<String, Vec<usize>>,
    by_family: HashMap<&'static str, Vec<usize>>,
    for_all: Vec<usize>,
    fallback: Option<Route<S>>,
}

/// A handler and the callbacks that it takes.
struct Route<S> {
    step: Step<S>,
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

impl<S: 'static> EventRouter<S> {
    /// Creates a router without handlers. It acknowledges every callback and traces it as
    /// `unhandled`.
    ///
    /// The compiler infers the type of the state from the handlers and [`with_state`][1]. If it
    /// cannot, write `let events: EventRouter = …`.
    ///
    /// [1]: Self::with_state
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
    /// // A closure. For state see `with_state`; `On::extension` is a value of the request.
    /// let events: EventRouter = EventRouter::new()
    ///     .on(measured)
    ///     .on(user_created)
    ///     .on(contact_changed)
    ///     .on(async |text: Text| Reply::text(format!("hello {}", text.from_user_name)));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handler could never run, because an earlier handler without `Next` takes all
    /// callbacks that fit it.
    #[track_caller]
    pub fn on<T>(self, handler: impl Handler<T, S>) -> Self {
        let location = Location::caller();
        self.push(Route::new(handler, location))
    }

    /// Adds a handler for a kind by its name. Use it for an event that has no type yet.
    ///
    /// The name is that of [`Callback::kind`], spelt as WeCom spells it, mistakes included. The
    /// handler also gets callbacks of the kind that cannot be read as its type.
    ///
    /// A name that is only a part of other names, such as `change_contact`, `text` or
    /// `create_user`, is the kind of no callback. A warning at start-up then names the kinds that
    /// were perhaps meant, and their types.
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
    /// async fn new_event(callback: Callback) {
    ///     println!("{:?}", callback.get("SomeElement"));
    /// }
    ///
    /// let events: EventRouter = EventRouter::new().on_kind("some_new_event", new_event);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handler could never run, because an earlier handler without `Next` takes all
    /// callbacks of the kind, or because its argument does not fit the kind.
    #[track_caller]
    pub fn on_kind<T>(self, kind: impl Into<String>, handler: impl Handler<T, S>) -> Self {
        let (location, kind) = (Location::caller(), kind.into());
        warn_of_name(&kind, location);
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
    pub fn fallback<T>(mut self, handler: impl Handler<T, S>) -> Self {
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

    /// Gives a state to the handlers that were added before and take it as [`State`](super::State).
    ///
    /// This works as in axum: handlers first, the state behind them. An `EventRouter<S>` waits for
    /// a state of type `S`, and only an `EventRouter`, which waits for none, is a service.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tower_wecom::event::{CreateUser, Text};
    /// use tower_wecom::{Callback, EventRouter, Next, Outcome, Reply, ReplyError, State};
    ///
    /// #[derive(Clone)]
    /// struct App {
    ///     greeting: Arc<str>,
    /// }
    ///
    /// async fn hello(State(app): State<App>, text: Text) -> Result<Reply, ReplyError> {
    ///     Reply::text(format!("{} {}", app.greeting, text.from_user_name))
    /// }
    ///
    /// // With `Next`, it is the last argument.
    /// async fn audit(State(app): State<App>, _: Callback, next: Next) -> Outcome {
    ///     println!("{}", app.greeting);
    ///     next.run().await
    /// }
    ///
    /// // Handlers with and without state go into the same router.
    /// async fn created(_: CreateUser) {}
    ///
    /// fn messages() -> EventRouter<App> {
    ///     EventRouter::new().on(hello)
    /// }
    ///
    /// let app = App { greeting: "hello".into() };
    /// let events: EventRouter =
    ///     EventRouter::new().on(audit).on(created).merge(messages()).with_state(app);
    /// ```
    ///
    /// A router that waits for a state does not compile as a service:
    ///
    /// ```compile_fail,E0277
    /// # use tower::Layer;
    /// # use tower_wecom::{Callback, Config, EventRouter, State, WeComLayer};
    /// # fn service(config: Config) -> impl tower::Service<http::Request<String>> {
    /// let events = EventRouter::new().on(async |_: State<u8>, _: Callback| {});
    /// WeComLayer::new(config).layer(events)
    /// # }
    /// ```
    pub fn with_state<S2: 'static>(self, state: S) -> EventRouter<S2>
    where
        S: Clone + Send + Sync,
    {
        let Routes {
            routes,
            by_kind,
            by_family,
            for_all,
            fallback,
        } = Arc::unwrap_or_clone(self.routes);
        let with_state = |route: Route<S>| route.with_state(state.clone());
        EventRouter {
            routes: Arc::new(Routes {
                routes: routes.into_iter().map(with_state).collect(),
                by_kind,
                by_family,
                for_all,
                fallback: fallback.map(with_state),
            }),
        }
    }

    #[track_caller]
    fn push(mut self, route: Route<S>) -> Self {
        Arc::make_mut(&mut self.routes).push(route);
        self
    }
}

impl EventRouter {
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

/// Warns at start-up of a name that has a type, or that is only a part of the names of kinds.
fn warn_of_name(kind: &str, location: &'static Location<'static>) {
    if let Some(row) = known_kinds().find(|row| row.kind == *kind) {
        warning!(
            kind,
            r#type = row.type_name,
            %location,
            "a kind routed by its name has a type"
        );
        let _ = row;
    } else if let Some(perhaps) = suggestion(kind) {
        warning!(kind, perhaps, %location, "a kind routed by its name is the kind of no callback");
        let _ = perhaps;
    }
    let _ = location;
}

impl<S: 'static> Routes<S> {
    /// The handlers that a callback fits, in their order. The cost depends on their number, not on
    /// the number of all handlers.
    fn for_callback(&self, callback: &Callback) -> Vec<Step<S>> {
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
    fn push(&mut self, route: Route<S>) {
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
    fn set_fallback(&mut self, route: Route<S>) {
        if let Some(earlier) = &self.fallback {
            panic!(
                "the fallback at {} is the second one: there is one at {}",
                route.location, earlier.location
            );
        }
        self.fallback = Some(route);
    }
}

impl<S: 'static> Route<S> {
    fn new<T, H: Handler<T, S>>(handler: H, location: &'static Location<'static>) -> Self {
        let target = match H::SCOPE {
            Scope::Kind(kind) => Target::Struct(kind),
            Scope::Family(family) => Target::Family(family),
            Scope::All => Target::All,
        };
        Self {
            step: Arc::new(move |next, state: &S| handler.call(next, state)),
            target,
            is_last: H::IS_LAST,
            location,
        }
    }

    fn with_state<S2>(self, state: S) -> Route<S2>
    where
        S: Send + Sync,
    {
        let step = self.step;
        Route {
            step: Arc::new(move |next, _: &S2| step(next, &state)),
            target: self.target,
            is_last: self.is_last,
            location: self.location,
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

// By hand, because a derived `Clone` or `Default` would ask for it from `S` too.

impl<S> Clone for EventRouter<S> {
    fn clone(&self) -> Self {
        Self {
            routes: Arc::clone(&self.routes),
        }
    }
}

impl<S> Default for EventRouter<S> {
    fn default() -> Self {
        Self {
            routes: Arc::default(),
        }
    }
}

impl<S> Clone for Routes<S> {
    fn clone(&self) -> Self {
        Self {
            routes: self.routes.clone(),
            by_kind: self.by_kind.clone(),
            by_family: self.by_family.clone(),
            for_all: self.for_all.clone(),
            fallback: self.fallback.clone(),
        }
    }
}

impl<S> Default for Routes<S> {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            by_kind: HashMap::new(),
            by_family: HashMap::new(),
            for_all: Vec::new(),
            fallback: None,
        }
    }
}

impl<S> Clone for Route<S> {
    fn clone(&self) -> Self {
        Self {
            step: Arc::clone(&self.step),
            target: self.target.clone(),
            is_last: self.is_last,
            location: self.location,
        }
    }
}

impl<S> fmt::Debug for EventRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRouter")
            .field("handlers", &self.routes.routes.len())
            .field("fallback", &self.routes.fallback.is_some())
            .finish()
    }
}
