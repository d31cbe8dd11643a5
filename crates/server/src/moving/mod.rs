//! The books as a whole: brought to this program's schema, copied, moved to another database.
//!
//! Nothing here goes through the serving process: a copy is read over a connection of its own, and
//! what writes takes the data folder first.

pub(crate) mod back_up;
mod bar;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod migrate;

use heliu_office::books::SoundBooks;
use heliu_store::Place;
use heliu_store::moving::Header;

use crate::books_store::BOOKS_FILE;
use crate::config::Config;
use crate::failure::Failure;
use crate::folder::{Folder, NotTaken};

/// Standard input or output in place of a file.
const STANDARD: &str = "-";

/// Where the configured books are.
fn place(config: &Config) -> Place {
    match config.books.database() {
        Some(address) => Place::Postgres(address),
        None => Place::Sqlite(config.books.data.join(BOOKS_FILE)),
    }
}

/// The configured books.
struct Found {
    place: Place,
    /// Their folder, if nobody serves them: nobody begins to while this is held.
    held: Option<Folder>,
}

/// Finds the configured books. Those in a file that nobody serves are refused if something of what
/// was acknowledged is missing: whoever opens them would take away the traces of it.
async fn find(config: &Config) -> Result<Found, Failure> {
    let place = place(config);
    if !matches!(&place, Place::Sqlite(path) if path.exists()) {
        return Ok(Found { place, held: None });
    }
    let held = match Folder::take(&config.books.data) {
        Ok(folder) => Some(folder),
        Err(NotTaken::Held) => None,
        Err(NotTaken::Failed(failure)) => return Err(failure),
    };
    if held.is_some() {
        place.refuse_damage().await?;
    }
    Ok(Found { place, held })
}

/// What a file holds, in a line.
fn contents(header: &Header) -> String {
    let count = |table: &str| header.rows_of(table);
    format!(
        "{} rows: {} merchants, {} orders, {} refunds, {} journal rows, {} notifications, {} exchanges",
        header.rows(),
        count("merchant"),
        count("trade_order"),
        count("refund"),
        count("journal_row"),
        count("notification"),
        count("exchange"),
    )
}

/// What is said of books that are sound.
pub(crate) fn sound(books: &SoundBooks) -> String {
    let line = format!(
        "books clean: {} orders, the journal sums to zero",
        books.orders
    );
    let dates = (books.dates > 0).then(|| {
        let dates = books.dates;
        format!("business dates as they were closed: {dates}")
    });
    let marks = books.marks.iter().map(|mark| format!("marked: {mark}"));
    let lines: Vec<_> = std::iter::once(line).chain(dates).chain(marks).collect();
    lines.join("\n")
}
