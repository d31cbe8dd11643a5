//! Statement files: published about a closed day, fetched by the agent whose they are, made again
//! where they are missing, and kept when a later version takes their place.

mod house;

use heliu_engine::{PublishedStatement, StatementAsked};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::statement::StatementKind;

use house::{AGENT_KEY, House, OTHER_KEY, audit};

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
