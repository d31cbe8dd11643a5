//! What a channel can do for a wallet in a scene.

/// How the payer meets an attempt upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamScene {
    /// The payer's code was scanned.
    Barcode,
    /// A terminal recognised the payer's face.
    Face,
    /// A page of the merchant's inside the wallet invokes it.
    MerchantPage,
    /// Our own cashier page inside the wallet invokes it.
    CashierPage,
    /// The payer scans a code that the channel gives.
    Native,
    /// A mini program inside the wallet invokes it.
    MiniProgram,
    /// The merchant's own app invokes it.
    App,
}

impl UpstreamScene {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Barcode,
        Self::Face,
        Self::MerchantPage,
        Self::CashierPage,
        Self::Native,
        Self::MiniProgram,
        Self::App,
    ];
}

/// Capabilities and limits for one scene; frozen into the attempt's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Which family of the channel's interfaces serves it, in the channel's own word.
    pub api: &'static str,
    /// Gap between two queries, in ms.
    pub query_gap_ms: i64,
    /// How long after the payment call a reversal may come at the earliest, in ms.
    pub reverse_after_ms: i64,
    /// Gap between two refunds of one order, in ms.
    pub refund_gap_ms: i64,
    /// How many refunds one order takes.
    pub refund_count_max: u32,
    /// Whether one call reverses it, paid or not; otherwise it is closed or refunded.
    pub reverses_by_call: bool,
}

/// The service provider's names at a channel, for wires that pass them on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderNames {
    /// Its merchant number.
    pub merchant_no: Option<String>,
    /// Its app id in the scene.
    pub app_id: Option<String>,
}
