//! Story: what stands on a merchant's accounts after a payment and a refund, whom the channel pays
//! and what it takes; and the entries behind each figure.

use crate::harness::{Json, Setup, Wallet, done, eventually, fresh, refused, rows};

const FACTOR: u64 = 20;
const OWNER: &str = "merchant:M880010000000001";
const CLEARING: &str = "channel_clearing:alipay-sandbox";

fn shown(setup: &Setup, more: &[&str]) -> Vec<Json> {
    rows(setup, &[&["books", "show", OWNER], more].concat())
}

fn balances(setup: &Setup, more: &[&str]) -> Vec<(String, String)> {
    let rows = shown(setup, more);
    let rows = rows.iter();
    rows.map(|row| {
        (
            row.str("account").to_owned(),
            row.str("balance_yuan").to_owned(),
        )
    })
    .collect()
}

fn told(accounts: &[(&str, &str)]) -> Vec<(String, String)> {
    let accounts = accounts.iter();
    accounts
        .map(|(name, yuan)| ((*name).to_owned(), (*yuan).to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_accounts_of_a_merchant_are_shown_with_their_entries() {
    for (mode, paid, refunded) in [
        (
            "held",
            [
                ("channel_clearing:alipay-sandbox", "123.20"),
                ("channel_cost", "0.25"),
                ("fee_income", "-0.47"),
                ("merchant_balance", "-122.98"),
            ],
            [
                ("channel_clearing:alipay-sandbox", "89.93"),
                ("channel_cost", "0.19"),
                ("fee_income", "-0.35"),
                ("merchant_balance", "-89.77"),
            ],
        ),
        (
            "direct",
            [
                ("channel_clearing:alipay-sandbox", "0.22"),
                ("channel_cost", "0.25"),
                ("fee_income", "-0.47"),
                ("merchant_balance", "0.00"),
            ],
            [
                ("channel_clearing:alipay-sandbox", "0.16"),
                ("channel_cost", "0.19"),
                ("fee_income", "-0.35"),
                ("merchant_balance", "0.00"),
            ],
        ),
    ] {
        let setup = Setup::new(&format!("accounts-{mode}"), FACTOR);
        let demo = setup.start().await;
        let put = ["channels", "put", "alipay-sandbox", "--cost", "alipay=0.2%"];
        done(&setup, &[&put[..], &["--funds-mode", mode]].concat());
        let number = fresh("A");
        let code = Wallet::Alipay.code("00");
        let answer = demo.till.order(&number, 12_345, &code).await;
        assert_eq!(answer.outcome(), "SUCCESS", "{answer:?}");
        assert_eq!(balances(&setup, &[]), told(&paid), "{mode}");

        let answer = demo.till.refund(&number, &fresh("R"), 3_333).await;
        assert_eq!(answer.outcome(), "SUCCESS", "{answer:?}");
        let expected = told(&refunded);
        eventually("the refund is booked", async || {
            (balances(&setup, &[]) == expected).then_some(())
        })
        .await;

        // The entries of an account add up to what stands on it, and each names its subject.
        let entries = shown(&setup, &["--entries", "--account", CLEARING]);
        let fen = |row: &Json| {
            row.str("amount_yuan")
                .replace('.', "")
                .parse::<i64>()
                .unwrap()
        };
        let sum: i64 = entries.iter().map(fen).sum();
        assert_eq!(sum, refunded[0].1.replace('.', "").parse::<i64>().unwrap());
        let first = entries[0].str("subject").to_owned();
        assert!(entries.iter().all(|row| row.str("subject") == first));

        let today = entries[0].str("booked_at")[..10].to_owned();
        assert_eq!(balances(&setup, &["--date", &today]), expected);
        assert_eq!(balances(&setup, &["--date", "2000-01-01"]), []);
        done(&setup, &["books", "check"]);
        let nobody = ["books", "show", "merchant:nobody"];
        refused(&setup, &nobody, &["there is no merchant nobody"]);
        refused(
            &setup,
            &["books", "show", "nobody"],
            &["nobody is no owner"],
        );
        let put = ["channels", "put", "alipay-sandbox", "--funds-mode", "kept"];
        refused(
            &setup,
            &put,
            &["setting funds_mode is none of direct, held"],
        );
    }
}
