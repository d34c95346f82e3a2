//! huijiao-web: the commands of the desk over loopback HTTP, for a browser on the same computer.
//!
//! It serves domestic Linux desktops whose repositories have no WebKitGTK 4.1, and the Playwright tests, which so
//! drive the true core. Who may call: only this computer, only a page that this program served, only the browser
//! that was opened with the one-time token.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use huijiao_desk::{Desk, calls};
use huijiao_sheets::{Limits, Measure, SheetError};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// What a page may load and call; the window has the same.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const COOKIE: &str = "huijiao";
/// Largest workbook, as in the limits of the import.
const MOST_UPLOAD: usize = 50 * 1024 * 1024;

struct Door {
    desk: Arc<Desk>,
    host: String,
    /// Given once, in the fragment of the address that is opened.
    token: Mutex<Option<String>>,
    cookie: String,
}

/// A running server.
pub struct Running {
    /// Address to open, with the one-time token in its fragment.
    pub url: String,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Serves until the process ends.
    ///
    /// # Errors
    /// When the server stops by itself.
    pub async fn wait(self) -> std::io::Result<()> {
        self.server.await.map_err(std::io::Error::other)?
    }
}

/// Serves the UI in `pages` and the commands of `desk` on a free loopback port.
///
/// # Errors
/// When no port can be had or the system gives no random bytes.
pub async fn serve(desk: Arc<Desk>, pages: PathBuf, port: u16) -> std::io::Result<Running> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let host = listener.local_addr()?.to_string();
    let token = secret()?;
    let door = Arc::new(Door { desk, host: host.clone(), token: Mutex::new(Some(token.clone())), cookie: secret()? });
    let commands = Router::new()
        .route("/call/{command}", post(call))
        .route("/upload", post(upload))
        // A range of a hundred thousand rows pasted at once is as large as a workbook.
        .layer(DefaultBodyLimit::max(MOST_UPLOAD))
        .layer(middleware::from_fn_with_state(door.clone(), known));
    let app = Router::new()
        .merge(commands)
        .route("/session", post(open))
        .fallback_service(ServeDir::new(pages))
        .layer(middleware::from_fn_with_state(door.clone(), local))
        .with_state(door);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(Running { url: format!("http://{host}/#t={token}"), server })
}

fn secret() -> std::io::Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Only this host name, only our own pages: stops DNS rebinding and calls from other sites.
async fn local(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let origin = headers.get(header::ORIGIN).map(|o| o.to_str().unwrap_or_default().to_owned());
    let ours = format!("http://{}", door.host);
    if host != Some(door.host.as_str()) || origin.is_some_and(|o| o != ours) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Only the browser that was opened with the token.
async fn known(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let wanted = format!("{COOKIE}={}", door.cookie);
    let has = request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|h| h.to_str().ok())
        .flat_map(|h| h.split(';'))
        .any(|c| c.trim() == wanted);
    if has { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}

#[derive(Deserialize)]
struct Opening {
    token: String,
}

async fn open(State(door): State<Arc<Door>>, Json(opening): Json<Opening>) -> Response {
    let mut token = door.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if token.as_deref() != Some(opening.token.as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    *token = None;
    let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/", door.cookie);
    ([(header::SET_COOKIE, cookie)], StatusCode::NO_CONTENT).into_response()
}

async fn call(State(door): State<Arc<Door>>, Path(command): Path<String>, Json(args): Json<Value>) -> Response {
    match calls::call(&door.desk, &command, args).await {
        Ok(view) => Json(view).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
    }
}

#[derive(Deserialize)]
struct Upload {
    name: String,
}

async fn upload(
    State(door): State<Arc<Door>>,
    Query(upload): Query<Upload>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match body {
        Ok(body) => Json(door.desk.ticket_of_bytes(&upload.name, body.to_vec())).into_response(),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let error = SheetError::TooLarge { measure: Measure::FileBytes, limit: Limits::default().file_bytes };
            let error = door.desk.to_ui(&error.into(), &door.desk.trace());
            (rejection.status(), Json(error)).into_response()
        }
        Err(rejection) => rejection.into_response(),
    }
}
