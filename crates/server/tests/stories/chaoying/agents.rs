//! Story: who an agent may speak for, what it hears when it signs wrongly, and how a merchant's number is
//! told to whoever has its phone.

use crate::harness::{
    ALIPAY_PRE_ORDER, AgentAnswer, AgentTill, BOTH, Demo, FORM, GATEWAY, REGISTER, Setup,
    WECHAT_PRE_ORDER, Wallet, encoded, eventually, now, order_number, random, spoken,
};

const FACTOR: u64 = 5;

const INFO: &str = "/Open/GetMchInfo";
const PARTNERS: &str = "/Open/GetPartnerId";
const SESSION: &str = "/Open/WXA_Code2Session";
const LOGIN_CODE: &str = "/Mch/GetMchSMSValid";
const LOGIN: &str = "/Mch/GetMchId";

/// The till of the demo's other agent, with a merchant of its own.
fn second_till(demo: &Demo) -> AgentTill {
    let about = demo.about.get("dialects").unwrap().get("chaoying").unwrap();
    let second = about.get("second_agent").unwrap();
    AgentTill::new(
        about.str("base"),
        second.str("agent_id"),
        second.str("mch_id"),
        second.str("key"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_key_opens_nothing_of_another_agents_merchant() {
    let setup = Setup::new("cy-foreign", FACTOR);
    let demo = setup.start().await;
    let (own, second) = (demo.agent(), second_till(&demo));
    let number = order_number("second");
    let paid = second.pay(&number, 500, &Wallet::Alipay.code("00")).await;
    assert_eq!(paid.outcome(), "SUCCESS 10000 SUCCESS", "{}", paid.text);
    let refund = second.refund(&number, "R-1", 500, 100).await;
    assert_eq!(refund.code(), "10000", "{}", refund.text);

    let foreign = own.of_merchant(&second.mch_id);
    let nobody = own.of_merchant("f2099123100000000001");
    let fresh_number = order_number("foreign");
    for (path, members) in requests(&number, &fresh_number, paid.str("transaction_id")) {
        let mut answers = Vec::new();
        for till in [&foreign, &nobody] {
            let mut members = members.clone();
            members.push(("mch_id", &till.mch_id));
            let answer = till.call(path, &members).await;
            assert_eq!(
                answer.outcome(),
                "FAIL 20005",
                "{members:?}: {}",
                answer.text
            );
            answers.push(answer.text.clone());
        }
        assert_eq!(answers[0], answers[1], "another's is like nobody's");
    }
    assert_eq!(second.query(&fresh_number).await.code(), "20007");
    assert_eq!(second.query(&number).await.code(), "10002");
    let refunds = second.refund_query(&[("out_trade_no", &number)]).await;
    assert_eq!(refunds.fen("refund_count"), 1, "{}", refunds.text);

    // Numbers belong to their merchants: the same one is another order here, and none before.
    assert_eq!(own.query(&number).await.code(), "20007");
    let by_platform = [
        ("paytype", "ALIPAY"),
        ("transaction_id", paid.str("transaction_id")),
    ];
    let answer = own.gateway("orderquery", &by_platform).await;
    assert_eq!(answer.code(), "20007", "{}", answer.text);
    let answer = own
        .refund_query(&[("refund_id", refund.str("refund_id"))])
        .await;
    assert_eq!(answer.code(), "20010", "{}", answer.text);
    let here = own.pay(&number, 300, &Wallet::Wechat.code("00")).await;
    assert_eq!(here.fen("base_fee"), 300, "{}", here.text);
    assert_ne!(here.str("transaction_id"), paid.str("transaction_id"));
    assert_eq!(second.query(&number).await.fen("base_fee"), 500);
    setup.assert_books_balance();
}

type Request<'a> = (&'static str, Vec<(&'static str, &'a str)>);

/// A good request of each interface that is about a merchant, without its `mch_id`.
fn requests<'a>(number: &'a str, fresh: &'a str, transaction: &'a str) -> Vec<Request<'a>> {
    let gateway = |members: &[(&'static str, &'a str)]| (GATEWAY, members.to_vec());
    let code = "134567890123456700";
    vec![
        gateway(&[
            ("method", "pay"),
            ("out_trade_no", fresh),
            ("auth_code", code),
            ("body", "面"),
            ("total_fee", "1"),
        ]),
        gateway(&[
            ("method", "facepay"),
            ("paytype", "WECHAT"),
            ("out_trade_no", fresh),
            ("face_code", code),
            ("body", "面"),
            ("total_fee", "1"),
        ]),
        gateway(&[
            ("method", "getfaceauth"),
            ("paytype", "WECHAT"),
            ("store_id", "1"),
            ("store_name", "店"),
            ("device_id", "1"),
            ("rawdata", "eNPJNgR26U88"),
        ]),
        gateway(&[
            ("method", "orderquery"),
            ("paytype", "ALIPAY"),
            ("transaction_id", transaction),
        ]),
        gateway(&[
            ("method", "refund"),
            ("paytype", "ALIPAY"),
            ("out_trade_no", number),
            ("out_refund_no", "R-2"),
            ("total_fee", "500"),
            ("refund_fee", "1"),
        ]),
        gateway(&[
            ("method", "refundquery"),
            ("paytype", "ALIPAY"),
            ("out_refund_no", "R-1"),
        ]),
        gateway(&[
            ("method", "cancel"),
            ("paytype", "ALIPAY"),
            ("out_trade_no", number),
        ]),
        (
            WECHAT_PRE_ORDER,
            vec![
                ("trade_type", "NATIVE"),
                ("body", "面"),
                ("out_trade_no", fresh),
                ("total_fee", "1"),
            ],
        ),
        (
            ALIPAY_PRE_ORDER,
            vec![
                ("trade_type", "NATIVE"),
                ("body", "面"),
                ("out_trade_no", fresh),
                ("total_fee", "1"),
            ],
        ),
        (INFO, Vec::new()),
        (PARTNERS, Vec::new()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_signature_hears_one_constant_sentence_and_an_unknown_agent_nothing_signed() {
    let setup = Setup::new("cy-unsigned", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let wrong = till.with_key("cy_another_key_that_nobody_knows");
    let stranger = AgentTill::new(&till.base, "16600000000000099", &till.mch_id, &till.key);
    let number = order_number("forged");
    let mut asked = requests(&number, &number, "0000000000000001");
    asked.extend([
        (LOGIN_CODE, vec![("mobile", "13800000000")]),
        (LOGIN, vec![("mobile", "13800000000"), ("valid", "1234")]),
        (
            REGISTER,
            vec![("FullName", "假冒"), ("Mobile", "13800000000")],
        ),
        (
            SESSION,
            vec![("appid", "wx4da448cd29920001"), ("js_code", "1")],
        ),
    ]);
    let mut sentences: Vec<String> = Vec::new();
    for (path, mut members) in asked {
        members.push(("mch_id", &till.mch_id));
        let answer = wrong.try_call(path, &members).await.unwrap();
        till.assert_answers(path, &answer);
        assert_eq!(answer.outcome(), "FAIL 20002", "{path}: {}", answer.text);
        let names: Vec<String> = answer.pairs().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.get(..3).unwrap(), ["state", "code", "msg"]);
        assert!(names.len() == 3 || names.get(3..).unwrap() == ["sign"]);
        sentences.push(answer.str("msg").to_owned());

        let answer = stranger.call(path, &members).await;
        let constant = "{\"state\":\"FAIL\",\"code\":\"20012\",\"msg\":";
        assert!(answer.text.starts_with(constant), "{path}: {}", answer.text);
        assert_eq!(answer.pairs().len(), 3, "{path}: {}", answer.text);
    }
    assert!(sentences.iter().all(|sentence| *sentence == sentences[0]));

    // Whatever stands where 32 digits should.
    let members = [("mch_id", &*till.mch_id)];
    for sign in [
        "",
        "0",
        "签名",
        &"0".repeat(31),
        &"g".repeat(32),
        &"0".repeat(33),
    ] {
        let mut pairs = till.unsigned(&members);
        pairs.push(("sign".to_owned(), sign.to_owned()));
        let answer = till
            .post(INFO, Some(FORM), encoded(&pairs).into_bytes())
            .await
            .unwrap();
        till.assert_answers(INFO, &answer);
        assert_eq!(answer.code(), "20002", "{sign:?}: {}", answer.text);
        assert_eq!(answer.str("msg"), sentences[0]);
    }
    let twice = till.signed(till.unsigned(&members));
    let body = format!("{0}&sign={1}", encoded(&twice), twice.last().unwrap().1);
    let answer = till
        .post(INFO, Some(FORM), body.into_bytes())
        .await
        .unwrap();
    assert_eq!(answer.code(), "20002", "two signatures: {}", answer.text);

    assert_eq!(till.query(&number).await.code(), "20007");
    assert_eq!(demo.sandbox.text_message("13800000000").await, None);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_and_a_merchant_that_an_operator_adds_trade_like_the_demos() {
    let setup = Setup::new("cy-added", FACTOR);
    let demo = setup.start().await;
    let agent_id = format!("1{:016}", random() % 10_000_000_000_000_000);
    let mch_id = format!("m{:015}", random() % 1_000_000_000_000_000);
    let key = format!("{:016x}{:016x}", random(), random());
    let operate = |arguments: &[&str]| {
        let output = setup.run(arguments);
        assert!(output.status.success(), "{}", spoken(&output));
    };
    let stated = format!("agent={key}");
    operate(&[
        "agents",
        "add",
        &agent_id,
        "--dialect",
        "chaoying",
        "--name",
        "随机代理商",
        "--key",
        &stated,
    ]);
    let mut contracts = Vec::new();
    for wallet in BOTH {
        let name = wallet.name();
        contracts.extend(demo.sandbox.enrol(name).await.arguments(name, "0.6%"));
    }
    let mut arguments = vec!["merchants", "add", &*mch_id, "--name", "随机商户"];
    arguments.extend(["--dialect", "chaoying", "--app-id", &*mch_id]);
    arguments.extend(["--agent", &*agent_id]);
    arguments.extend(contracts.iter().map(String::as_str));
    operate(&arguments);
    let till = AgentTill::new(&demo.agent().base, &agent_id, &mch_id, &key);
    for wallet in BOTH {
        let fen = i64::try_from(100 + random() % 90_000).unwrap();
        let number = order_number(wallet.name());
        let paid = till.pay(&number, fen, &wallet.code("98")).await;
        assert_eq!(paid.outcome(), "SUCCESS 10000 SUCCESS", "{}", paid.text);
        assert_eq!(paid.str("mch_id"), mch_id, "{}", paid.text);
        assert_eq!(paid.fen("coupon_fee"), fen / 10, "{}", paid.text);
        let belief = demo.sandbox.belief(paid.str("transaction_id")).await;
        let belief = belief.unwrap();
        assert!(belief.is_paid && belief.total_fen == fen, "{belief:?}");
        let back = till.refund(&number, wallet.name(), fen, fen).await;
        assert_eq!(back.state(), "SUCCESS", "{}", back.text);
        assert_eq!(back.fen("refund_fee"), fen - fen / 10, "{}", back.text);
        let told = demo.agent().query(&number).await;
        assert_eq!(told.code(), "20007", "the demo's agent: {}", told.text);
    }
    setup.assert_books_balance();
}

/// Asks for a code by text message; what the phone shows.
async fn login_code(demo: &Demo, till: &AgentTill, mobile: &str) -> String {
    let sent = till.call(LOGIN_CODE, &[("mobile", mobile)]).await;
    assert_eq!(sent.outcome(), "SUCCESS 20", "{}", sent.text);
    let text = demo.sandbox.text_message(mobile).await.unwrap();
    let mut groups = text.split(|character: char| !character.is_ascii_digit());
    let code = groups.find(|digits| digits.len() == 4);
    code.unwrap_or_else(|| panic!("no code in {text}"))
        .to_owned()
}

async fn log_in(till: &AgentTill, mobile: &str, code: &str) -> AgentAnswer {
    till.call(LOGIN, &[("mobile", mobile), ("valid", code)])
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_code_is_good_once_for_one_phone_and_few_guesses() {
    let setup = Setup::new("cy-login", FACTOR);
    let demo = setup.start().await;
    let (till, second) = (demo.agent(), second_till(&demo));
    let mobile = "13800000000";
    let began = now();
    let code = login_code(&demo, &till, mobile).await;
    let at_once = till.call(LOGIN_CODE, &[("mobile", mobile)]).await;
    assert_eq!(at_once.outcome(), "FAIL 20006", "{}", at_once.text);
    let nobody = format!("139{:08}", random() % 100_000_000);
    let unknown = till.call(LOGIN_CODE, &[("mobile", &nobody)]).await;
    assert_eq!(unknown.outcome(), "FAIL 20005", "{}", unknown.text);
    assert_eq!(demo.sandbox.text_message(&nobody).await, None);

    // Another agent has no merchant of this phone, and another phone no such code.
    for answer in [
        log_in(&second, mobile, &code).await,
        log_in(&till, &nobody, &code).await,
    ] {
        assert_eq!(answer.outcome(), "FAIL 20005", "{}", answer.text);
    }
    let found = log_in(&till, mobile, &code).await;
    assert_eq!(found.str("mch_id"), till.mch_id, "{}", found.text);
    let again = log_in(&till, mobile, &code).await;
    assert_eq!(again.outcome(), "FAIL 20005", "{}", again.text);

    eventually("a minute has passed", async || {
        (setup.virtual_ms_since(began) > 62_000).then_some(())
    })
    .await;
    let code = login_code(&demo, &till, mobile).await;
    for guess in 0..5 {
        // Five wrong ones of ten thousand, none of which is the right one.
        let guess = (code.parse::<u32>().unwrap() + 1 + guess) % 10_000;
        let answer = log_in(&till, mobile, &format!("{guess:04}")).await;
        assert_eq!(answer.outcome(), "FAIL 20005", "{}", answer.text);
    }
    let void = log_in(&till, mobile, &code).await;
    assert_eq!(
        void.outcome(),
        "FAIL 20005",
        "after five guesses: {}",
        void.text
    );

    // Either pair must be whole.
    for members in [
        vec![],
        vec![("mobile", mobile)],
        vec![("valid", "1234")],
        vec![("username", mobile)],
        vec![("password", "12345678"), ("mobile", mobile)],
    ] {
        let answer = till.call(LOGIN, &members).await;
        assert_eq!(
            answer.outcome(),
            "FAIL 20004",
            "{members:?}: {}",
            answer.text
        );
    }
    let members = [("username", mobile), ("password", "87654321")];
    let answer = till.call(LOGIN, &members).await;
    assert_eq!(answer.outcome(), "FAIL 20005", "{}", answer.text);
    setup.assert_books_balance();
}
