//! Story: a paid order of the third dialect is refunded in parts; what is left, what the order
//! reads and what each refund reads always fit together, whoever asks by whatever reference.

use crate::harness::{
    Demo, PAY_WAYS, PayWay, Setup, XmlAnswer, XmlTill, eventually, random, xml_number,
};
use futures::future::join_all;

const FACTOR: u64 = 10;
/// WeChat wants a minute between two refunds of one order.
const FAST: u64 = 60;

async fn sold(till: &XmlTill, way: PayWay, fen: i64) -> String {
    let number = xml_number("sold");
    let paid = till.pay(&number, fen, &way.code("00"), &[]).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    number
}

/// A refund as it reads once it has ended.
async fn ended(till: &XmlTill, number: &str, refund: &str) -> XmlAnswer {
    let references = [("third_order_id", number), ("merchant_refund_id", refund)];
    eventually(&format!("{refund} of {number} has ended"), async || {
        let answer = till.refund_query(&references).await;
        (answer.outcome() != "status 10").then_some(answer)
    })
    .await
}

/// The elements of a refund that has been accepted, in their order.
fn assert_refund(
    answer: &XmlAnswer,
    status: &str,
    refund: &str,
    fen: i64,
    balance: i64,
    total: i64,
) {
    let text = &answer.text;
    assert_eq!(answer.outcome(), format!("status {status}"), "{text}");
    let mut wanted = vec![
        "resp_code",
        "merchant_id",
        "sign",
        "result_code",
        "sub_merchant_id",
        "third_order_id",
        "nonce_str",
        "status",
        "leshua_order_id",
        "merchant_refund_id",
        "leshua_refund_id",
        "refund_amount",
        "total_amount",
        "settlement_refund_amount",
        "order_balance",
    ];
    match status {
        "11" => wanted.push("refund_time"),
        "12" => wanted.push("failure_reason"),
        _ => {}
    }
    let names: Vec<&str> = answer.pairs.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, wanted, "{text}");
    assert_eq!(answer.str("merchant_refund_id"), refund, "{text}");
    let amounts = [
        "refund_amount",
        "settlement_refund_amount",
        "order_balance",
        "total_amount",
    ];
    let told = amounts.map(|name| answer.fen(name));
    assert_eq!(told, [fen, fen, balance, total], "{amounts:?} of {text}");
    let ours = answer.str("leshua_refund_id");
    assert!(
        ours.len() == 16 && ours.bytes().all(|byte| byte.is_ascii_digit()),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_refunded_in_parts_until_nothing_is_left() {
    let setup = Setup::new("ls-parts", FAST);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let demo = &demo;
    let plays = PAY_WAYS.map(async |way| {
        let fen = 1_000 + i64::try_from(random() % 50_000).unwrap();
        let number = &*sold(till, way, fen).await;
        let upstream = setup.upstream_number(number);
        let mut left = fen;
        for part in [300, 1, fen - 301] {
            let over = till.refund(number, &xml_number("R"), left + 1, &[]).await;
            assert_eq!(over.outcome(), "error -5017", "{}", over.text);
            let refund = xml_number("R");
            let asked = till.refund(number, &refund, part, &[]).await;
            left -= part;
            assert_refund(&asked, "10", &refund, part, left, fen);
            let done = ended(till, number, &refund).await;
            assert_refund(&done, "11", &refund, part, left, fen);
            assert_eq!(done.get("leshua_refund_id"), asked.get("leshua_refund_id"));
            let order = till.query(number).await;
            let status = if left == 0 { "status 11" } else { "status 2" };
            assert_eq!(order.outcome(), status, "{}", order.text);
            // What was paid stays what it was.
            assert_eq!(order.fen("amount"), fen, "{}", order.text);
            assert_eq!(order.fen("settlement_amount"), fen, "{}", order.text);
            let belief = demo.sandbox.belief(&upstream).await.unwrap();
            assert_eq!(belief.refunded_fen, fen - left, "{belief:?}");
        }
        for more in [1, fen] {
            let more = till.refund(number, &xml_number("R"), more, &[]).await;
            assert_eq!(more.outcome(), "error -5017", "{}", more.text);
        }
        let closed = till.close(number).await;
        assert_eq!(closed.outcome(), "error -20027", "{}", closed.text);
    });
    join_all(plays).await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refunds_number_is_used_once_and_finds_it_with_any_reference() {
    let setup = Setup::new("ls-again", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let plays = PAY_WAYS.map(async |way| {
        let number = sold(till, way, 500).await;
        let other = sold(till, way, 500).await;
        let before = till.refund_query(&[("third_order_id", &number)]).await;
        assert_eq!(before.outcome(), "error -5019", "{}", before.text);
        let refund = xml_number("R");
        let first = till.refund(&number, &refund, 200, &[]).await;
        assert_refund(&first, "10", &refund, 200, 300, 500);
        ended(till, &number, &refund).await;
        let ours = first.str("leshua_order_id").to_owned();
        let our_refund = first.str("leshua_refund_id").to_owned();

        let again = till.refund(&number, &refund, 200, &[]).await;
        assert_refund(&again, "11", &refund, 200, 300, 500);
        assert_eq!(again.str("leshua_refund_id"), our_refund);
        // The same, though the order is named in the other way.
        let members = [
            ("leshua_order_id", &*ours),
            ("merchant_refund_id", &*refund),
            ("refund_amount", "200"),
        ];
        let again = till.call("unified_refund", &members).await;
        assert_eq!(again.str("leshua_refund_id"), our_refund, "{}", again.text);
        let differently = [
            till.refund(&number, &refund, 201, &[]).await,
            till.refund(&other, &refund, 200, &[]).await,
        ];
        for answer in differently {
            assert_eq!(answer.outcome(), "error -5103", "{}", answer.text);
        }

        let order_by = [("third_order_id", &*number), ("leshua_order_id", &*ours)];
        let refund_by = [
            ("merchant_refund_id", &*refund),
            ("leshua_refund_id", &*our_refund),
        ];
        let mut references: Vec<Vec<(&str, &str)>> = Vec::new();
        for order in order_by {
            references.push(vec![order]);
            references.extend(refund_by.map(|refund| vec![order, refund]));
        }
        references.extend(refund_by.map(|refund| vec![refund]));
        references.push([order_by, refund_by].concat());
        for references in references {
            let found = till.refund_query(&references).await;
            assert_refund(&found, "11", &refund, 200, 300, 500);
            assert_eq!(found.str("leshua_refund_id"), our_refund);
            assert_eq!(found.str("third_order_id"), number);
        }
        for (references, expected) in [
            (
                vec![("third_order_id", &*other), refund_by[0]],
                "error -20022",
            ),
            (
                vec![("third_order_id", &*other), refund_by[1]],
                "error -20022",
            ),
            (
                vec![order_by[0], ("merchant_refund_id", "x")],
                "error -20022",
            ),
            (vec![order_by[0], ("leshua_refund_id", "x")], "error -20022"),
            // Ours wins, and alone decides.
            (
                vec![refund_by[0], ("leshua_refund_id", "1")],
                "error -20022",
            ),
            (vec![("third_order_id", "nobodys")], "error -4006"),
            (vec![], "error -20024"),
        ] {
            let none = till.refund_query(&references).await;
            assert_eq!(none.outcome(), expected, "{references:?}: {}", none.text);
        }
        let order = till.query(&number).await;
        assert_eq!(order.outcome(), "status 2", "{}", order.text);
    });
    join_all(plays).await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_refunds_number_the_newest_one_is_meant() {
    let setup = Setup::new("ls-newest", FAST);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let plays = PAY_WAYS.map(async |way| {
        let number = sold(till, way, 500).await;
        for (refund, fen, balance) in [("1", 200, 300), ("2", 100, 200), ("3", 200, 0)] {
            let refund = format!("{number}-{refund}");
            till.refund(&number, &refund, fen, &[]).await;
            let newest = till.refund_query(&[("third_order_id", &number)]).await;
            assert_eq!(newest.str("merchant_refund_id"), refund, "{}", newest.text);
            let end = ended(till, &number, &refund).await;
            assert_refund(&end, "11", &refund, fen, balance, 500);
        }
    });
    join_all(plays).await;
    setup.assert_books_balance();
}

/// A refund that the channel does not finish at once: the order reads 10 meanwhile, its amount is
/// taken, and the first query after the channel is done tells the end, without waiting for our own
/// asking.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pending_refund_is_settled_in_the_query_that_asks() {
    const PENDING_MS: i64 = 20_000;
    let setup = Setup::new("ls-pending", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let (setup, demo) = (&setup, &demo);
    let plays = PAY_WAYS.map(async |way| {
        let number = sold(till, way, 500).await;
        let upstream = setup.upstream_number(&number);
        let sandbox = &demo.sandbox;
        let (count, ms) = (Some(1), Some(PENDING_MS));
        sandbox
            .set_fault_for(way.name(), "refund", "refund_pending", count, ms)
            .await;
        let refund = xml_number("R");
        let asked = till.refund(&number, &refund, 500, &[]).await;
        assert_refund(&asked, "10", &refund, 500, 0, 500);
        let order = till.query(&number).await;
        assert_eq!(order.outcome(), "status 10", "{}", order.text);
        assert_eq!(order.fen("buyer_pay_amount"), 500, "{}", order.text);
        let over = till.refund(&number, &xml_number("R"), 1, &[]).await;
        assert_eq!(over.outcome(), "error -5017", "{}", over.text);
        let references = [("third_order_id", &*number)];
        let meanwhile = till.refund_query(&references).await;
        assert_refund(&meanwhile, "10", &refund, 500, 0, 500);
        eventually("the channel is done", async || {
            let order = sandbox.order(&upstream).await?;
            let refunds = order.get("refunds")?.list();
            let is_done = refunds.iter().any(|one| one.str("state") == "SUCCESS")
                || order.int("refunded_fen") == 500;
            is_done.then_some(())
        })
        .await;
        let settled = till.refund_query(&references).await;
        assert_refund(&settled, "11", &refund, 500, 0, 500);
        let order = till.query(&number).await;
        assert_eq!(order.outcome(), "status 11", "{}", order.text);
    });
    join_all(plays).await;
    setup.assert_books_balance();
}

/// A refund that fails gives its amount back to the order, keeps its number, and reads 12 for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_fails_frees_its_amount() {
    let setup = Setup::new("ls-failed", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let (setup, demo) = (&setup, &demo);
    let plays = PAY_WAYS.map(async |way| {
        let number = sold(till, way, 500).await;
        fail_next(demo, way).await;
        let refund = xml_number("R");
        let asked = till.refund(&number, &refund, 300, &[]).await;
        assert_refund(&asked, "10", &refund, 300, 200, 500);
        let end = ended(till, &number, &refund).await;
        assert_refund(&end, "12", &refund, 300, 500, 500);
        let order = till.query(&number).await;
        assert_eq!(order.outcome(), "status 2", "{}", order.text);
        let again = till.refund(&number, &refund, 300, &[]).await;
        assert_refund(&again, "12", &refund, 300, 500, 500);
        let other = till.refund(&number, &refund, 301, &[]).await;
        assert_eq!(other.outcome(), "error -5103", "{}", other.text);
        let belief = demo.sandbox.belief(&setup.upstream_number(&number)).await;
        assert_eq!(belief.unwrap().refunded_fen, 0);
    });
    join_all(plays).await;
    setup.assert_books_balance();
}

async fn fail_next(demo: &Demo, way: PayWay) {
    let fault = "refund_pending_then_fails";
    let (count, ms) = (Some(1), Some(1_000));
    demo.sandbox
        .set_fault_for(way.name(), "refund", fault, count, ms)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_paid_is_not_refunded() {
    let setup = Setup::new("ls-unpaid", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    for way in PAY_WAYS {
        let (waiting, failed) = (xml_number("wait"), xml_number("fail"));
        till.pay(&waiting, 500, &way.code("91"), &[]).await;
        till.pay(&failed, 500, &way.code("93"), &[]).await;
        let open = xml_number("open");
        till.unified(way, "0", &open, 500, &[]).await;
        for number in [waiting, failed, open] {
            let refund = till.refund(&number, &xml_number("R"), 100, &[]).await;
            assert_eq!(refund.outcome(), "error -5016", "{}", refund.text);
            let none = till.refund_query(&[("third_order_id", &number)]).await;
            assert_eq!(none.outcome(), "error -5019", "{}", none.text);
        }
    }
    setup.assert_books_balance();
}

/// A discounted order: what the merchant gets less is what its refund takes from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_of_a_discounted_order_add_up_to_what_was_settled() {
    let setup = Setup::new("ls-discount", FAST);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let plays = PAY_WAYS.map(async |way| {
        let number = xml_number("cheap");
        let paid = till.pay(&number, 1_000, &way.code("98"), &[]).await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        let amounts = [
            "amount",
            "buyer_pay_amount",
            "discount_amount",
            "settlement_amount",
            "coupon",
        ];
        let told = amounts.map(|name| paid.fen(name));
        assert_eq!(told, [1_000, 900, 100, 900, 0], "{}", paid.text);
        let mut settled = 0;
        for part in [333, 333, 334] {
            let refund = xml_number("R");
            let asked = till.refund(&number, &refund, part, &[]).await;
            assert_eq!(asked.outcome(), "status 10", "{}", asked.text);
            let end = ended(till, &number, &refund).await;
            assert_eq!(end.outcome(), "status 11", "{}", end.text);
            assert_eq!(end.fen("refund_amount"), part);
            settled += end.fen("settlement_refund_amount");
        }
        assert_eq!(settled, 900, "{}", way.name());
        let order = till.query(&number).await;
        assert_eq!(order.outcome(), "status 11", "{}", order.text);
    });
    join_all(plays).await;
    setup.assert_books_balance();
}
