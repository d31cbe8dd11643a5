//! Story: the last two digits of a payment code steer the payer and the channel; whatever they do,
//! the till hears the truth (ruling 15), and the books never contradict the channel.

use crate::harness::{Answer, Demo, Setup, Wallet, eventually, fresh, now, random};

const FACTOR: u64 = 10;

struct Row {
    digits: &'static str,
    end: End,
}

enum End {
    /// Paid within the call.
    Paid,
    /// Reversed when the 80 seconds are over.
    Reversed,
    /// Refused by the channel, with WeChat's and Alipay's word (ruling 16).
    Refused(&'static str, &'static str),
}

const ROWS: [Row; 11] = [
    Row {
        digits: "00",
        end: End::Paid,
    },
    Row {
        digits: "90",
        end: End::Paid,
    },
    Row {
        digits: "91",
        end: End::Reversed,
    },
    Row {
        digits: "92",
        end: End::Refused("PAYERROR", "PAYMENT_FAIL"),
    },
    Row {
        digits: "93",
        end: End::Refused("NOTENOUGH", "BUYER_BALANCE_NOT_ENOUGH"),
    },
    Row {
        digits: "94",
        end: End::Refused("AUTHCODEEXPIRE", "SOUNDWAVE_PARSER_FAIL"),
    },
    Row {
        digits: "95",
        end: End::Paid,
    },
    Row {
        digits: "96",
        end: End::Paid,
    },
    Row {
        digits: "97",
        end: End::Reversed,
    },
    Row {
        digits: "98",
        end: End::Paid,
    },
    Row {
        digits: "99",
        end: End::Paid,
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_table_ends_as_it_must_for_both_wallets() {
    let setup = Setup::new("codes", FACTOR);
    let demo = setup.start().await;
    let mut rows = Vec::new();
    for row in &ROWS {
        rows.push(play(&setup, &demo, row, Wallet::Wechat));
        rows.push(play(&setup, &demo, row, Wallet::Alipay));
    }
    let told: Vec<String> = together(rows).await.into_iter().flatten().collect();
    println!("{} rows of payment codes played", 2 * ROWS.len());
    assert!(
        told.is_empty(),
        "{} rows went wrong:\n{}",
        told.len(),
        told.join("\n")
    );
    setup.assert_books_balance();
}

/// Waits for all of them at once.
async fn together<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(futures).await
}

/// One row; the answer is what went wrong.
async fn play(setup: &Setup, demo: &Demo, row: &Row, wallet: Wallet) -> Option<String> {
    let code = wallet.code(row.digits);
    let fen = i64::try_from(100 + random() % 90_000).unwrap();
    let number = fresh("code");
    let began = now();
    let answer = demo.till.order(&number, fen, &code).await;
    let virtual_ms = setup.virtual_ms_since(began);
    let case = format!(
        "code {code} of {fen} fen after {virtual_ms} virtual ms: {}",
        answer.text
    );

    let mut wrong = Vec::new();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    let data = answer.data().unwrap();
    expect(data.int("total_fee") == fen, "total_fee is what was asked");
    // The published sample of a reversed order has no auth_code.
    if !matches!(row.end, End::Reversed) {
        expect(data.str("auth_code") == code, "auth_code comes back");
    }
    let channel_type = if wallet == Wallet::Wechat { "2" } else { "1" };
    expect(
        data.str("channel_type") == channel_type,
        "the wallet is told by the code",
    );
    let (outcome, state) = match row.end {
        End::Paid => ("SUCCESS", 1),
        End::Reversed => ("AREADY_REVOKED", 2),
        End::Refused(word, _) if wallet == Wallet::Wechat => (word, 6),
        End::Refused(_, word) => (word, 6),
    };
    expect(
        answer.outcome() == outcome,
        &format!("the outcome is {outcome}"),
    );
    expect(
        answer.state() == Some(state),
        &format!("the state is {state}"),
    );
    if matches!(row.end, End::Reversed) {
        expect(virtual_ms >= 70_000, "not given up before 70 s");
        expect(
            seconds_of_the_call(&answer) <= 85,
            "the answer comes by 80 s",
        );
    }
    if row.digits == "90" {
        expect(virtual_ms >= 3_000, "the payer took 3 s");
    }

    let end = eventually(&format!("{number} is final"), async || {
        let answer = demo.till.query(&number).await;
        matches!(answer.state(), Some(1 | 2 | 6)).then_some(answer)
    })
    .await;
    expect(
        end.state() == Some(state),
        &format!("a later query says {state}"),
    );
    expect(
        end.data().unwrap().int("total_fee") == fen,
        "a later query has the amount",
    );
    let belief = demo.sandbox.belief(answer.str("trade_no")).await;
    let (is_paid, was_charged) = belief.as_ref().map_or((false, false), |belief| {
        (belief.is_paid, belief.was_charged)
    });
    expect(
        is_paid == (state == 1),
        &format!("the channel agrees: {belief:?}"),
    );
    if state == 1 {
        let total = belief.as_ref().map(|belief| belief.total_fen);
        expect(
            total == Some(fen),
            &format!("the channel has the same amount: {belief:?}"),
        );
    } else {
        expect(
            !was_charged,
            &format!("the payer was never charged: {belief:?}"),
        );
    }
    (!wrong.is_empty()).then(|| format!("{case}\n    not so: {}", wrong.join("; ")))
}

/// From begin_time to end_time, both `yyyyMMddHHmmss` of one day.
fn seconds_of_the_call(answer: &Answer) -> i64 {
    let seconds = |name: &str| {
        let time = answer.str(name);
        let part = |from: usize| time.get(from..from + 2).unwrap().parse::<i64>().unwrap();
        part(8) * 3600 + part(10) * 60 + part(12)
    };
    seconds("end_time") - seconds("begin_time")
}
