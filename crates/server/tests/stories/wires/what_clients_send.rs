//! Story: what lies between a till and us adds to a request what nobody signed, and what a client's
//! library adds is none of its maker's will: it is forgiven on every wire alike, and what cannot be
//! forgiven is said plainly.

use crate::harness::{
    AgentTill, Demo, FORM, GATEWAY, Json, PayWay, Setup, Till, WECHAT_PRE_ORDER, Wallet, XML_FORM,
    XmlTill, encoded, fresh, order_number, sign, xml_number,
};

const FACTOR: u64 = 5;
const PAID: &str = "SUCCESS 10000 SUCCESS";

/// A till of each wire, with a paid order of each.
struct Shop {
    origin: String,
    json: Till,
    json_order: String,
    form: AgentTill,
    form_order: String,
    xml: XmlTill,
    xml_order: String,
}

impl Shop {
    async fn open(demo: &Demo) -> Shop {
        let (form, xml) = (demo.agent(), XmlTill::of(demo));
        let (json_order, form_order, xml_order) =
            (fresh("order"), order_number("order"), xml_number("order"));
        let code = Wallet::Alipay.code("00");
        let paid = demo.till.order(&json_order, 100, &code).await;
        assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
        let paid = form.pay(&form_order, 100, &Wallet::Wechat.code("00")).await;
        assert_eq!(paid.outcome(), PAID, "{}", paid.text);
        let paid = xml
            .pay(&xml_order, 100, &PayWay::Wechat.code("00"), &[])
            .await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        Shop {
            origin: demo.about.str("platform").to_owned(),
            json: demo.till.clone(),
            json_order,
            form,
            form_order,
            xml,
            xml_order,
        }
    }

    fn json_query(&self) -> (Vec<u8>, String) {
        let body = Json::Object(vec![
            ("busi_id".to_owned(), (&self.json.busi_id).into()),
            ("out_trade_no".to_owned(), (&*self.json_order).into()),
        ]);
        let body = body.to_string().into_bytes();
        let query = format!("sign={}", sign(&self.json.key, "1768442400000", &body));
        (body, query)
    }

    fn form_query(&self) -> String {
        let members = [
            ("method", "orderquery"),
            ("mch_id", &*self.form.mch_id),
            ("paytype", "WECHAT"),
            ("out_trade_no", &*self.form_order),
        ];
        encoded(&self.form.signed(self.form.unsigned(&members)))
    }

    fn xml_query(&self) -> String {
        let members = [("third_order_id", &*self.xml_order)];
        let pairs = self.xml.unsigned("query_status", &members);
        encoded(&self.xml.signed(pairs))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slashes_too_many_in_a_path_lead_to_the_same_place() {
    let setup = Setup::new("slashes", FACTOR);
    let demo = setup.start().await;
    let shop = Shop::open(&demo).await;
    let origin = &shop.origin;
    for path in ["//gateway/pay", "/gateway//pay", "///gateway/pay"] {
        let till = Till::new(
            &format!("{origin}{path}"),
            &shop.json.busi_id,
            &shop.json.key,
        );
        for interface in ["query", "/query", "query/", "query//"] {
            let (body, query) = shop.json_query();
            let answer = till.post(interface, &query, body).await.unwrap();
            assert_eq!(
                answer.outcome(),
                "SUCCESS",
                "{path}/{interface}: {}",
                answer.text
            );
        }
    }
    for path in [
        "//UnifiedPay/Gateway",
        "/UnifiedPay//Gateway",
        "//unifiedpay/gateway//",
    ] {
        let body = shop.form_query().into_bytes();
        let answer = shop.form.post(path, Some(FORM), body).await.unwrap();
        assert_eq!(answer.outcome(), PAID, "{path}: {}", answer.text);
    }
    for path in [
        "//cgi-bin/lepos_pay_gateway.cgi",
        "/cgi-bin//lepos_pay_gateway.cgi/",
    ] {
        let mut till = shop.xml.clone();
        till.base = format!("{origin}{path}");
        let answer = till.query(&shop.xml_order).await;
        assert_eq!(answer.outcome(), "status 2", "{path}: {}", answer.text);
    }
    // Payers' pages and pictures, too.
    let members = [
        ("total_fee", "1"),
        ("jspay_flag", "2"),
        ("pay_way", "ZFBZF"),
    ];
    let number = xml_number("page");
    let more = [("third_order_id", &*number), ("amount", "100")];
    let created = shop
        .xml
        .call("get_tdcode", &[&members[1..], &more].concat())
        .await;
    let page = created.str("jspay_url");
    let doubled = page.replacen("/cgi-bin/", "//cgi-bin//", 1);
    let (status, _, text) = shop.xml.get(&doubled).await;
    assert_eq!(status, 200, "{doubled}: {text}");
    let native = shop
        .form
        .native(WECHAT_PRE_ORDER, &order_number("code"), 8, "")
        .await;
    let picture = native.str("code_img_url").replacen("/pay/", "//pay//", 1);
    let (status, content_type, _) = shop.form.get(&picture).await;
    assert_eq!((status, &*content_type), (200, "image/png"), "{picture}");
    // What is nowhere stays there.
    for path in ["//gateway/pays/query", "//", "/gateway/pay"] {
        let till = Till::new(origin, &shop.json.busi_id, &shop.json.key);
        let (status, _, _) = shop.form.get(&format!("{}{path}", till.base)).await;
        assert_eq!(status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_proxy_adds_to_an_address_and_a_library_to_a_body_is_signed_by_nobody() {
    let setup = Setup::new("added", FACTOR);
    let demo = setup.start().await;
    let shop = Shop::open(&demo).await;
    let added = [
        "_t=1",
        "utm_source=a%26b&_=%E9%9D%A2",
        "out_trade_no=other&third_order_id=other",
    ];
    for added in added {
        let (body, query) = shop.json_query();
        let query = format!("{added}&{query}");
        let answer = shop.json.post("query", &query, body).await.unwrap();
        assert_eq!(
            answer.str("out_trade_no"),
            shop.json_order,
            "{}",
            answer.text
        );

        let body = shop.form_query().into_bytes();
        let target = format!("{GATEWAY}?{added}");
        let answer = shop.form.post(&target, Some(FORM), body).await.unwrap();
        assert_eq!(answer.outcome(), PAID, "{added}: {}", answer.text);
        assert_eq!(
            answer.str("out_trade_no"),
            shop.form_order,
            "{}",
            answer.text
        );

        let behind = format!("?{added}");
        let sent = shop
            .xml
            .post(&behind, Some(XML_FORM), shop.xml_query())
            .await;
        let answer = sent.unwrap();
        assert_eq!(answer.outcome(), "status 2", "{added}: {}", answer.text);
        assert_eq!(
            answer.str("third_order_id"),
            shop.xml_order,
            "{}",
            answer.text
        );
    }
    for end in ["\r\n", "\n", " \r\n", " "] {
        let body = shop.form_query() + end;
        let answer = shop.form.post(GATEWAY, Some(FORM), body.into_bytes()).await;
        let answer = answer.unwrap();
        assert_eq!(answer.outcome(), PAID, "{end:?}: {}", answer.text);
        let body = shop.xml_query() + end;
        let answer = shop.xml.post("", Some(XML_FORM), body).await.unwrap();
        assert_eq!(answer.outcome(), "status 2", "{end:?}: {}", answer.text);
    }
    // A parameter that the signer did put behind the address still counts.
    let pairs = shop
        .xml
        .unsigned("query_status", &[("third_order_id", &shop.xml_order)]);
    let pairs = shop.xml.signed(pairs);
    let (behind, body) = pairs.split_at(2);
    let behind = format!("?{}", encoded(behind));
    let answer = shop.xml.post(&behind, Some(XML_FORM), encoded(body)).await;
    let answer = answer.unwrap();
    assert_eq!(answer.outcome(), "status 2", "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_before_the_first_boundary_of_a_body_in_parts_means_nothing() {
    let setup = Setup::new("preamble", FACTOR);
    let demo = setup.start().await;
    let shop = Shop::open(&demo).await;
    let parts = |form: &str| -> String {
        let part = |(name, value): &(String, String)| {
            format!("--XB\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let pairs = crate::harness::decoded(form);
        pairs.iter().map(part).collect::<String>() + "--XB--\r\n"
    };
    let content_type = Some("multipart/form-data; boundary=XB");
    for preamble in ["", "\r\n", "This is a message in several parts.\r\n"] {
        let body = format!("{preamble}{}", parts(&shop.xml_query()));
        let answer = shop.xml.post("", content_type, body).await.unwrap();
        assert_eq!(
            answer.outcome(),
            "status 2",
            "{preamble:?}: {}",
            answer.text
        );
        let body = format!("{preamble}{}", parts(&shop.form_query()));
        let answer = shop
            .form
            .post(GATEWAY, content_type, body.into_bytes())
            .await;
        let answer = answer.unwrap();
        assert_eq!(answer.outcome(), PAID, "{preamble:?}: {}", answer.text);
    }
    // The printed case: read like the same body without the first line end, so it lacks a signature
    // only.
    let body = "\r\n--XB\r\nContent-Disposition: form-data; name=\"merchant_id\"\r\n\r\n9605000011\r\n--XB--\r\n";
    let answer = shop.xml.post("", content_type, body).await.unwrap();
    assert_eq!(answer.outcome(), "gateway 1", "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_another_kind_is_told_as_that() {
    let setup = Setup::new("kinds", FACTOR);
    let demo = setup.start().await;
    let (form, xml) = (demo.agent(), XmlTill::of(&demo));
    let json_text = format!(
        "{{\"agent_id\":\"{}\",\"merchant_id\":\"1\"}}",
        form.agent_id
    );
    let xml_text = "<xml><agent_id>1</agent_id><merchant_id>1</merchant_id></xml>";
    for (kind, content_type, body) in [
        ("JSON", "application/json", &*json_text),
        ("XML", "text/xml", xml_text),
        ("JSON", XML_FORM, &*json_text),
    ] {
        let answer = form
            .post(GATEWAY, Some(content_type), body.into())
            .await
            .unwrap();
        assert_eq!(answer.outcome(), "FAIL 20004", "{}", answer.text);
        let told = answer.str("msg");
        assert!(told.contains(&format!("请求体是{kind}")), "{told}");
        assert!(
            told.contains("表单") && !told.contains("agent_id"),
            "{told}"
        );

        let answer = xml.post("", Some(content_type), body).await.unwrap();
        assert_eq!(answer.outcome(), "gateway 3", "{}", answer.text);
        let told = answer.detail.unwrap();
        assert!(told.starts_with(&format!("the body is {kind};")), "{told}");
        assert!(!told.contains("merchant_id"), "{told}");
    }
    let till = &demo.till;
    for (kind, body) in [("a form", "busi_id=1&out_trade_no=2"), ("XML", xml_text)] {
        let answer = till.post("query", "sign=1", body.into()).await.unwrap();
        assert_eq!(answer.outcome(), "ILLEGAL_PARAMETER", "{}", answer.text);
        let told = answer.detail.as_deref().unwrap();
        assert_eq!(
            told,
            format!("the body is {kind}; this address takes one JSON object")
        );
    }
}
