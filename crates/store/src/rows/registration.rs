//! `registration`

use heliu_ports::store::Registration;

use crate::columns::{Columns, Result};

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "r.dialect_id, r.agent_id, r.app_id, r.merchant_id, r.name_digest, \
    r.mobile_digest, r.username_digest, r.password_sealed, r.trade_code_sealed, r.members_sealed, \
    r.created_at";

/// Newest first, those of enabled merchants before all others.
pub(crate) const NEWEST: &str =
    "ORDER BY m.state = 'enabled' DESC, r.created_at DESC, r.app_id DESC LIMIT 1";

/// A registration.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Registration> {
    Ok(Registration {
        dialect_id: columns.name()?,
        agent_id: columns.name()?,
        app_id: columns.name()?,
        merchant_id: columns.name()?,
        name_digest: columns.string()?,
        mobile_digest: columns.string_opt()?,
        username_digest: columns.string_opt()?,
        password_sealed: columns.string_opt()?,
        trade_code_sealed: columns.string()?,
        members_sealed: columns.string()?,
        created_at: columns.at()?,
    })
}
