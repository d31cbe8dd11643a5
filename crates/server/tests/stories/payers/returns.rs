//! Story: a payer comes back to an order's page again, by a reload, a second tab, or late. An
//! authentic return is never a fault: it shows where the order stands, or asks for consent anew;
//! and one state is good for one return, whichever node it comes to, also after a restart.

use crate::harness::{Cluster, Receiver, SUCCESS, Setup, XmlTill, eventually, fresh, xml_number};

const FACTOR: u64 = 5;
const WALLETS: [(&str, &str); 2] = [
    ("wechat", "Mozilla/5.0 (iPhone) MicroMessenger/8.0.40"),
    (
        "alipay",
        "Mozilla/5.0 (Linux; Android 14) AlipayClient/10.5.20",
    ),
];

/// What one address gave to a wallet's browser.
#[derive(Debug)]
struct Page {
    status: u16,
    leads_to: String,
    text: String,
}

impl Page {
    /// The wallet is handed the order.
    fn is_invocation(&self) -> bool {
        self.status == 200 && self.text.contains("heliu-invocation")
    }

    /// The browser is sent to give its consent.
    fn is_consent(&self) -> bool {
        (300..400).contains(&self.status)
            && self.leads_to.contains("state%3D") | self.leads_to.contains("state=")
    }

    fn shows(&self, state: &str) -> bool {
        self.status == 200 && self.text.contains(&format!("data-state=\"{state}\""))
    }
}

/// A wallet's browser, which shows each step.
struct Browser {
    http: reqwest::Client,
    agent: &'static str,
}

impl Browser {
    fn of(agent: &'static str) -> Browser {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0);
        Browser {
            http: http.build().unwrap(),
            agent,
        }
    }

    async fn open(&self, url: &str) -> Page {
        let request = self.http.get(url).header("User-Agent", self.agent);
        let answer = request.send().await.unwrap();
        let leads_to = answer.headers().get("location");
        Page {
            status: answer.status().as_u16(),
            leads_to: leads_to.map_or("", |to| to.to_str().unwrap()).to_owned(),
            text: answer.text().await.unwrap(),
        }
    }

    /// Opens an order's page and gives consent: the address to which the wallet sends the browser
    /// back.
    async fn consent(&self, url: &str) -> String {
        let page = self.open(url).await;
        assert!(page.is_consent(), "{url}: {page:?}");
        self.agree(&page).await
    }

    /// Gives consent where a page leads.
    async fn agree(&self, page: &Page) -> String {
        let agreed = self.open(&page.leads_to).await;
        assert!(agreed.leads_to.contains("/cashier/return/"), "{agreed:?}");
        agreed.leads_to
    }
}

/// An order with a code to scan.
async fn shown(till: &crate::harness::Till, receiver: &Receiver) -> String {
    let number = fresh("return");
    let made = till.qr_order(&number, 158, &receiver.url("/n")).await;
    assert_eq!(made.outcome(), "SUCCESS", "{}", made.text);
    made.str("qr_code").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_asks_for_consent_anew_and_shows_the_end_once_there_is_one() {
    let setup = Setup::new("returns", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::start(|_, _| SUCCESS).await;
    for (wallet, agent) in WALLETS {
        let browser = Browser::of(agent);
        let code = shown(&demo.till, &receiver).await;
        let first = browser.consent(&code).await;
        let page = browser.open(&first).await;
        assert!(page.is_invocation(), "{wallet}: {page:?}");
        // Reloaded, again and again: each time another consent, which hands the order over.
        for round in 0..3 {
            let again = browser.open(&first).await;
            assert!(again.is_consent(), "{wallet}, round {round}: {again:?}");
            let next = browser.agree(&again).await;
            assert_ne!(next, first);
            let page = browser.open(&next).await;
            assert!(page.is_invocation(), "{wallet}, round {round}: {page:?}");
        }
        // Two tabs come back with the same state at once: one of them is the first.
        let state = browser.consent(&code).await;
        let (one, other) = tokio::join!(browser.open(&state), browser.open(&state));
        let invoked = [&one, &other]
            .iter()
            .filter(|page| page.is_invocation())
            .count();
        let asked = [&one, &other]
            .iter()
            .filter(|page| page.is_consent())
            .count();
        assert_eq!((invoked, asked), (1, 1), "{one:?} {other:?}");
        // Paid, in this tab or elsewhere.
        demo.sandbox.scan(&code, wallet).await;
        for url in [&first, &state, &code] {
            eventually(
                &format!("{wallet}: {url} shows that it is paid"),
                async || browser.open(url).await.shows("paid").then_some(()),
            )
            .await;
        }
    }
    // What we did not give stays refused.
    let browser = Browser::of(WALLETS[0].1);
    let code = shown(&demo.till, &receiver).await;
    let ours = browser.consent(&code).await;
    let (visit, query) = ours.split_once('?').unwrap();
    let state = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("state="))
        .unwrap();
    let flipped = if state.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{flipped}", &state[..state.len() - 1]);
    for wrong in [
        format!("{visit}?code=x&state={forged}"),
        format!("{visit}?code=x&state="),
        format!("{visit}?code=x"),
        format!("{visit}A?{query}"),
        ours.replace("/cashier/return/", "/cashier/return/A"),
    ] {
        let page = browser.open(&wrong).await;
        assert_eq!(page.status, 400, "{wrong}: {page:?}");
    }
    // And left the state unused.
    assert!(browser.open(&ours).await.is_invocation());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_to_an_order_that_is_over_shows_so_and_leads_back_to_the_shop_once_it_is_paid() {
    let setup = Setup::new("returns-over", FACTOR);
    let demo = setup.start().await;
    let browser = Browser::of(WALLETS[0].1);
    let (till, shop) = (XmlTill::of(&demo), "https://merchant.example/done");
    let way = crate::harness::PAY_WAYS[0];
    let number = xml_number("closed");
    let made = till.unified(way, "2", &number, 158, &[]).await;
    let back = browser.consent(made.str("jspay_url")).await;
    till.close(&number).await;
    for _ in 0..2 {
        let page = browser.open(&back).await;
        assert!(page.shows("closed"), "{page:?}");
    }
    let number = xml_number("jump");
    let made = till
        .unified(way, "2", &number, 158, &[("jump_url", shop)])
        .await;
    let back = browser.consent(made.str("jspay_url")).await;
    assert!(browser.open(&back).await.is_invocation());
    demo.sandbox.scan(made.str("jspay_url"), way.name()).await;
    eventually("a reload leads back to the shop", async || {
        (browser.open(&back).await.leads_to == shop).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_state_stays_used_after_a_restart() {
    let setup = Setup::new("returns-restart", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::start(|_, _| SUCCESS).await;
    let browser = Browser::of(WALLETS[0].1);
    let code = shown(&demo.till, &receiver).await;
    let (used, unused) = (browser.consent(&code).await, browser.consent(&code).await);
    assert!(browser.open(&used).await.is_invocation());
    let before = demo.address().to_owned();
    demo.kill();
    let demo = setup.start().await;
    let here = |url: &str| url.replace(&before, demo.address());
    let page = browser.open(&here(&used)).await;
    assert!(page.is_consent(), "{page:?}");
    let page = browser.open(&here(&unused)).await;
    // Its login code died with the sandbox at most; it is not taken for used.
    assert!(!page.is_consent(), "{page:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_is_good_for_one_return_whichever_node_it_comes_to() {
    let cluster = Cluster::start("returns-nodes", FACTOR, 2).await;
    let receiver = Receiver::start(|_, _| SUCCESS).await;
    let browser = Browser::of(WALLETS[0].1);
    for round in 0..4 {
        let code = shown(&cluster.till(), &receiver).await;
        let back = browser.consent(&code).await;
        let nodes = [0, 1].map(|node| {
            back.replace(
                &cluster.balancer.url(),
                &format!("http://{}", cluster.node(node).address()),
            )
        });
        assert_ne!(nodes[0], nodes[1]);
        let (one, other) = tokio::join!(browser.open(&nodes[0]), browser.open(&nodes[1]));
        let invoked = [&one, &other]
            .iter()
            .filter(|page| page.is_invocation())
            .count();
        assert_eq!(invoked, 1, "round {round}: {one:?} {other:?}");
        for node in nodes {
            let page = browser.open(&node).await;
            assert!(page.is_consent(), "round {round}: {page:?}");
        }
    }
}
