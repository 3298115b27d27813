//! Callbacks go through a broker: published, acknowledged then, handled by consumers.
//!
//! ```not_rust
//! apt-get install rabbitmq-server nats-server
//! cargo run -p example-publish -- amqp://127.0.0.1/%2f       # RabbitMQ
//! nats-server -js &
//! cargo run -p example-publish -- nats://127.0.0.1           # or NATS JetStream
//! ```
//!
//! One process receives and consumes. `WECOM_ROLE=receive` and `WECOM_ROLE=consume` do half of it
//! each, so that there can be many of both. The consumer appends a line for each member that has
//! changed to `members.log`, or to the file of `WECOM_MEMBERS`. Set up by `WECOM_TOKEN`,
//! `WECOM_ENCODING_AES_KEY`, `WECOM_RECEIVE_ID` and `WECOM_LISTEN`, as `examples/axum.rs`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_publish::start()
}
