//! A timestamp server on a real port. Its stamps are made by openssl; how it misbehaves is told to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use huijiao_domain::profile::TimestampServer;
use tempfile::TempDir;

/// What it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Honest,
    /// Closes the connection.
    Nothing,
    /// Bytes that are no stamp.
    Garbage,
    /// A page.
    Page,
    /// That it gives none.
    Refusal,
    /// A stamp on another file.
    OtherFile,
    /// A stamp that answers another question on the same file.
    OtherQuestion,
}

/// A running server; it ends with the test.
pub struct Tsa {
    url: String,
    folder: Arc<TempDir>,
    told: Arc<Mutex<(Manner, usize)>>,
}

const CONFIG: &str = "[tsa]
default_tsa = ours
[ours]
serial = serial
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
clock_precision_digits = 3
ess_cert_id_alg = sha256
";

impl Tsa {
    /// With a root and a certificate of its own.
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("tsa.cnf", CONFIG);
        write("serial", "01\n");
        write("usage.cnf", "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n");
        let new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        let openssl = |line: &str| openssl(folder.path(), line);
        openssl(&format!("req -x509 {new} -keyout root.key -out root.pem -days 30 -subj /CN=Stamp-Root"));
        openssl(&format!("req {new} -keyout tsa.key -out tsa.csr -subj /CN=Stamp-Server"));
        openssl("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -days 30 -extfile usage.cnf -out tsa.pem");
        openssl("x509 -in root.pem -outform DER -out root.der");

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsr", listener.local_addr().unwrap());
        let (folder, told) = (Arc::new(folder), Arc::new(Mutex::new((Manner::Honest, 0))));
        let own = (folder.clone(), told.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let manner = {
                    let mut told = own.1.lock().unwrap_or_else(PoisonError::into_inner);
                    told.1 += 1;
                    told.0
                };
                // Whoever hangs up is no reason to end.
                let _ = stream.and_then(|stream| serve(stream, own.0.path(), manner));
            }
        });
        Self { url, folder, told }
    }

    /// From now on it answers so.
    pub fn behave(&self, manner: Manner) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).0 = manner;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// As a center's rules name it; `roots` are DER.
    pub fn named(&self, roots: &[Vec<u8>]) -> TimestampServer {
        use base64::Engine;
        let encoded = |root: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(root);
        TimestampServer { url: self.url.clone(), roots: roots.iter().map(encoded).collect() }
    }

    /// Its root, DER.
    pub fn root(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("root.der")).unwrap()
    }
}

fn serve(stream: TcpStream, folder: &Path, manner: Manner) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some(("content-length", value)) = line.trim().to_ascii_lowercase().split_once(": ") {
            length = value.parse().map_err(std::io::Error::other)?;
        }
        line.clear();
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query)?;
    // The question ends with hash, nonce and whether the certificate is wanted.
    let (hash, nonce) = (query.len() - 23, query.len() - 4);
    let (kind, body) = match manner {
        Manner::Nothing => return Ok(()),
        Manner::Garbage => ("application/timestamp-reply", b"\x30\x03\x02\x01\x07".to_vec()),
        Manner::Page => ("text/html", b"<html>".to_vec()),
        // PKIStatusInfo: rejection.
        Manner::Refusal => ("application/timestamp-reply", b"\x30\x05\x30\x03\x02\x01\x02".to_vec()),
        Manner::Honest => ("application/timestamp-reply", stamp(folder, &query)),
        Manner::OtherFile => {
            query[hash] ^= 1;
            ("application/timestamp-reply", stamp(folder, &query))
        }
        Manner::OtherQuestion => {
            query[nonce] ^= 1;
            ("application/timestamp-reply", stamp(folder, &query))
        }
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = reader.into_inner();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

fn stamp(folder: &Path, query: &[u8]) -> Vec<u8> {
    std::fs::write(folder.join("query.tsq"), query).unwrap();
    openssl(folder, "ts -reply -config tsa.cnf -queryfile query.tsq -out reply.tsr");
    std::fs::read(folder.join("reply.tsr")).unwrap()
}

fn openssl(folder: &Path, line: &str) {
    let output = Command::new("openssl").args(line.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
}
