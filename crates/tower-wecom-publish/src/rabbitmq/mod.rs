//! RabbitMQ.
//!
//! | file | what |
//! |---|---|
//! | `names` | the exchange and the queues, and what they are declared with |
//! | `link` | a connection that is made anew after it has failed |
//! | `shared` | publishes and counts |
//! | `source` | the consumer's side |
//! | `broker` | `RabbitMq`: the publisher |
//! | `builder` | the settings |

mod broker;
mod builder;
mod link;
mod names;
mod shared;
mod source;

pub use broker::RabbitMq;
pub use builder::RabbitMqBuilder;
