//! Bodies that came compressed: the SDKs do that to large `PutMetricData` requests.

use std::io::Read;

use flate2::read::GzDecoder;
use http::header::CONTENT_ENCODING;
use winterbaume_core::MockRequest;

/// More than any request of the twin's services may hold.
const UNPACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The request with its body unpacked. One that cannot be unpacked is left alone, and refused where it
/// is decoded.
pub(crate) fn unpacked(mut request: MockRequest) -> MockRequest {
    if request
        .headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| encoding == "gzip")
    {
        let mut body = Vec::new();
        let read = GzDecoder::new(request.body.as_ref())
            .take(UNPACKED_BYTES_MAX)
            .read_to_end(&mut body);
        if read.is_ok() {
            request.body = body.into();
        }
    }
    request
}
