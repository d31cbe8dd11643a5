//! What is told beside the money.

use heliu_ports::channel::{CallbackNews, Channel};
use heliu_ports::wire::WireRequest;
use heliu_trade::promotion::{
    FundBill, PaymentNotes, Promotion, PromotionGoods, PromotionKind, PromotionScope,
};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::Scene;
use serde_json::json;

use crate::support::orders::{Case, terms};
use crate::support::{Fake, Reply, alipay, run, wechat};

const SUB_APP: &str = "wx2222222222222222";

fn told(verdict: Verdict) -> PaymentNotes {
    match verdict {
        Verdict::Paid(evidence) => *evidence.notes.expect("notes"),
        other => panic!("{other:?}"),
    }
}

fn notified(channel: &dyn Channel, case: &Case, request: &WireRequest) -> PaymentNotes {
    match channel.callback(&Fake::new([]), &case.order(), request) {
        Ok(CallbackNews::Payment(verdict)) => told(verdict),
        other => panic!("{other:?}"),
    }
}

fn promotion() -> Promotion {
    Promotion {
        promotion_id: "109519".to_owned(),
        name: "单品惠-6".to_owned(),
        scope: PromotionScope::Goods,
        kind: PromotionKind::Discount,
        amount_fen: 888,
        activity_id: "931386".to_owned(),
        wallet_fen: 88,
        merchant_fen: 500,
        other_fen: 300,
        goods: vec![PromotionGoods {
            goods_id: "sku-1".to_owned(),
            quantity: 2,
            price_fen: 3_000,
            discount_fen: 444,
            remark: "备注".to_owned(),
        }],
    }
}

#[test]
fn v2_tells_the_payer_the_bank_and_the_promotions() {
    let one = json!({
        "promotion_id": "109519", "name": "单品惠-6", "scope": "SINGLE", "type": "DISCOUNT",
        "amount": 888, "activity_id": "931386", "wxpay_contribute": 88,
        "merchant_contribute": 500, "other_contribute": 300,
        "goods_detail": [{"goods_id": "sku-1", "quantity": 2, "price": 3000,
                          "discount_amount": 444, "goods_remark": "备注"}],
    });
    let object = json!({"promotion_detail": [one]}).to_string();
    let list = json!([one]).to_string();
    for detail in [object, list] {
        let fields = wechat::paid(&[
            ("cash_fee", "8000"),
            ("is_subscribe", "Y"),
            ("sub_appid", SUB_APP),
            ("sub_openid", "oSub"),
            ("sub_is_subscribe", "N"),
            ("promotion_detail", &detail),
        ]);
        let expected = PaymentNotes {
            provider_payer_id: Some("oPayer".to_owned()),
            follows_provider: Some(true),
            sub_app_id: Some(SUB_APP.to_owned()),
            sub_payer_id: Some("oSub".to_owned()),
            follows_merchant: Some(false),
            bank: Some("CMB_CREDIT".to_owned()),
            promotions: vec![promotion()],
            ..PaymentNotes::default()
        };
        let case = wechat::case("v2", Scene::Barcode).sub_app(SUB_APP);
        let channel = wechat::channel();
        let fake = Fake::new([wechat::v2(fields.clone())]);
        let verdict = run(channel.pay(&fake, &case.order(), "134567890123456700"));
        assert_eq!(told(verdict), expected);
        let state = wechat::over(fields.clone(), &[("trade_state", "SUCCESS")]);
        let fake = Fake::new([wechat::v2(state)]);
        assert_eq!(told(run(channel.query(&fake, &case.order()))), expected);
        let notice = wechat::request(&[], &wechat::signed_xml(fields.clone()));
        assert_eq!(notified(channel.as_ref(), &case, &notice), expected);

        // We did not name the app: what is said about it is none of ours.
        let case = wechat::case("v2", Scene::Barcode);
        let fake = Fake::new([wechat::v2(fields)]);
        let verdict = run(channel.pay(&fake, &case.order(), "134567890123456700"));
        let expected = PaymentNotes {
            sub_app_id: None,
            sub_payer_id: None,
            follows_merchant: None,
            ..expected
        };
        assert_eq!(told(verdict), expected);
    }
}

#[test]
fn v3_tells_the_payer_the_bank_and_the_promotions() {
    let mut transaction = wechat::transaction("SUCCESS");
    transaction["sub_appid"] = SUB_APP.into();
    transaction["payer"]["sub_openid"] = "oSub".into();
    transaction["amount"]["payer_total"] = 8000.into();
    transaction["promotion_detail"] = json!([
        {"coupon_id": "109519", "name": "单品惠-6", "scope": "SINGLE", "type": "NOCASH",
         "amount": 888, "stock_id": "931386", "wechatpay_contribute": 88,
         "merchant_contribute": 500, "other_contribute": 300, "currency": "CNY",
         "goods_detail": [{"goods_id": "sku-1", "quantity": 2, "unit_price": 3000,
                           "discount_amount": 444, "goods_remark": "备注"}]},
        {"coupon_id": "2", "scope": "GLOBAL", "type": "CASH", "amount": 5},
        {"coupon_id": "3", "amount": -1},
    ]);
    let coupon = Promotion {
        promotion_id: "2".to_owned(),
        name: String::new(),
        scope: PromotionScope::Order,
        kind: PromotionKind::Coupon,
        amount_fen: 5,
        activity_id: String::new(),
        wallet_fen: 0,
        merchant_fen: 0,
        other_fen: 5,
        goods: Vec::new(),
    };
    let expected = PaymentNotes {
        provider_payer_id: Some("oPayer".to_owned()),
        sub_app_id: Some(SUB_APP.to_owned()),
        sub_payer_id: Some("oSub".to_owned()),
        bank: Some("ICBC_DEBIT".to_owned()),
        promotions: vec![promotion(), coupon],
        ..PaymentNotes::default()
    };
    let case = wechat::case("v3", Scene::Native).sub_app(SUB_APP);
    let channel = wechat::channel();
    let fake = Fake::new([wechat::v3(200, &transaction.to_string())]);
    assert_eq!(told(run(channel.query(&fake, &case.order()))), expected);
    let event = wechat::event("TRANSACTION.SUCCESS", "transaction", &transaction);
    let notice = wechat::notice(&event);
    assert_eq!(notified(channel.as_ref(), &case, &notice), expected);
}

#[test]
fn alipay_tells_the_account_the_funds_and_the_vouchers() {
    let node = alipay::paid(&json!({
        "receipt_amount": "83.88", "buyer_pay_amount": "80.00", "invoice_amount": "80.00",
        "fund_bill_list": [{"fund_channel": "MDISCOUNT", "amount": "8.88"},
                           {"fund_channel": "PCREDIT", "amount": 80.0}],
        "voucher_detail_list": [
            {"id": "v1", "name": "单品券", "type": "ALIPAY_ITEM_VOUCHER", "amount": "8.00",
             "merchant_contribute": "5.00", "other_contribute": "3.00", "template_id": "t1"},
            {"id": "v2", "name": "全场券", "type": "ALIPAY_FIX_VOUCHER", "amount": "0.88"},
            {"id": "v3"},
        ],
        "discount_goods_detail": json!([
            {"goods_id": "sku-1", "goods_name": "拿铁", "discount_amount": "8.00",
             "voucher_id": "v1"},
            {"goods_id": "sku-9", "discount_amount": "1.00", "voucher_id": "v9"},
        ]).to_string(),
    }));
    let voucher = |id: &str, name: &str, scope, amounts: (i64, i64, i64)| Promotion {
        promotion_id: id.to_owned(),
        name: name.to_owned(),
        scope,
        kind: PromotionKind::Discount,
        amount_fen: amounts.0,
        activity_id: String::new(),
        wallet_fen: 0,
        merchant_fen: amounts.1,
        other_fen: amounts.2,
        goods: Vec::new(),
    };
    let bill = |source: &str, amount_fen| FundBill {
        source: source.to_owned(),
        amount_fen,
    };
    let expected = PaymentNotes {
        payer_account: Some("a**@b.c".to_owned()),
        bank: Some("PCREDIT".to_owned()),
        invoice_fen: Some(8_000),
        fund_bills: vec![bill("MDISCOUNT", 888), bill("PCREDIT", 8_000)],
        promotions: vec![
            Promotion {
                activity_id: "t1".to_owned(),
                goods: vec![PromotionGoods {
                    goods_id: "sku-1".to_owned(),
                    quantity: 1,
                    price_fen: 3_000,
                    discount_fen: 800,
                    remark: String::new(),
                }],
                ..voucher("v1", "单品券", PromotionScope::Goods, (800, 500, 300))
            },
            voucher("v2", "全场券", PromotionScope::Order, (88, 0, 88)),
        ],
        ..PaymentNotes::default()
    };
    let mut case = alipay::case("pay");
    case.terms = terms();
    let fake = Fake::new([alipay::done("alipay.trade.pay", &node)]);
    let verdict = run(alipay::channel().pay(&fake, &case.order(), "284567890123456700"));
    assert_eq!(told(verdict), expected);
}

#[test]
fn alipay_notifications_spell_their_lists_otherwise() {
    let own = json!({
        "receipt_amount": null, "buyer_pay_amount": "80.00", "buyer_logon_id": "159****5620",
        "invoice_amount": "80.00",
        "fund_bill_list": "[{\"amount\":\"80.00\",\"fundChannel\":\"ALIPAYACCOUNT\"}]",
        "voucher_detail_list": "[{\"amount\":\"8.88\",\"merchantContribute\":\"8.00\",\
                                  \"name\":\"5折券\",\"otherContribute\":\"0.88\",\
                                  \"type\":\"ALIPAY_DISCOUNT_VOUCHER\"}]",
    });
    let request = alipay::notice(alipay::notified("TRADE_SUCCESS", &own));
    let case = alipay::case("create");
    let channel = alipay::channel();
    let found = notified(channel.as_ref(), &case, &request);
    assert_eq!(found.payer_account.as_deref(), Some("159****5620"));
    assert_eq!(found.bank.as_deref(), Some("ALIPAYACCOUNT"));
    assert_eq!(found.invoice_fen, Some(8_000));
    let [voucher] = found.promotions.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (voucher.amount_fen, voucher.merchant_fen, voucher.other_fen),
        (888, 800, 88)
    );
    let news = channel.callback(&Fake::new([]), &case.order(), &request);
    let Ok(CallbackNews::Payment(Verdict::Paid(evidence))) = news else {
        panic!("{news:?}")
    };
    assert_eq!(evidence.merchant_discount_fen, 800);
}

#[test]
fn nothing_told_is_no_note() {
    let bare = json!({"buyer_logon_id": null, "fund_bill_list": null});
    let fake = Fake::new([alipay::done("alipay.trade.pay", &alipay::paid(&bare))]);
    let case = alipay::case("pay");
    let verdict = run(alipay::channel().pay(&fake, &case.order(), "284567890123456700"));
    assert!(matches!(verdict, Verdict::Paid(evidence) if evidence.notes.is_none()));
    let bare = wechat::paid(&[("openid", ""), ("is_subscribe", ""), ("bank_type", "")]);
    let fake: Fake = Fake::new([Reply::ok(wechat::signed_xml(bare))]);
    let case = wechat::case("v2", Scene::Barcode);
    let verdict = run(wechat::channel().pay(&fake, &case.order(), "134567890123456700"));
    assert!(matches!(verdict, Verdict::Paid(evidence) if evidence.notes.is_none()));
}
