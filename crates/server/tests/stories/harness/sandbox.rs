//! The sandbox's control interface: plays the payer, steers codes and faults, shows what the
//! channel believes. Its schemas stand in the sandbox's README.

use std::time::Duration;

use super::Json;

/// What the channel believes of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Belief {
    /// The payer's money was taken at some time.
    pub(crate) was_charged: bool,
    /// The payer's money was taken, and not given back by a reversal; part refunds do not count
    /// here.
    pub(crate) is_paid: bool,
    pub(crate) total_fen: i64,
    pub(crate) refunded_fen: i64,
}

/// A merchant whom a wallet knows.
pub(crate) struct Enrolled {
    /// The wallet's number of it.
    pub(crate) number: String,
    /// Its app there, if it has one.
    pub(crate) app: Option<String>,
    /// By which it lets the platform act for it, where the wallet wants that.
    pub(crate) token: Option<String>,
}

impl Enrolled {
    /// What `merchants add` takes for its contract, at the sandbox's account of that wallet.
    pub(crate) fn arguments(&self, wallet: &str, fee: &str) -> Vec<String> {
        let Self { number, app, token } = self;
        let app = app.as_ref().map(|app| format!("@{app}"));
        let app = app.unwrap_or_default();
        let contract = format!("{wallet}={wallet}-sandbox:{fee}:{number}{app}");
        let mut arguments = vec!["--contract".to_owned(), contract];
        if let Some(token) = token {
            arguments.extend(["--token".to_owned(), format!("{wallet}={token}")]);
        }
        arguments
    }
}

#[derive(Clone)]
pub(crate) struct Sandbox {
    http: reqwest::Client,
    base: String,
}

impl Sandbox {
    pub(crate) fn new(base: &str) -> Sandbox {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60));
        Sandbox {
            http: http.build().unwrap(),
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    async fn try_post(&self, path: &str, members: &[(&str, Json)]) -> Result<Json, String> {
        let members = members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let body = Json::Object(members.collect()).to_string();
        let request = self
            .http
            .post(format!("{}/control/{path}", self.base))
            .body(body.clone());
        let request = request.header("Content-Type", "application/json");
        let response = request
            .send()
            .await
            .map_err(|problem| format!("{problem:?}"))?;
        let status = response.status();
        let text = response
            .text()
            .await
            .map_err(|problem| format!("{problem:?}"))?;
        if !status.is_success() {
            return Err(format!("/control/{path} {body}: {status} {text}"));
        }
        Ok(Json::parse(&text).unwrap_or(Json::Null))
    }

    async fn post(&self, path: &str, members: &[(&str, Json)]) -> Json {
        self.try_post(path, members)
            .await
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// What the sandbox's clock says.
    pub(crate) async fn clock(&self) -> Json {
        let (status, text) = self.get("clock").await;
        assert_eq!(status, 200, "{text}");
        Json::parse(&text).unwrap()
    }

    /// Moves the clock of sandbox and platform forward; what it says then, or why not.
    pub(crate) async fn move_clock(&self, at: &str) -> Result<Json, String> {
        self.try_post("clock", &[("at", at.into())]).await
    }

    /// Makes this exact payment code behave as if it ended in `digits`.
    pub(crate) async fn steer_code(&self, code: &str, digits: &str) {
        self.post("codes", &[("code", code.into()), ("digits", digits.into())])
            .await;
    }

    /// Makes this exact payment code pay with a discount of so many fen, which its merchant funds.
    pub(crate) async fn discount_code(&self, code: &str, fen: i64) {
        let members = [
            ("code", code.into()),
            ("effect", "pays".into()),
            ("discount_fen", fen.into()),
        ];
        self.post("codes", &members).await;
    }

    /// Enrols a merchant with a wallet.
    pub(crate) async fn enrol(&self, wallet: &str) -> Enrolled {
        let made = self
            .post("sub_merchants", &[("channel", wallet.into())])
            .await;
        let text = |name: &str| made.get(name).and_then(Json::text).map(str::to_owned);
        let numbers = ["sub_mchid", "seller_id", "mer_id"];
        let number = numbers.into_iter().find_map(text);
        Enrolled {
            number: number.unwrap(),
            app: text("sub_appid"),
            token: text("app_auth_token"),
        }
    }

    /// Moves WeChat's account between certificates and the public key; what it has then.
    pub(crate) async fn move_wechat_keys(&self, phase: &str) -> Json {
        self.post("wechat_keys", &[("phase", phase.into())]).await
    }

    /// What the wallets' portals hand to the platform, keys among it.
    pub(crate) async fn portal_keys(&self) -> Json {
        let (status, text) = self.get("portal_keys").await;
        assert_eq!(status, 200, "{text}");
        Json::parse(&text).unwrap()
    }

    /// A single-use code as a wallet's login page gives it.
    pub(crate) async fn login_code(&self, wallet: &str) -> String {
        let given = self.post("login", &[("wallet", wallet.into())]).await;
        given.str("code").to_owned()
    }

    /// The newest text message that came to a number.
    pub(crate) async fn text_message(&self, mobile: &str) -> Option<String> {
        let (status, text) = self.get(&format!("sms?mobile={mobile}")).await;
        assert_eq!(status, 200, "{text}");
        let told = Json::parse(&text).unwrap();
        let newest = told.get("messages")?.list().first()?;
        Some(newest.str("text").to_owned())
    }

    pub(crate) async fn set_fault(&self, channel: &str, verb: &str, fault: &str) {
        let members = [
            ("channel", channel.into()),
            ("verb", verb.into()),
            ("fault", fault.into()),
        ];
        self.post("faults", &members).await;
    }

    /// A fault that happens `count` times; some take `ms` virtual milliseconds.
    pub(crate) async fn set_fault_for(
        &self,
        channel: &str,
        verb: &str,
        fault: &str,
        count: Option<i64>,
        ms: Option<i64>,
    ) {
        let mut members = vec![
            ("channel", channel.into()),
            ("verb", verb.into()),
            ("fault", fault.into()),
        ];
        members.extend(count.map(|count| ("count", count.into())));
        members.extend(ms.map(|ms| ("ms", ms.into())));
        self.post("faults", &members).await;
    }

    /// How many faults of a channel are left to happen.
    pub(crate) async fn faults_left(&self, channel: &str) -> usize {
        let (_, text) = self.get("faults").await;
        let told = Json::parse(&text).unwrap();
        let all = told.get("faults").map_or(&[][..], Json::list);
        let of_channel = all.iter().filter(|fault| fault.str("channel") == channel);
        of_channel.count()
    }

    pub(crate) async fn clear_faults(&self) {
        let request = self.http.delete(format!("{}/control/faults", self.base));
        assert!(request.send().await.unwrap().status().is_success());
    }

    /// A phone opens the page and its payer turns away: the wallet has the order, nobody paid.
    pub(crate) async fn scan_and_turn_away(&self, url: &str, wallet: &str) -> Json {
        let members = [
            ("url", url.into()),
            ("wallet", wallet.into()),
            ("outcome", "decline".into()),
        ];
        self.post("scan", &members).await
    }

    /// Does what a phone does with the payment page behind `url`.
    pub(crate) async fn scan(&self, url: &str, wallet: &str) -> Json {
        self.post("scan", &[("url", url.into()), ("wallet", wallet.into())])
            .await
    }

    pub(crate) async fn try_scan(&self, url: &str, wallet: &str) -> Result<Json, String> {
        self.try_post("scan", &[("url", url.into()), ("wallet", wallet.into())])
            .await
    }

    /// Pays what a wallet itself would be given: a prepay id or an Alipay trade number.
    pub(crate) async fn pay(&self, code: &str) -> Json {
        self.post("pay", &[("code", code.into()), ("outcome", "pay".into())])
            .await
    }

    /// The payer scans a code and turns away: the wallet has the order, nobody paid.
    pub(crate) async fn turn_away(&self, code: &str) {
        let members = [("code", code.into()), ("outcome", "decline".into())];
        self.post("pay", &members).await;
    }

    /// Like [`Sandbox::pay`]; the words are the wallet's if it refuses.
    pub(crate) async fn try_pay(&self, code: &str) -> Result<Json, String> {
        self.try_post("pay", &[("code", code.into()), ("outcome", "pay".into())])
            .await
    }

    /// Sends the order's newest notification again, with a signature that does not hold.
    pub(crate) async fn notify_wrongly(&self, number: &str) {
        let members = [
            ("out_trade_no", number.into()),
            ("wrong_signature", Json::Bool(true)),
        ];
        self.post("notify", &members).await;
    }

    /// Everything that the channel has of the order that we sent under `number`.
    pub(crate) async fn order(&self, number: &str) -> Option<Json> {
        let (status, text) = self.get(&format!("orders/{number}")).await;
        if status == 404 {
            return None;
        }
        assert_eq!(status, 200, "{text}");
        Some(Json::parse(&text).unwrap())
    }

    /// Every order that a channel ever had, newest first.
    pub(crate) async fn all_orders(&self) -> Vec<Json> {
        let mut all: Vec<Json> = Vec::new();
        loop {
            let (_, text) = self
                .get(&format!("orders?limit=200&skip={}", all.len()))
                .await;
            let told = Json::parse(&text).unwrap();
            let page = told.get("orders").map_or(&[][..], Json::list);
            if page.is_empty() {
                return all;
            }
            all.extend_from_slice(page);
        }
    }

    /// The request numbers that the bank saw, in the order of their first sending, with what came
    /// of each.
    pub(crate) async fn transfers(&self) -> Vec<Json> {
        let (status, text) = self.get("transfers?channel=payout_bank").await;
        assert_eq!(status, 200, "{text}");
        let told = Json::parse(&text).unwrap();
        told.get("requests").map_or(&[][..], Json::list).to_vec()
    }

    /// The last exchanges in which the channel called us.
    pub(crate) async fn callbacks(&self) -> Vec<Json> {
        let (_, text) = self.get("transcript").await;
        let told = Json::parse(&text).unwrap();
        let all = told.get("exchanges").map_or(&[][..], Json::list);
        let out = all.iter().filter(|one| one.str("direction") == "out");
        out.cloned().collect()
    }

    /// Posts to any address of the platform, as a stranger would; status and body.
    pub(crate) async fn post_as_stranger(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, String) {
        let mut request = self.http.post(url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self
            .http
            .get(format!("{}/control/{path}", self.base))
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    }

    /// The channel's book on the order that we sent under `number`; nothing if it never heard of
    /// it.
    pub(crate) async fn belief(&self, number: &str) -> Option<Belief> {
        let (status, text) = self.get(&format!("orders/{number}")).await;
        if status == 404 {
            return None;
        }
        assert_eq!(status, 200, "{text}");
        let order = Json::parse(&text).unwrap();
        let flag = |name: &str| order.get(name) == Some(&Json::Bool(true));
        Some(Belief {
            was_charged: flag("paid"),
            is_paid: flag("paid") && !flag("money_back"),
            total_fen: order.int("total_fen"),
            refunded_fen: order.int("refunded_fen"),
        })
    }
}
