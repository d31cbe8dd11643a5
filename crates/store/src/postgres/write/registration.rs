//! Merchants that agents register, and their login codes.

use deadpool_postgres::{GenericClient, Object};
use heliu_ports::store::{LoginCode, LoginCodeKey, Registration};
use heliu_trade::directory::{App, Merchant};
use heliu_trade::time::Timestamp;
use tokio_postgres::types::ToSql;

use super::directory::{KEPT, put_app, put_merchant};
use crate::postgres::connections::{change, first};
use crate::postgres::fault::Fault;
use crate::postgres::news;
use crate::postgres::read::registration::standing;

/// The registration that stands afterwards. Who comes second waits for the first at the register,
/// writes nothing, and finds what the first wrote.
pub(crate) async fn register(
    client: &mut Object,
    merchant: &Merchant,
    app: &App,
    registration: &Registration,
) -> Result<Registration, Fault> {
    if let Some(found) = standing(&*client, registration).await? {
        return Ok(found);
    }
    let transaction = client.transaction().await?;
    if write(&transaction, merchant, app, registration).await? {
        news::tell(&transaction, news::DIRECTORY, news::APP_ADDED).await?;
        transaction.commit().await?;
        return Ok(registration.clone());
    }
    transaction.rollback().await?;
    let found = standing(&*client, registration).await?;
    found.ok_or_else(|| Fault::Damaged("a registration is there and is not found".to_owned()))
}

/// Whether the registration was new.
async fn write(
    client: &impl GenericClient,
    merchant: &Merchant,
    app: &App,
    registration: &Registration,
) -> Result<bool, Fault> {
    put_merchant(client, merchant, KEPT).await?;
    put_app(client, app, KEPT).await?;
    let sql = "INSERT INTO registration (dialect_id, agent_id, app_id, merchant_id, name_digest,
            mobile_digest, username_digest, password_sealed, trade_code_sealed, members_sealed,
            created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT DO NOTHING";
    let parameters: [&(dyn ToSql + Sync); 11] = [
        &registration.dialect_id.as_str(),
        &registration.agent_id.as_str(),
        &registration.app_id.as_str(),
        &registration.merchant_id.as_str(),
        &registration.name_digest,
        &registration.mobile_digest,
        &registration.username_digest,
        &registration.password_sealed,
        &registration.trade_code_sealed,
        &registration.members_sealed,
        &registration.created_at.as_ms(),
    ];
    Ok(change(client, sql, &parameters).await? == 1)
}

/// The gap is part of the statement: whoever comes too early changes no row.
pub(crate) async fn put_login_code(
    client: &impl GenericClient,
    code: &LoginCode,
) -> Result<bool, Fault> {
    let sql = "INSERT INTO login_code (dialect_id, agent_id, mobile_digest, code_digest, sent_at,
            expires_at, wrong_tries, is_used) VALUES ($1, $2, $3, $4, $5, $6, 0, false)
        ON CONFLICT (dialect_id, agent_id, mobile_digest) DO UPDATE
        SET code_digest = excluded.code_digest, sent_at = excluded.sent_at,
            expires_at = excluded.expires_at, wrong_tries = 0, is_used = false
        WHERE login_code.sent_at <= excluded.sent_at - $7::BIGINT";
    let key = &code.key;
    let parameters: [&(dyn ToSql + Sync); 7] = [
        &key.dialect_id.as_str(),
        &key.agent_id.as_str(),
        &key.mobile_digest,
        &code.code_digest,
        &code.sent_at.as_ms(),
        &code.expires_at.as_ms(),
        &LoginCode::GAP_MS,
    ];
    Ok(change(client, sql, &parameters).await? > 0)
}

/// One statement counts the try or uses the code up; a code that is void, used or over is not
/// touched.
pub(crate) async fn try_login_code(
    client: &impl GenericClient,
    key: &LoginCodeKey,
    code_digest: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let sql = "UPDATE login_code SET is_used = (code_digest = $4),
            wrong_tries = wrong_tries + (code_digest <> $4)::INT
        WHERE dialect_id = $1 AND agent_id = $2 AND mobile_digest = $3 AND NOT is_used
            AND expires_at > $5 AND wrong_tries < $6
        RETURNING is_used";
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &key.dialect_id.as_str(),
        &key.agent_id.as_str(),
        &key.mobile_digest,
        &code_digest,
        &now.as_ms(),
        &i64::from(LoginCode::WRONG_TRIES_MAX),
    ];
    let is_right = first(client, sql, &parameters, |columns| columns.flag()).await?;
    Ok(is_right.unwrap_or(false))
}
