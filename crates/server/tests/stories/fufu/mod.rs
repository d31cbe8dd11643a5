//! Fufu tills.

mod notifications;
mod payment_codes;
mod refund_numbers;
mod vectors;
