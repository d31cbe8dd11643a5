//! The bytes of requests, as they stand in each channel's `golden/`. Signatures of RSA keys are
//! left out, since each run has its own; with `HELIU_GOLDEN` set the files are written anew, to be
//! read as a diff.

use std::path::Path;

use heliu_trade::wallet::Scene;

use crate::support::orders::refund;
use crate::support::{Fake, Reply, alipay, payouts, run, unionpay, wechat};

fn compare(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let found = format!("{found}\n");
    if std::env::var_os("HELIU_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("written");
    }
    let expected = std::fs::read_to_string(&path).expect("a golden file");
    assert_eq!(found, expected, "{file}");
}

fn body(fake: &Fake) -> String {
    String::from_utf8(fake.only().body.to_vec()).expect("UTF-8")
}

#[test]
fn requests_to_wechat() {
    let channel = wechat::channel();
    let code = wechat::case("v2", Scene::Barcode).expires_in(300_000);
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.pay(&fake, &code.order(), "134567890123456700"));
    compare("wechat/golden/micropay.xml", &body(&fake));
    let page = wechat::case("v2", Scene::Jsapi)
        .payer("oPayer")
        .expires_in(300_000);
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.prepay(&fake, &page.order()));
    compare("wechat/golden/unifiedorder.xml", &body(&fake));
    let page = wechat::case("v3", Scene::Jsapi)
        .payer("oPayer")
        .expires_in(300_000);
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.prepay(&fake, &page.order()));
    compare("wechat/golden/jsapi.json", &body(&fake));
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.refund(&fake, &page.order(), &refund()));
    compare("wechat/golden/refund.json", &body(&fake));
}

#[test]
fn requests_to_wechat_with_all_terms() {
    let channel = wechat::channel();
    let stated = |api, scene| {
        wechat::case(api, scene)
            .payer("oPayer")
            .sub_app("wx2222222222222222")
            .expires_in(300_000)
            .with_terms()
    };
    for (scene, file) in [
        (Scene::Barcode, "wechat/golden/micropay_terms.xml"),
        (Scene::Face, "wechat/golden/facepay.xml"),
    ] {
        let api = if scene == Scene::Face { "face" } else { "v2" };
        let fake = Fake::new([Reply::NoAnswer]);
        run(channel.pay(&fake, &stated(api, scene).order(), "134567890123456700"));
        compare(file, &body(&fake));
    }
    for (api, scene, file) in [
        (
            "v2",
            Scene::MiniProgram,
            "wechat/golden/unifiedorder_terms.xml",
        ),
        ("v2", Scene::App, "wechat/golden/unifiedorder_app.xml"),
        ("v3", Scene::Native, "wechat/golden/native_terms.json"),
    ] {
        let fake = Fake::new([Reply::NoAnswer]);
        run(channel.prepay(&fake, &stated(api, scene).order()));
        compare(file, &body(&fake));
    }
}

#[test]
fn requests_to_wechat_for_a_credential() {
    let (account, contract, request) = wechat::terminal();
    let fake = Fake::new([Reply::NoAnswer]);
    let channel = wechat::channel();
    run(channel
        .face_kits()
        .expect("it has kits")
        .face_credential(&fake, &account, &contract, &request))
    .expect_err("nobody answered");
    compare("wechat/golden/get_wxpayface_authinfo.xml", &body(&fake));
}

#[test]
fn requests_to_alipay() {
    let channel = alipay::channel();
    let without_sign = |fake: &Fake| {
        let body = body(fake);
        let parts: Vec<&str> = body
            .split('&')
            .filter(|part| !part.starts_with("sign="))
            .collect();
        parts.join("&\n")
    };
    let fake = Fake::new([Reply::NoAnswer]);
    let code = alipay::case("pay").expires_in(300_000);
    run(channel.pay(&fake, &code.order(), "284567890123456700"));
    compare("alipay/golden/pay.form", &without_sign(&fake));
    let fake = Fake::new([Reply::NoAnswer]);
    let stated = code.clone().with_terms();
    run(channel.pay(&fake, &stated.order(), "284567890123456700"));
    compare("alipay/golden/pay_terms.form", &without_sign(&fake));
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.refund(&fake, &code.order(), &refund()));
    compare("alipay/golden/refund.form", &without_sign(&fake));
    let account = payouts::account("alipay_isv", alipay::SETTINGS);
    let fake = Fake::new([Reply::NoAnswer]);
    let ways = channel.payouts().expect("it pays out");
    run(ways.send(&fake, &payouts::order(&account, payouts::person())));
    compare("alipay/golden/transfer.form", &without_sign(&fake));
    let fake = Fake::new([Reply::NoAnswer]);
    run(ways.query(&fake, &payouts::sent(&account, 0)));
    compare("alipay/golden/transfer_query.form", &without_sign(&fake));
}

#[test]
fn requests_to_the_sandboxs_bank() {
    let channel = heliu_channels::find("sandbox_bank").expect("registered");
    let ways = channel.payouts().expect("it pays out");
    let account = payouts::account("sandbox_bank", payouts::BANK_SETTINGS);
    let whole = |fake: &Fake| {
        let request = fake.only();
        let line = format!("{} {}", request.method, request.url);
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {value}"));
        let body = String::from_utf8(request.body.to_vec()).expect("UTF-8");
        let lines = std::iter::once(line).chain(headers).chain([body]);
        lines.collect::<Vec<_>>().join("\n")
    };
    for (payee, file) in [
        (payouts::person(), "sandbox_bank/golden/person.http"),
        (payouts::company(), "sandbox_bank/golden/company.http"),
    ] {
        let fake = Fake::new([Reply::NoAnswer]);
        run(ways.send(&fake, &payouts::order(&account, payee)));
        compare(file, &whole(&fake));
    }
    let fake = Fake::new([Reply::NoAnswer]);
    run(ways.query(&fake, &payouts::sent(&account, 0)));
    compare("sandbox_bank/golden/query.http", &whole(&fake));
}

#[test]
fn requests_to_unionpay() {
    let channel = unionpay::channel();
    let without_signature = |fake: &Fake| {
        let message = unionpay::sent(&fake.only());
        serde_json::to_string_pretty(&message).expect("JSON")
    };
    let stated = |scene| unionpay::case(scene).payer("UPPayer").with_terms();
    let code = stated(Scene::Barcode);
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.pay(&fake, &code.order(), "6220485073630469936"));
    compare("unionpay/golden/micropay.json", &without_signature(&fake));
    for (scene, file) in [
        (Scene::Native, "unionpay/golden/unifiedorder_code.json"),
        (Scene::Jsapi, "unionpay/golden/unifiedorder_page.json"),
    ] {
        let fake = Fake::new([Reply::NoAnswer]);
        run(channel.prepay(&fake, &stated(scene).expires_in(300_000).order()));
        compare(file, &without_signature(&fake));
    }
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel.refund(&fake, &code.order(), &refund()));
    compare("unionpay/golden/refund.json", &without_signature(&fake));
}
