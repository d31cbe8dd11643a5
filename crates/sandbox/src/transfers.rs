//! What happens to transfers: a number pays at most once, ever; what is due later happens before
//! every look at the books.

use crate::book::{Book, Transfer, TransferState, Turn};
use crate::clock;
use crate::error::SandboxError;
use crate::test_cards::{Fate, fate};

/// What is on a new account, so that there is something to pay from: a million yuan.
const OPENING_FEN: i64 = 100_000_000;
/// Why nothing is paid from an account that is too empty.
const NO_MONEY: &str = "付款账户余额不足";

/// What a customer asks for.
pub(crate) struct Wanted<'a> {
    pub(crate) channel: &'a str,
    pub(crate) number: &'a str,
    pub(crate) payee: &'a str,
    pub(crate) holder: &'a str,
    pub(crate) is_company: bool,
    pub(crate) amount_fen: i64,
    /// Everything that was asked for, in one text.
    pub(crate) content: String,
}

/// What became of that.
pub(crate) enum Taken {
    /// It was taken up now or before: this is how it stands.
    Stands(Box<Transfer>),
    /// As before, but the answer gets lost.
    StandsUnsaid,
    /// It got lost on the way, and nothing was taken up.
    Lost,
    /// Something else was asked for under this number.
    OtherContent,
}

/// Takes up what is asked for, unless the number is known.
pub(crate) fn take(book: &Book<'_>, wanted: Wanted<'_>) -> Result<Taken, SandboxError> {
    let Wanted {
        channel, number, ..
    } = wanted;
    if let Some(known) = book.transfer(channel, number)? {
        if known.content != wanted.content {
            book.add_transfer_call(channel, number, "number taken")?;
            return Ok(Taken::OtherContent);
        }
        book.add_transfer_call(channel, number, word(known.state))?;
        return Ok(Taken::Stands(Box::new(known)));
    }
    let fate = fate(wanted.payee, wanted.is_company);
    let is_first_sending = book.transfer_calls(channel, number)?.is_empty();
    if fate == Fate::SilentAndLost && is_first_sending {
        book.add_transfer_call(channel, number, "silent, nothing was done")?;
        return Ok(Taken::Lost);
    }
    let transfer = begin(book, &wanted, fate)?;
    book.save_transfer(&transfer)?;
    if fate == Fate::SilentAndPaid {
        book.add_transfer_call(channel, number, "silent, the work was done")?;
        return Ok(Taken::StandsUnsaid);
    }
    book.add_transfer_call(channel, number, word(transfer.state))?;
    Ok(Taken::Stands(Box::new(transfer)))
}

fn begin(book: &Book<'_>, wanted: &Wanted<'_>, fate: Fate) -> Result<Transfer, SandboxError> {
    let day = clock::day(book.now_ms);
    let mut transfer = Transfer {
        channel: wanted.channel.to_owned(),
        number: wanted.number.to_owned(),
        payee: wanted.payee.to_owned(),
        holder: wanted.holder.to_owned(),
        amount_fen: wanted.amount_fen,
        content: wanted.content.clone(),
        state: TransferState::Processing,
        bank_no: format!("{day}{:010}", book.next_sequence()? % 10_000_000_000),
        text: String::new(),
        received_ms: book.now_ms,
        paid_ms: None,
        returned_ms: None,
        next: None,
    };
    let next_day_ms = clock::next_day(book.now_ms);
    match fate {
        Fate::Fails(text) => fail(&mut transfer, text),
        Fate::FailsFirst(text) if !book.has_transfer_to(wanted.channel, wanted.payee)? => {
            fail(&mut transfer, text);
        }
        Fate::FailsNextDay(text) => {
            transfer.next = Some((next_day_ms, Turn::Fails(text.to_owned())));
        }
        Fate::ReturnsNextDay(text) => {
            pay(book, &mut transfer, "")?;
            if transfer.state == TransferState::Paid {
                transfer.next = Some((next_day_ms, Turn::Returns(text.to_owned())));
            }
        }
        Fate::PaysWith(text) => pay(book, &mut transfer, text)?,
        Fate::Pays | Fate::FailsFirst(_) | Fate::SilentAndPaid | Fate::SilentAndLost => {
            pay(book, &mut transfer, "")?;
        }
    }
    Ok(transfer)
}

fn fail(transfer: &mut Transfer, text: &str) {
    transfer.state = TransferState::Failed;
    text.clone_into(&mut transfer.text);
}

/// Pays from the account, as far as there is enough on it.
fn pay(book: &Book<'_>, transfer: &mut Transfer, text: &str) -> Result<(), SandboxError> {
    if available_fen(book, &transfer.channel)? < transfer.amount_fen {
        fail(transfer, NO_MONEY);
        return Ok(());
    }
    transfer.state = TransferState::Paid;
    transfer.paid_ms = Some(book.now_ms);
    text.clone_into(&mut transfer.text);
    let (channel, out_fen) = (&transfer.channel, -transfer.amount_fen);
    book.add_line(channel, book.now_ms, out_fen, Some(transfer), "付款")?;
    Ok(())
}

/// What is on the account of an upstream; the first look opens it.
pub(crate) fn available_fen(book: &Book<'_>, channel: &str) -> Result<i64, SandboxError> {
    if !book.has_lines(channel)? {
        return book.add_line(channel, book.now_ms, OPENING_FEN, None, "开户存入");
    }
    book.balance_fen(channel)
}

/// Lets everything happen that was due by now, at the time at which it was due.
pub(crate) fn settle(book: &Book<'_>) -> Result<(), SandboxError> {
    while let Some(mut transfer) = book.due_transfer()? {
        match transfer.next.take() {
            Some((_, Turn::Fails(text))) => fail(&mut transfer, &text),
            Some((due_ms, Turn::Returns(text))) => {
                transfer.state = TransferState::Returned;
                transfer.returned_ms = Some(due_ms);
                transfer.text = text;
                let (channel, back_fen) = (&transfer.channel, transfer.amount_fen);
                book.add_line(channel, due_ms, back_fen, Some(&transfer), "退票")?;
            }
            None => {}
        }
        book.save_transfer(&transfer)?;
    }
    Ok(())
}

/// The state in one word.
pub(crate) const fn word(state: TransferState) -> &'static str {
    match state {
        TransferState::Processing => "processing",
        TransferState::Paid => "paid",
        TransferState::Failed => "failed",
        TransferState::Returned => "returned",
    }
}
