//! Stories by theme, and the shop in which they play.

mod cancels;
mod checks;
mod closes;
mod endings;
mod funds;
mod notices;
mod payments;
mod refunds;
mod shares;
mod shop;
mod tariffs;
