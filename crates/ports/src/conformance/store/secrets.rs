//! A number that turned out to be a secret is taken out of all that tells it.

use std::sync::Arc;

use heliu_trade::id::OrderNo;
use heliu_trade::step::{Action, Target};
use heliu_trade::wallet::WalletKind;

use super::directory::{enrolment, key};
use super::steps::{START, Till};
use crate::exchange::{ExchangeAnswer, ExchangeRecord, Secret};
use crate::keys::KeyOwner;
use crate::store::{DirectoryChange, NotificationFilter, OrderKey, Store};

/// What stands as a number in [`enrolment`] and in the routes of [`Till`].
const SECRET: &str = "2088";

/// A paid order of the till whose notice was delivered once, and an answer that is kept; both tell the secret.
async fn told(till: &Till) -> OrderNo {
    let change = DirectoryChange::Enrol {
        enrolment: enrolment(till.merchant.as_str()),
        keys: Vec::new(),
    };
    till.store.change_directory(change).await.expect("enrolled");
    let order_no = till.paid("n", 100).await;
    let begin = Action::BeginDelivery {
        body: format!("<sub>{SECRET}</sub>"),
    };
    let target = Target::Notification(order_no, notice(till, order_no).await.0);
    till.commit(target, START.plus_ms(5000), begin)
        .await
        .expect("begun");
    let exchange_no = till.number();
    let answer = ExchangeAnswer {
        exchange_no,
        app_id: None,
        status: 200,
        body: format!("<a>{SECRET}</a><b>{SECRET}</b>"),
        outcome: "ok".to_owned(),
        reading: None,
        signing: None,
        order_no: Some(order_no),
        duration_ms: 1,
    };
    let store = &till.store;
    store.record(ExchangeRecord::Request(till.request(exchange_no)));
    store.record(ExchangeRecord::Answer(answer));
    order_no
}

/// The number and the rendered body of an order's notice.
async fn notice(
    till: &Till,
    order_no: OrderNo,
) -> (heliu_trade::id::NotificationNo, Option<String>) {
    let filter = NotificationFilter {
        limit: 10,
        ..NotificationFilter::default()
    };
    let listed = till.store.list_notifications(filter).await.expect("read");
    let mut notices = listed.into_iter().map(|(_, notice)| notice);
    let found = notices.find(|notice| notice.order_no == order_no);
    let found = found.expect("a paid order has a notice");
    (found.notification_no, found.body)
}

/// The number in an order's route, its notice's body, and the bodies of kept answers.
async fn read(till: &Till, order_no: OrderNo) -> (String, Option<String>, Vec<String>) {
    let store = &till.store;
    let key = OrderKey::Platform(order_no);
    let (_, attempts) = store
        .find_order(&till.merchant, key)
        .await
        .expect("read")
        .expect("known");
    let route = &attempts.first().expect("an attempt").route;
    let story = store.order_story(&till.merchant, order_no).await;
    let story = story.expect("read").expect("known");
    let answers = story.exchanges.into_iter().filter_map(|(_, answer)| answer);
    (
        route.sub_merchant_id.clone(),
        notice(till, order_no).await.1,
        answers.map(|answer| answer.body).collect(),
    )
}

pub(super) async fn a_number_that_was_a_secret_is_told_nowhere(store: &Arc<dyn Store>) {
    let (till, other) = (Till::new(store, 1), Till::new(store, 2));
    let (order_no, other_no) = (told(&till).await, told(&other).await);
    // Records that nobody waits for join a later batch.
    till.order("after", 100).await;
    let owner = KeyOwner::Contract {
        merchant_id: till.merchant.clone(),
        channel_account_id: "an_account".into(),
        sub_merchant_id: String::new(),
    };
    let change = DirectoryChange::ConcealNumber {
        merchant_id: till.merchant.clone(),
        wallet: WalletKind::Alipay,
        secret: Secret::whole(SECRET),
        keys: vec![key(&owner, 1)],
    };
    for _ in 0..2 {
        let again = change.clone();
        store.change_directory(again).await.expect("concealed");
    }

    let mut expected = enrolment(till.merchant.as_str());
    for contract in &mut expected.contracts {
        if contract.wallet == WalletKind::Alipay {
            contract.sub_merchant_id.clear();
        }
    }
    let untouched = enrolment(other.merchant.as_str());
    let standing = store.list_merchants().await;
    assert_eq!(standing, Ok(vec![expected, untouched]));
    let keys = store.list_keys(owner.name()).await;
    assert_eq!(keys, Ok(vec![key(&owner, 1)]));
    let masked = vec!["<a>***</a><b>***</b>".to_owned()];
    let concealed = (String::new(), None, masked.clone());
    assert_eq!(read(&till, order_no).await, concealed);
    let others = (
        SECRET.to_owned(),
        Some(format!("<sub>{SECRET}</sub>")),
        masked,
    );
    assert_eq!(
        read(&other, other_no).await,
        others,
        "another merchant's number may be one, but no answer tells the secret"
    );
}
