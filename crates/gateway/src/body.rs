//! Request bodies: within their size, within their time, and large ones only while there is room for them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest time for a request's body to arrive.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bodies up to this size need no room of their own, in bytes.
const SMALL_MAX: usize = 64 * 1024;
/// Room for larger ones, all together, in KiB: strangers who send many at once must not fill the memory.
const LARGE_KIB: usize = 64 * 1024;

/// Why a body is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    TooSlow,
    /// There are too many large ones.
    NoRoom,
}

/// Room for large bodies.
pub(crate) struct LargeBodies(Arc<Semaphore>);

impl Default for LargeBodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_KIB)))
    }
}

impl LargeBodies {
    fn take(&self, bytes_max: usize) -> Result<OwnedSemaphorePermit, BodyError> {
        let kib = u32::try_from(bytes_max.div_ceil(1024).min(LARGE_KIB)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.0).try_acquire_many_owned(kib);
        room.map_err(|_| BodyError::NoRoom)
    }
}

/// Reads a body of at most `bytes_max`; a large one with the room that it takes, to be held as long as it is.
pub(crate) async fn read(
    body: Body,
    bytes_max: usize,
    large: &LargeBodies,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), BodyError> {
    let whole = whole(body, bytes_max, large);
    let result = tokio::time::timeout(TIMEOUT, whole).await;
    result.unwrap_or(Err(BodyError::TooSlow))
}

async fn whole(
    body: Body,
    bytes_max: usize,
    large: &LargeBodies,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), BodyError> {
    let mut body = Limited::new(body, bytes_max);
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    let mut room = None;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| BodyError::TooLarge)?.into_data() else {
            continue;
        };
        if first.is_empty() && all.is_empty() {
            first = piece;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&piece);
        }
        if room.is_none() && first.len() + all.len() > SMALL_MAX {
            room = Some(large.take(bytes_max)?);
        }
    }
    let bytes = if all.is_empty() { first } else { all.freeze() };
    Ok((bytes, room))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::FutureExt as _;

    use super::*;

    fn body(pieces: &[usize]) -> Body {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|size| Ok::<_, Infallible>(vec![b'x'; *size]))
            .collect();
        Body::from_stream(futures::stream::iter(pieces))
    }

    async fn size(
        pieces: &[usize],
        bytes_max: usize,
        large: &LargeBodies,
    ) -> Result<usize, BodyError> {
        read(body(pieces), bytes_max, large)
            .await
            .map(|(bytes, _)| bytes.len())
    }

    #[tokio::test]
    async fn bodies_are_whole_or_refused_by_size() {
        let large = LargeBodies::default();
        for (pieces, read) in [
            (vec![], Ok(0)),
            (vec![10], Ok(10)),
            (vec![0, 10, 0, 5], Ok(15)),
            (vec![20], Ok(20)),
            (vec![20, 1], Err(BodyError::TooLarge)),
            (vec![21], Err(BodyError::TooLarge)),
        ] {
            assert_eq!(size(&pieces, 20, &large).await, read, "{pieces:?}");
        }
    }

    #[tokio::test]
    async fn large_bodies_share_a_room_and_small_ones_need_none() {
        let large = LargeBodies::default();
        let size_max = LARGE_KIB * 1024 / 2;
        let one = read(body(&[SMALL_MAX + 1]), size_max, &large)
            .await
            .expect("room");
        let _other = read(body(&[SMALL_MAX, 1]), size_max, &large)
            .await
            .expect("room");
        assert_eq!(
            size(&[SMALL_MAX + 1], size_max, &large).await,
            Err(BodyError::NoRoom)
        );
        assert_eq!(size(&[SMALL_MAX], size_max, &large).await, Ok(SMALL_MAX));
        drop(one);
        assert_eq!(
            size(&[SMALL_MAX + 1], size_max, &large).await,
            Ok(SMALL_MAX + 1)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_given_up() {
        let never = Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>());
        let large = LargeBodies::default();
        let mut reading = Box::pin(read(never, 20, &large));
        assert!(reading.as_mut().now_or_never().is_none());
        assert_eq!(reading.await.err(), Some(BodyError::TooSlow));
    }
}
