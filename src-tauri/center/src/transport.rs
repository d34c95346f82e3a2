//! HTTPS: the accept loop, TLS with optional client certificates, HTTP/1.1.
//!
//! The loop is our own because a connection must hand its client certificate to the handlers, and because the
//! fault switch must be able to end it without an answer.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::response::Response;
use huijiao_signing::TlsIdentity;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, UnixTime};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::certificates::Revoked;
use crate::clock::CenterClock;
use crate::error::CenterError;
use crate::hex::sha256_hex;
use crate::http::caller::Peer;
use crate::http::{CutAfter, NoAnswer};

/// Connections at once; the next wait in the system's queue.
const CONNECTIONS: usize = 1024;
/// Longest time for a handshake, and for the head of a request.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long requests may go on after the shutdown began, and a refused client may take to hear why.
const FAREWELL: Duration = Duration::from_secs(10);
/// Of what a refused client still sends, so many bytes are read.
const UNREAD: u64 = 64 * 1024;

/// The TLS side: the center's certificate; client certificates of its own CA, asked for but not demanded.
pub(crate) fn tls(
    identity: &TlsIdentity,
    ca: &[u8],
    clock: &CenterClock,
    revoked: Revoked,
) -> Result<ServerConfig, CenterError> {
    let keys = |e: &dyn std::fmt::Display| CenterError::Keys(e.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca.to_vec())).map_err(|e| keys(&e))?;
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|e| keys(&e))?;
    let chain = identity.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let own = CertifiedKey::new(chain, identity.key.clone());
    own.keys_match().map_err(|e| keys(&e))?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(clock.clone()))
        .with_safe_default_protocol_versions()
        .map_err(|e| keys(&e))?
        .with_client_cert_verifier(Arc::new(Clients { issued: clients, revoked }))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(own)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Client certificates of the center's own CA that are not revoked. What is revoked changes while the center runs, so
/// it is asked here and not built into the verifier of issuers and dates.
#[derive(Debug)]
struct Clients {
    issued: Arc<dyn ClientCertVerifier>,
    revoked: Revoked,
}

impl ClientCertVerifier for Clients {
    fn offer_client_auth(&self) -> bool {
        self.issued.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.issued.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.issued.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.issued.verify_client_cert(own, between, now)?;
        if self.revoked.holds(&sha256_hex(own)) {
            return Err(CertificateError::Revoked.into());
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.issued.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.issued.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.issued.supported_verify_schemes()
    }
}

/// Serves until told to stop; then lets what is under way come to its end.
pub(crate) async fn serve(listener: TcpListener, tls: ServerConfig, app: Router, mut stop: watch::Receiver<bool>) {
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        // What ended is forgotten as we go.
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, from, place)) => {
                let connection = connection(stream, from, acceptor.clone(), app.clone(), stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, say: a pause lets others end.
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, all_ended).await.is_err() {
        tracing::warn!("connections were cut at shutdown");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, Option<OwnedSemaphorePermit>)> {
    let place = places.clone().acquire_owned().await.ok();
    let (stream, from) = listener.accept().await?;
    Ok((stream, from.ip(), place))
}

async fn connection(
    stream: TcpStream,
    address: IpAddr,
    acceptor: TlsAcceptor,
    app: Router,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(PATIENCE, acceptor.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => stream,
        Ok(Err((error, stream))) => {
            tracing::info!(%error, "handshake refused");
            return part(stream).await;
        }
        Err(_) => return tracing::info!("handshake not finished in time"),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let peer = Peer { certificate: certificate.map(|der| Arc::from(der.as_ref())), address };
    let stream = Brittle { stream, left: Arc::new(AtomicU64::new(WHOLE)) };
    let left = stream.left.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (app, left) = (app.clone(), left.clone());
        request.extensions_mut().insert(peer.clone());
        async move { answer(app, request, &left).await }
    });
    let mut http = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .auto_date_header(false)
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), service)
    );
    let stopping = async move {
        // Without a sender the center is gone as well.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let mut stopping = std::pin::pin!(stopping);
    let mut told = false;
    loop {
        tokio::select! {
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = stopping.as_mut(), if !told => {
                told = true;
                http.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Lets the reason of a refusal arrive. A client of TLS 1.3 sends its request right behind its certificate: what nobody has
/// read of it makes the system break the connection off, and all the client learns is that.
async fn part(mut stream: TcpStream) {
    let unread = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(UNREAD), &mut tokio::io::sink()).await
    };
    // Whoever goes on sending, or never leaves, is cut off.
    let _ = tokio::time::timeout(FAREWELL, unread).await;
}

/// The answer to a request; an error makes hyper end the connection without one.
async fn answer(app: Router, request: Request<Incoming>, left: &AtomicU64) -> io::Result<Response> {
    // A cut is for one answer: the one before may have been shorter.
    left.store(WHOLE, Ordering::SeqCst);
    let outcome: Result<Response, Infallible> =
        hyper::service::Service::call(&hyper_util::service::TowerToHyperService::new(app), request).await;
    let Ok(response) = outcome;
    if response.extensions().get::<NoAnswer>().is_some() {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    if let Some(CutAfter(bytes)) = response.extensions().get::<CutAfter>() {
        left.store(*bytes, Ordering::SeqCst);
    }
    Ok(response)
}

/// No cut is waited for.
const WHOLE: u64 = u64::MAX;

/// A connection that breaks off once so many more bytes are written.
struct Brittle<S> {
    stream: S,
    left: Arc<AtomicU64>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Brittle<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Brittle<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.left.load(Ordering::SeqCst);
        if left == WHOLE {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        if left == 0 {
            // What was written before is on its way when the connection breaks.
            ready!(Pin::new(&mut self.stream).poll_flush(context))?;
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let some = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..some]))?;
        self.left.store(left - written as u64, Ordering::SeqCst);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.left.load(Ordering::SeqCst) == WHOLE {
            return Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        }
        let first = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
        self.poll_write(context, first)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
