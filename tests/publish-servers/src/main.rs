//! `examples/publish`, for the tests to kill.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_publish::start()
}
