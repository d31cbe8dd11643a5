//! A shop with its demo and its listener, and the one question that every story ends with: do our
//! books and the channel's belief agree?

use crate::harness::{Answer, Demo, Json, Receiver, Setup, eventually, fresh, is_job, random};
pub(crate) use crate::harness::{BOTH, Wallet};

pub(crate) const FACTOR: u32 = 20;

/// An order that waits for its payer inside the wallet.
pub(crate) struct Page {
    pub(crate) number: String,
    pub(crate) fen: i64,
    /// Our number, which the first attempt carries upstream too.
    pub(crate) trade_no: String,
    /// What the wallet was given.
    pub(crate) code: String,
}

/// An order with a code to scan.
pub(crate) struct Qr {
    pub(crate) number: String,
    pub(crate) trade_no: String,
    pub(crate) url: String,
}

/// One attempt as `heliu orders show` tells it.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) number: String,
    pub(crate) state: String,
    pub(crate) wallet: String,
}

pub(crate) struct Shop {
    setup: Setup,
    pub(crate) demo: Demo,
    pub(crate) receiver: Receiver,
}

pub(crate) fn amount() -> i64 {
    i64::try_from(100 + random() % 90_000).unwrap()
}

/// What the till hears if a reversal is not even begun after 80 s: nothing that it could take as
/// final. On a machine that is too busy for the fast clock this is the truth; that it is not so on
/// others is asserted where the payment codes are played.
pub(crate) fn is_nothing_final(answer: &Answer) -> bool {
    answer.outcome() == "SERVICE_UNAVAILABLE" && answer.data().is_none()
}

impl Shop {
    pub(crate) async fn open(story: &str) -> Shop {
        let setup = Setup::new(story, u64::from(FACTOR));
        let demo = setup.start().await;
        let receiver = Receiver::content().await;
        Shop {
            setup,
            demo,
            receiver,
        }
    }

    /// A fault that happens `count` times.
    pub(crate) async fn fault(&self, wallet: Wallet, verb: &str, fault: &str, count: i64) {
        let sandbox = &self.demo.sandbox;
        sandbox
            .set_fault_for(wallet.name(), verb, fault, Some(count), None)
            .await;
    }

    /// Waits until every fault of the wallet's channel has happened.
    pub(crate) async fn faults_happened(&self, wallet: Wallet) {
        eventually("the faults have happened", async || {
            (self.demo.sandbox.faults_left(wallet.name()).await == 0).then_some(())
        })
        .await;
    }

    /// An order of a page in the wallet; the merchant listens at `path`.
    pub(crate) async fn page(&self, wallet: Wallet, path: &str, minutes: i64) -> Page {
        let (number, fen) = (fresh("page"), amount());
        let answer = self.try_page(wallet, &number, fen, path, minutes).await;
        assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
        let code = match wallet {
            Wallet::Wechat => {
                let pay_info = Json::parse(answer.str("payInfo")).unwrap();
                pay_info.str("package").to_owned()
            }
            Wallet::Alipay => answer.str("prePayId").to_owned(),
        };
        Page {
            number,
            fen,
            trade_no: answer.str("trade_no").to_owned(),
            code,
        }
    }

    pub(crate) async fn try_page(
        &self,
        wallet: Wallet,
        number: &str,
        fen: i64,
        path: &str,
        minutes: i64,
    ) -> Answer {
        let (channel_type, payer) = match wallet {
            Wallet::Wechat => ("2", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
            Wallet::Alipay => ("1", "2088102172184723"),
        };
        let members = [
            ("total_fee", fen.into()),
            ("channel_type", channel_type.into()),
            ("openId", payer.into()),
            ("subAppId", "wx00000000fufudemo".into()),
            ("out_trade_no", number.into()),
            ("pay_subject", "面".into()),
            ("time_expire", minutes.into()),
            ("notifyUrl", (&self.receiver.url(path)).into()),
        ];
        self.demo.till.call("preOrder", &members).await
    }

    /// An order with a code to scan; the merchant listens at `path`.
    pub(crate) async fn qr(&self, path: &str, minutes: i64) -> Qr {
        let number = fresh("qr");
        let members = [
            ("total_fee", amount().into()),
            ("channel_type", "0".into()),
            ("out_trade_no", (&number).into()),
            ("pay_subject", "面".into()),
            ("trade_type", "QRCODE".into()),
            ("time_expire", minutes.into()),
            ("notifyUrl", (&self.receiver.url(path)).into()),
        ];
        let answer = self.demo.till.call("preOrder", &members).await;
        assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
        Qr {
            number,
            trade_no: answer.str("trade_no").to_owned(),
            url: answer.str("qr_code").to_owned(),
        }
    }

    /// Gives the QR order to a wallet whose payer does not pay yet; what that wallet was given.
    pub(crate) async fn hand_over(&self, qr: &Qr, wallet: Wallet) -> String {
        let sandbox = &self.demo.sandbox;
        sandbox.scan_and_turn_away(&qr.url, wallet.name()).await;
        let attempts = self.attempts(&qr.number);
        let of_wallet = |attempt: &&Attempt| attempt.wallet == wallet.name();
        let attempt = attempts.iter().rev().find(of_wallet).unwrap();
        let order = sandbox.order(&attempt.number).await.unwrap();
        match wallet {
            Wallet::Wechat => order.str("prepay_id").to_owned(),
            Wallet::Alipay => order.str("transaction_id").to_owned(),
        }
    }

    pub(crate) async fn cancel(&self, number: &str) -> Answer {
        self.end("cancel", number).await
    }

    pub(crate) async fn close(&self, number: &str) -> Answer {
        self.end("close", number).await
    }

    async fn end(&self, interface: &str, number: &str) -> Answer {
        let members = [
            ("operator_id", "oper01".into()),
            ("terminal_id", "dev01".into()),
            ("out_trade_no", number.into()),
        ];
        self.demo.till.call(interface, &members).await
    }

    /// What `heliu orders show` tells.
    pub(crate) fn story(&self, number: &str) -> String {
        self.setup.story(number)
    }

    pub(crate) fn attempts(&self, number: &str) -> Vec<Attempt> {
        attempts_in(&self.story(number))
    }

    /// Waits until a barcode order is paid or reversed; the state.
    pub(crate) async fn decided(&self, number: &str) -> i64 {
        eventually("the order is decided", async || {
            let state = self.demo.till.query(number).await.state();
            state.filter(|state| matches!(state, 1 | 2))
        })
        .await
    }

    /// Waits until the order has this state and nothing is left to do about it, then compares our
    /// books with the channel's; the answer is the last query's, with the order's story.
    pub(crate) async fn settled(&self, number: &str, state: i64) -> (Answer, String) {
        let what = format!("{number} has come to state {state} with nothing left to do");
        let mut seen = String::new();
        let answer = eventually(&what, async || {
            let answer = self.demo.till.query(number).await;
            seen = self.story(number);
            let is_idle = !seen.lines().any(is_job);
            (answer.state() == Some(state) && is_idle).then_some(answer)
        })
        .await;
        self.assert_agreed(&answer, &seen).await;
        (answer, seen)
    }

    /// The payer was charged what the till sees, in all attempts together.
    async fn assert_agreed(&self, answer: &Answer, story: &str) {
        let mut charged = 0;
        let mut beliefs = String::new();
        for attempt in attempts_in(story) {
            if let Some(order) = self.demo.sandbox.order(&attempt.number).await {
                charged += order.int("charged_fen");
                beliefs.push_str(&format!("{order}\n"));
            }
        }
        let data = answer.data().unwrap();
        let fen = |name: &str| data.get(name).and_then(Json::number).unwrap_or(0);
        let expected = match answer.state() {
            Some(1 | 4 | 5 | 8 | 9) => fen("total_fee") - fen("refund_fee"),
            _ => 0,
        };
        assert_eq!(charged, expected, "{}\n{story}\n{beliefs}", answer.text);
    }

    /// The channel's own word for an attempt's state.
    pub(crate) async fn channel_state(&self, number: &str) -> String {
        let order = self.demo.sandbox.order(number).await;
        order.unwrap().str("state").to_owned()
    }

    pub(crate) fn assert_books_balance(&self) {
        self.setup.assert_books_balance();
    }
}

fn attempts_in(story: &str) -> Vec<Attempt> {
    let lines = story.lines().filter(|line| line.starts_with("  attempt "));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            Attempt {
                number: words[1].to_owned(),
                state: words[2].to_owned(),
                wallet: words[4].to_owned(),
            }
        })
        .collect()
}

/// How often the timeline has this.
pub(crate) fn count(story: &str, what: &str) -> usize {
    story.lines().filter(|line| line.contains(what)).count()
}

/// Money came that no order wanted, once, and went back, once.
pub(crate) fn assert_surplus_given_back(story: &str) {
    for event in ["surplus_arrived", "surplus_returned"] {
        let line = format!("event     ALARM {event}");
        let plain = format!("event     {event}");
        let times = count(story, &line) + count(story, &plain);
        assert_eq!(times, 1, "{event}: {story}");
    }
    assert_eq!(count(story, "journal   surplus_received"), 1, "{story}");
    assert_eq!(count(story, "journal   surplus_returned"), 1, "{story}");
}
