//! The way to a timestamp server (RFC 3161 over HTTP).

use huijiao_domain::profile::MinimumTls;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

use crate::error::{NetError, of_transport};
use crate::gateway::{Endpoint, accept, client, expect_type, whole};
use crate::tls;

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

/// Asks the server at this address once; whether the answer is a stamp is for its reader to say. Of the endpoint the
/// anchors hold where the address is an `https` one.
///
/// # Errors
/// [`NetError`]
pub async fn ask_for_stamp(server: Endpoint, request: Vec<u8>) -> Result<Vec<u8>, NetError> {
    let url = Url::parse(&server.base_url).map_err(|error| NetError::Setup(error.to_string()))?;
    let timing = server.timing;
    // The center's rules say how one speaks with the center; this is somebody else, and what he signs is proven by itself.
    let tls = tls::config(tls::servers(&server.anchors)?, None, MinimumTls::Tls12)?;
    let (client, manual_proxy) = client(&server, tls, false)?;
    let request = client.post(url).header(CONTENT_TYPE, QUERY).header(ACCEPT, REPLY).body(request);
    let response = request.timeout(timing.read).send().await.map_err(|error| of_transport(&error, manual_proxy).0)?;
    let response = accept(response).await?;
    expect_type(&response, REPLY)?;
    whole(response).await
}
