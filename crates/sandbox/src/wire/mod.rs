//! How the channels spell and sign: facts of an order in their shapes, XML, signatures. No routes,
//! no database.

pub(crate) mod alipay;
pub(crate) mod unionpay;
pub(crate) mod wechat;
