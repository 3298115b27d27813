//! Runs the programs of the guides as their readers do.
#![cfg(unix)]

mod approval;
mod bot;
mod directory;
mod production;
mod support;
mod welcome;
