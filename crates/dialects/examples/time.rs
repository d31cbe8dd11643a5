use heliu_ports::dialect::Dialect as _;
use heliu_ports::wire::WireRequest;
fn main() {
    let body = r#"{"busi_id":"880010000000001","operator_id":"oper01","terminal_id":"dev01","merchant_param":"dGFibGU9MTI=","store_id":"02016","total_fee":"158","channel_type":"1","auth_code":"284214903060794755","pay_subject":"二维码产品支付","out_trade_no":"20260115001069125001","fee_type":"CNY"}"#;
    let r = WireRequest { method: http::Method::POST, path: "/gateway/pay/order".into(), query: "sign=af2597b743d2ead0792810a87eec3453:1768442400001".into(), headers: http::HeaderMap::new(), body: body.into(), peer: std::net::IpAddr::from([127,0,0,1]) };
    let d = heliu_dialects::fufu::Fufu;
    let t = std::time::Instant::now();
    for _ in 0..200000 { let x = d.decode(&r).ok().unwrap(); std::hint::black_box(x.readings.spec(0)); std::hint::black_box(&x.command); }
    println!("{:?} per decode", t.elapsed() / 200000);
}
