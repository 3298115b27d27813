//! NATS with JetStream.
//!
//! | file | what |
//! |---|---|
//! | `names` | the streams and their subjects |
//! | `shared` | publishes and counts |
//! | `source` | the consumer's side |
//! | `broker` | `JetStream`: the publisher |
//! | `builder` | the settings |

mod broker;
mod builder;
mod names;
mod shared;
mod source;

pub use broker::JetStream;
pub use builder::JetStreamBuilder;
