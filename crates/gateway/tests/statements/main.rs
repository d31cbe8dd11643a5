//! Statement files: published about a closed day, fetched by the agent whose they are, made again
//! where they are missing, and kept when a later version takes their place.

mod house;
mod reader;

use std::collections::BTreeSet;

use heliu_engine::{PublishedStatement, RecordsAsked, StatementAsked};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::statement::StatementKind;

use house::{AGENT_KEY, House, OTHER_KEY, audit};
use reader::Flow;

const TRADE: &str = "10_trade_new_20260102.txt";
const MISSING: &str = r#"{"error_code":"000110","error_msg":"对账单不存在"}"#;

async fn publish(
    house: &House,
    agent: &str,
    kind: StatementKind,
    id: &str,
) -> Result<PublishedStatement, TradeError> {
    let asked = StatementAsked {
        dialect_id: "leshua".into(),
        agent_id: agent.into(),
        kind,
        day: House::day(),
    };
    house.engine.publish_statement(&asked, audit(id)).await
}

/// The columns of each line behind the titles.
fn rows(file: &str) -> Vec<Vec<&str>> {
    let lines = file.lines().skip(1);
    lines.map(|line| line.split('|').collect()).collect()
}

#[tokio::test]
async fn a_day_that_is_not_closed_has_no_files() {
    let house = House::open().await;
    house.trade().await;
    let refused = publish(&house, "10", StatementKind::Trade, "a").await;
    assert_eq!(
        refused.map_err(|error| error.code),
        Err(ErrorCode::TooEarly)
    );
    assert_eq!(house.fetch("10", AGENT_KEY, TRADE).await, MISSING);
}

#[tokio::test]
async fn an_agent_fetches_its_own_files_and_hears_of_no_others() {
    let house = House::open().await;
    house.trade().await;
    house.close_day().await;
    let published = publish(&house, "10", StatementKind::Trade, "a").await;
    let published = published.expect("published");
    assert!(published.is_new);
    assert_eq!((published.file.version, published.file.sums.rows), (1, 2));
    let file = house.fetch("10", AGENT_KEY, TRADE).await;
    assert_eq!(u64::try_from(file.len()), Ok(published.file.bytes));
    let rows = rows(&file);
    let amounts: Vec<_> = rows.iter().map(|row| row[6..10].join(" ")).collect();
    assert_eq!(amounts, ["500 2 498 进账", "200 0 200 退款"]);
    assert_eq!(published.file.sums.net_fen(), 298);

    assert_eq!(house.fetch("20", OTHER_KEY, TRADE).await, MISSING);
    let unknown = "10_trade_new_20991231.txt";
    assert_eq!(house.fetch("10", AGENT_KEY, unknown).await, MISSING);
    let traversal = "..%2F..%2Fetc%2Fpasswd";
    let told = house.fetch("10", AGENT_KEY, traversal).await;
    assert!(told.contains("000101"), "{told}");
    let told = house.fetch("10", OTHER_KEY, TRADE).await;
    assert!(told.contains("000102"), "{told}");
    let told = house.fetch("30", AGENT_KEY, TRADE).await;
    assert!(told.contains("000103"), "{told}");
    let told = house.get(&format!("/statement/{TRADE}")).await;
    assert!(told.contains("000101"), "{told}");
}

#[tokio::test]
async fn an_agents_profit_files_are_its_parts_of_the_fees() {
    let house = House::open().await;
    house.trade().await;
    house.close_day().await;
    // A fee of 2 fen: agent 11 pays 2 (0.30 %), agent 10 pays 1 (0.10 %), and nothing goes back.
    for (agent, fee, cost, share) in [("11", "2", "2", "0"), ("10", "2", "1", "1")] {
        for (kind, word, count) in [
            (StatementKind::Profit, "profit", 1),
            (StatementKind::RefundProfit, "profit_refund", 1),
        ] {
            let published = publish(&house, agent, kind, word).await.expect("published");
            let name = format!("{agent}_{word}_20260102.txt");
            assert_eq!(published.file.name, name);
            let file = house.fetch(agent, AGENT_KEY, &name).await;
            let rows = rows(&file);
            assert_eq!(rows.len(), count, "{name}");
            assert_eq!(rows[0][2], agent, "{name}");
            if kind == StatementKind::Profit {
                assert_eq!(rows[0][7..10], [fee, cost, share], "{name}");
                let net_fen = published.file.sums.net_fen();
                assert_eq!(net_fen.to_string(), share);
            } else {
                assert_eq!(rows[0][7..10], ["0", "0", "0"], "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_that_is_missing_or_was_altered_is_made_again_byte_by_byte() {
    let house = House::open().await;
    house.trade().await;
    house.close_day().await;
    let first = publish(&house, "10", StatementKind::Trade, "a").await;
    let first = first.expect("published").file;
    let whole = house.fetch("10", AGENT_KEY, TRADE).await;
    let path = house.folder.join("leshua-10").join(TRADE);
    std::fs::remove_file(&path).expect("it is there");
    assert_eq!(house.fetch("10", AGENT_KEY, TRADE).await, whole);
    std::fs::write(&path, "BT\r\n").expect("it is there");
    assert_eq!(house.fetch("10", AGENT_KEY, TRADE).await, whole);
    let again = publish(&house, "10", StatementKind::Trade, "b").await;
    let again = again.expect("the same");
    assert_eq!((again.is_new, again.file), (false, first));
    let building = std::fs::read_dir(house.folder.join("building")).expect("a folder");
    assert_eq!(building.count(), 0, "nothing stays half made");
}

#[tokio::test]
async fn a_later_version_takes_the_place_of_a_file_and_the_earlier_is_kept() {
    let house = House::open().await;
    house.trade().await;
    house.close_day().await;
    publish(&house, "10", StatementKind::Trade, "a")
        .await
        .expect("published");
    let before = house.fetch("10", AGENT_KEY, TRADE).await;
    house.set("statement_separator", "comma").await;
    let second = publish(&house, "10", StatementKind::Trade, "b").await;
    let second = second.expect("published");
    assert_eq!((second.is_new, second.file.version), (true, 2));
    let after = house.fetch("10", AGENT_KEY, TRADE).await;
    assert_eq!(after, before.replace('|', ","));
    let kept = house
        .folder
        .join("leshua-10/versions")
        .join(format!("{TRADE}.1"));
    assert_eq!(std::fs::read_to_string(kept).expect("kept"), before);
    let listed = house.engine.statements(None, 10).await.expect("the books");
    let listed: Vec<_> = listed
        .iter()
        .map(|(record, file)| (file.version, record.state.as_str()))
        .collect();
    assert_eq!(listed, [(2, "published"), (1, "replaced")]);
    // What cannot be made again as it was is not handed out.
    house.set("statement_separator", "tab").await;
    std::fs::remove_file(house.folder.join("leshua-10").join(TRADE)).expect("it is there");
    let told = house.fetch("10", AGENT_KEY, TRADE).await;
    assert!(told.contains("000500"), "{told}");
}

/// What agents add up from their files is what the day was worth: holds, reserves and payout fees
/// change nothing of that.
#[tokio::test]
async fn a_readers_sums_of_a_busy_day_are_what_is_settled() {
    let house = House::open().await;
    let net_fen = house.busy_day().await;
    house.hold(500).await;
    house.run_the_day().await;

    let trades = reader::trades(&house.fetch("10", AGENT_KEY, TRADE).await);
    assert_eq!(reader::net_fen(&trades), net_fen);
    let of_flow = |flow| trades.iter().filter(move |trade| trade.flow == flow);
    assert_eq!(of_flow(Flow::Inflow).count(), 5);
    let back = of_flow(Flow::Refund).map(|trade| {
        let number = trade.refund_no.as_deref().unwrap_or("none");
        (number, trade.amount_fen, trade.fee_fen)
    });
    // The refund that failed moved nothing; a reversal has no number and gives the whole fee back.
    assert_eq!(
        back.collect::<Vec<_>>(),
        [("R1", 3_333, 12), ("none", 10_000, 38), ("R3", 777, 3)]
    );
    let paid: BTreeSet<_> = of_flow(Flow::Inflow).map(|trade| &trade.order_no).collect();
    assert!(trades.iter().all(|trade| paid.contains(&trade.order_no)));
    assert!(trades.iter().all(|trade| trade.rate == "38"));

    let asked = RecordsAsked {
        state: None,
        below: None,
        limit: 10,
    };
    let settled = house.engine.settlements(asked).await.expect("the books");
    let nets = settled.iter().map(|(_, settlement)| {
        assert_eq!(settlement.key.trade_date, House::day());
        settlement.sums.net_fen()
    });
    assert_eq!(nets.collect::<Vec<_>>(), [net_fen]);

    // The agents' own files come to what was booked for them, too.
    for agent in ["10", "11"] {
        let mut kept_fen = 0;
        for (kind, sign) in [("profit", 1), ("profit_refund", -1)] {
            let name = format!("{agent}_{kind}_20260102.txt");
            let file = house.fetch(agent, AGENT_KEY, &name).await;
            kept_fen += sign * reader::profit_fen(&file);
        }
        assert_eq!(kept_fen, house.accrued_fen(agent).await, "{agent}");
    }
}

#[tokio::test]
async fn only_an_agent_without_one_above_it_asks_for_a_merchants_bills() {
    let house = House::open().await;
    let own = house.bills_of("10", AGENT_KEY, "9605000011").await;
    assert!(own.contains(r#""totalCount":0"#), "{own}");
    // Agent 11 brought the merchant, and stands below agent 10.
    let lower = house.bills_of("11", AGENT_KEY, "9605000011").await;
    let told = r#"{"error_code":"000105","error_msg":"仅限顶级代理商调用"}"#;
    assert_eq!(lower, told);
    for merchant in ["9605000011", "9605999999"] {
        let foreign = house.bills_of("20", OTHER_KEY, merchant).await;
        let told = r#"{"error_code":"000104","error_msg":"商户不存在"}"#;
        assert_eq!(foreign, told, "{merchant}");
    }
}

#[tokio::test]
async fn the_forty_first_request_in_twenty_seconds_hears_how_long_to_wait() {
    let house = House::open().await;
    for _ in 0..39 {
        let told = house.bills_of("10", AGENT_KEY, "9605000011").await;
        assert!(told.contains("Success"), "{told}");
    }
    // All interfaces of agents count together, and one that names no file of its own counts, too.
    assert_eq!(house.fetch("10", AGENT_KEY, TRADE).await, MISSING);
    let told = house.bills_of("10", AGENT_KEY, "9605000011").await;
    let (before, after) = told.split_once("请").expect("a limit");
    let after = after.split_once("请").expect("a wait").1;
    assert_eq!(before, r#"{"error_code":"000429","error_msg":""#);
    let wait_s = after.split_once('秒').expect("seconds").0;
    let wait_s: u32 = wait_s.parse().expect("a number");
    assert!((1..=20).contains(&wait_s), "{told}");
    assert!(told.contains("每20秒最多40次"), "{told}");
    // Others are not counted with it.
    assert!(
        house
            .bills_of("20", OTHER_KEY, "9605000011")
            .await
            .contains("000104")
    );
}
