//! What holds on every wire.

mod addresses;
mod bad_input;
mod closing;
mod faults;
mod races;
mod reversals;
mod unsecured_channel;
mod what_clients_send;
