//! What every store must do, whatever it is made of.
//!
//! A facet has one entry here. Each check is a story over fresh books. A violation is a failed
//! assertion, so that an implementer's test shows where it stands.

mod agents;
mod balances;
mod codes;
mod consent_states;
mod contracts;
mod days;
mod directory;
mod exchanges;
mod fee_tree;
mod jobs;
mod lists;
mod newcomers;
mod nodes;
mod office;
mod orders;
mod parties;
mod records;
mod refunds;
mod settlements;
mod steps;
mod stories;
mod weighing;

use std::sync::Arc;

use crate::exchange_shares::LogLimits;
use crate::store::Store;

/// Runs every check, facet by facet, each over books of its own that `make` gives: empty ones, of
/// any node. What `Nodes` tells of other processes and `Upkeep` of files, each implementer has
/// tests of its own for.
pub async fn check(make: impl AsyncFn() -> Arc<dyn Store>) {
    orders(&make).await;
    stories(&make).await;
    statements(&make).await;
    records(&make).await;
    settlements(&make).await;
    consents(&make).await;
    days(&make).await;
    directory(&make).await;
    jobs(&make).await;
    notices(&make).await;
    exchanges(&make).await;
    office(&make).await;
    nodes(&make).await;
    lists(&make).await;
}

/// The checks of [`Orders`](crate::store::Orders).
pub async fn orders(make: &impl AsyncFn() -> Arc<dyn Store>) {
    orders::an_order_is_found_as_it_was_written(&make().await).await;
    orders::attempts_are_told_apart_whichever_came_first(&make().await).await;
    orders::of_200_simultaneous_creates_one_wins(&make().await).await;
    orders::the_same_number_serves_two_apps(&make().await).await;
    orders::another_merchants_order_is_not_found(&make().await).await;
    orders::a_rejected_step_changes_nothing(&make().await).await;
    orders::a_payment_is_booked_once(&make().await).await;
    orders::numbers_leave_a_high_water_mark(&make().await).await;
    refunds::of_50_simultaneous_refunds_of_30_on_100_three_pass(&make().await).await;
    refunds::a_merchants_refund_number_serves_once(&make().await).await;
    refunds::a_refund_is_found_by_both_numbers(&make().await).await;
    refunds::an_orders_refunds_stand_by_age(&make().await).await;
    refunds::what_agents_gave_back_is_kept(&make().await).await;
    weighing::of_two_refunds_at_once_that_fit_singly_one_passes(&make().await).await;
    weighing::no_more_refunds_pass_than_the_balance_bears(&make().await).await;
    weighing::a_refund_of_today_is_weighed_once_its_money_is_settled(&make().await).await;
    codes::codes_that_channels_gave_are_known(&make().await).await;
}

/// The checks of [`Stories`](crate::store::Stories).
pub async fn stories(make: &impl AsyncFn() -> Arc<dyn Store>) {
    stories::orders_are_found_by_any_number(&make().await).await;
    stories::a_story_has_both_halves_of_its_exchanges(&make().await).await;
    stories::a_refused_request_is_in_the_story_of_its_order(&make().await).await;
    stories::a_walk_meets_every_order_of_every_merchant_once(&make().await).await;
}

/// The checks of [`Records`](crate::store::Records).
pub async fn records(make: &impl AsyncFn() -> Arc<dyn Store>) {
    records::a_repeat_finds_the_first_application(&make().await).await;
    records::of_20_simultaneous_applications_one_stands(&make().await).await;
    records::a_login_name_is_one_merchants(&make().await).await;
    records::an_application_is_decided_and_its_timeline_says_so(&make().await).await;
    records::records_are_listed_page_by_page(&make().await).await;
    records::a_number_inside_of_a_record_leaves_a_high_water_mark(&make().await).await;
    records::a_login_code_serves_once_and_in_time(&make().await).await;
    records::five_wrong_tries_make_a_login_code_void(&make().await).await;
    balances::a_hold_takes_nothing_when_it_is_placed(&make().await).await;
    balances::an_approval_is_used_in_the_commit_of_what_it_allows(&make().await).await;
    weighing::no_more_withdrawals_pass_than_is_available(&make().await).await;
}

/// The checks of [`Settlements`](crate::store::Settlements).
pub async fn settlements(make: &impl AsyncFn() -> Arc<dyn Store>) {
    settlements::entries_become_items_of_one_settlement(&make().await).await;
    settlements::what_is_booked_long_after_its_number_is_found(&make().await).await;
    settlements::a_balance_is_what_no_bill_pays(&make().await).await;
    settlements::those_who_wait_are_found_page_by_page(&make().await).await;
    weighing::what_a_bill_keeps_for_a_refund_is_not_taken_twice(&make().await).await;
    weighing::the_end_of_a_refund_frees_what_a_bill_keeps_for_it(&make().await).await;
}

/// The checks of [`Consents`](crate::store::Consents).
pub async fn consents(make: &impl AsyncFn() -> Arc<dyn Store>) {
    consent_states::a_state_is_used_once(&make().await).await;
    consent_states::of_20_simultaneous_returns_one_is_the_first(&make().await).await;
    consent_states::used_states_of_an_order_are_bounded_and_forgotten_in_time(&make().await).await;
}

/// The checks of [`Days`](crate::store::Days).
pub async fn days(make: &impl AsyncFn() -> Arc<dyn Store>) {
    days::what_comes_late_is_of_the_first_open_date(&make().await).await;
    days::of_payments_at_the_close_each_is_of_one_date(&make().await).await;
    days::what_is_rolled_up_is_what_was_booked(&make().await).await;
    days::a_share_is_swept_once_and_nothing_stays_on_the_bridge(&make().await).await;
}

/// The checks of [`Directory`](crate::store::Directory).
pub async fn directory(make: &impl AsyncFn() -> Arc<dyn Store>) {
    directory::what_was_enrolled_is_found(&make().await).await;
    directory::a_fee_is_a_version_of_a_schedule(&make().await).await;
    directory::a_version_of_fees_follows_the_newest(&make().await).await;
    directory::rates_come_and_go(&make().await).await;
    directory::holidays_are_kept_by_year(&make().await).await;
    fee_tree::of_changes_that_looked_at_the_same_one_is_written(&make().await).await;
    fee_tree::each_change_is_another_state_and_a_repeat_is_known(&make().await).await;
    contracts::a_wallet_may_have_several(&make().await).await;
    contracts::an_edit_drops_and_writes_at_once(&make().await).await;
    newcomers::of_20_simultaneous_ones_one_is_admitted(&make().await).await;
    newcomers::one_that_stands_is_not_written_over(&make().await).await;
    newcomers::a_repeat_whose_answer_was_lost_is_known(&make().await).await;
    agents::an_agent_is_found_as_it_was_written(&make().await).await;
    parties::a_party_is_found_as_it_was_written(&make().await).await;
    parties::a_place_that_does_not_fit_is_a_conflict_and_changes_nothing(&make().await).await;
    parties::of_two_moves_below_one_another_one_is_written(&make().await).await;
    parties::new_parties_and_moves_at_once_keep_within_five_levels(&make().await).await;
    agents::keys_are_proved_and_retired(&make().await).await;
    agents::a_merchants_state_is_set_alone(&make().await).await;
    agents::an_edit_from_an_old_reading_opens_nothing(&make().await).await;
    agents::a_party_edited_from_an_old_reading_opens_nothing(&make().await).await;
}

/// The checks of [`Jobs`](crate::store::Jobs).
pub async fn jobs(make: &impl AsyncFn() -> Arc<dyn Store>) {
    jobs::a_job_is_claimed_once_and_comes_back(&make().await).await;
    jobs::a_claim_takes_the_earliest_first(&make().await).await;
    jobs::a_job_that_a_wrong_clock_planned_is_pulled_back(&make().await).await;
    jobs::a_commit_says_when_its_earliest_job_is_due(&make().await).await;
}

/// The checks of [`Notices`](crate::store::Notices).
pub async fn notices(make: &impl AsyncFn() -> Arc<dyn Store>) {
    refunds::a_notice_of_a_refund_keeps_the_moment_of_its_end(&make().await).await;
    jobs::a_notification_is_delivered_until_it_is_acknowledged(&make().await).await;
}

/// The checks of [`Exchanges`](crate::store::Exchanges).
pub async fn exchanges(make: &impl AsyncFn() -> Arc<dyn Store>) {
    exchanges::an_exchange_is_found_by_its_number(&make().await).await;
}

/// The checks of [`OfficeBooks`](crate::store::OfficeBooks).
pub async fn office(make: &impl AsyncFn() -> Arc<dyn Store>) {
    office::people_are_admitted_once_and_change(&make().await).await;
    office::acts_stand_in_one_chain(&make().await).await;
    office::acts_are_found_by_what_is_asked(&make().await).await;
    office::a_step_is_written_down_with_its_actor_unless_it_is_refused(&make().await).await;
}

/// The checks of [`Nodes`](crate::store::Nodes) that need no other process.
pub async fn nodes(make: &impl AsyncFn() -> Arc<dyn Store>) {
    nodes::of_some_at_once_one_has_the_turn(&make().await).await;
}

/// The checks of [`Lists`](crate::lists::Lists).
pub async fn lists(make: &impl AsyncFn() -> Arc<dyn Store>) {
    lists::orders_are_listed_as_they_stand(&make().await).await;
    lists::refunds_and_notifications_are_listed_as_they_stand(&make().await).await;
    lists::jobs_and_exchanges_are_listed_as_they_stand(&make().await).await;
    lists::a_report_is_equal_to_the_journal_and_to_the_orders(&make().await).await;
    lists::accounts_are_equal_to_the_journal(&make().await).await;
    lists::the_directory_is_listed_by_page(&make().await).await;
    lists::agents_and_accounts_are_listed_with_what_they_have(&make().await).await;
}

/// The checks of [`Statements`](crate::store::Statements).
pub async fn statements(make: &impl AsyncFn() -> Arc<dyn Store>) {
    lists::statements_have_every_movement_of_their_day_once(&make().await).await;
}

/// Runs the checks of a store that caps its exchange log, each over books of its own that `make`
/// gives with these caps.
pub async fn check_exchange_log(make: impl AsyncFn(LogLimits) -> Arc<dyn Store>) {
    exchanges::no_app_drives_out_another_nor_do_strangers(&make(exchanges::FEW_LINES).await).await;
    exchanges::large_bodies_drive_nobody_out_and_are_soon_cut(&make(exchanges::FEW_BYTES).await)
        .await;
    exchanges::answers_count_too(&make(exchanges::FEW_BYTES).await).await;
}
