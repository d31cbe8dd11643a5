//! Lists agree with a look at every order's book, whatever is filtered, on every page.

mod directory;
mod jobs;
mod journal;
mod made;
mod naive;
mod orders;
mod refunds;
mod report;
mod statements;

use std::fmt::Debug;

use heliu_trade::time::Timestamp;

use super::steps::START;
use crate::lists::{AgentKey, Cursor, Listed, Page, Span};
use crate::store_error::StoreError;

pub(super) use directory::{
    agents_and_accounts_are_listed_with_what_they_have, the_directory_is_listed_by_page,
};
pub(super) use jobs::jobs_and_exchanges_are_listed_as_they_stand;
pub(super) use journal::accounts_are_equal_to_the_journal;
pub(super) use orders::orders_are_listed_as_they_stand;
pub(super) use refunds::refunds_and_notifications_are_listed_as_they_stand;
pub(super) use report::a_report_is_equal_to_the_journal_and_to_the_orders;
pub(super) use statements::statements_have_every_movement_of_their_day_once;

use made::Dice;

/// How many filters each list is asked with.
const FILTERS: u32 = 60;

/// All rows of a list, page by page.
async fn all<T: Debug, F>(read: impl Fn(Page) -> F, size: u32) -> Vec<T>
where
    F: Future<Output = Result<Listed<T>, StoreError>>,
{
    let (mut rows, mut page) = (Vec::new(), Page::first(size));
    loop {
        let listed = read(page).await.expect("read");
        let count = listed.rows.len();
        assert!(
            count <= usize::try_from(size).expect("small"),
            "a page has its size"
        );
        rows.extend(listed.rows);
        let Some(next) = listed.next else { break rows };
        assert_eq!(
            count,
            usize::try_from(size).expect("small"),
            "more comes after a whole page only"
        );
        // Where it was kept it is a text.
        page = Page::after(Cursor::new(next.as_str()), size);
    }
}

/// Nothing of it is asked for in half of all cases.
fn perhaps<T: Clone>(dice: &mut Dice, some: &[T]) -> Option<T> {
    (dice.throw(3) == 0).then(|| dice.of(some).clone())
}

fn span(dice: &mut Dice) -> Span {
    let instants: Vec<Timestamp> = [-1_000, 0, 1, 999, 1_000, 20_500, 44_000, 3_095_000]
        .map(|ms| START.plus_ms(ms))
        .to_vec();
    Span {
        from: perhaps(dice, &instants),
        until: perhaps(dice, &instants),
    }
}

fn agents() -> Vec<AgentKey> {
    let agents = [
        ("wire", "10"),
        ("wire", "11"),
        ("other", "10"),
        ("other", "99"),
    ];
    let key = |(dialect, agent): (&str, &str)| AgentKey {
        dialect_id: dialect.into(),
        agent_id: agent.into(),
    };
    agents.map(key).to_vec()
}

fn begins(numbers: &[String], number: Option<&String>) -> bool {
    number.is_none_or(|number| numbers.iter().any(|of| of.starts_with(number)))
}

/// Beginnings of numbers that occur, and some that do not.
fn beginnings(numbers: &[String], dice: &mut Dice) -> Vec<String> {
    let mut beginnings = Vec::new();
    for _ in 0..200 {
        let number = dice.of(numbers);
        let length = number.chars().count();
        let kept =
            1 + usize::try_from(dice.throw(u64::try_from(length).expect("short"))).expect("short");
        beginnings.push(number.chars().take(kept).collect());
    }
    beginnings.extend(["", "nothing", "%", "_", "'", "00000000000000001"].map(str::to_owned));
    beginnings
}
