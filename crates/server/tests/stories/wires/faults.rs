//! Story: the channels misbehave in every way that the sandbox knows. Whatever they do, our books
//! and the channel's belief agree in the end, the books balance, and what the till was told is
//! true.

mod callbacks;
mod ends;
mod notices;
mod pay;
mod refunds;
mod shop;
mod surplus;
