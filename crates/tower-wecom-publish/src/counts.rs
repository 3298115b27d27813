/// How many messages of a consumer a broker has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Not given to a consumer yet: the lag.
    pub waiting: u64,
    /// Tried, and to be tried again after a pause. On JetStream with those that run now, on
    /// RabbitMQ without.
    pub delayed: u64,
    /// Dead letters.
    pub dead: u64,
}
