//! `huijiao-center`: the reference center on a network.

use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use huijiao_center::{Center, CenterConfig, CenterError, Seed};
use huijiao_domain::texts;
use tracing_subscriber::EnvFilter;

/// 汇缴通参考中心：接收单位申报、核对、记账并签发回执。
///
/// The reference center: takes filings of units, checks and books them, and signs receipts.
/// Ctrl-C ends it; what is under way is finished first. 按 Ctrl-C 结束。
#[derive(Debug, Parser)]
#[command(name = "huijiao-center", version)]
struct Arguments {
    /// 数据目录，不存在时新建 · Folder of the database, the CA and the keys; made if missing
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// 监听地址，端口 0 表示任选空闲端口 · Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// 服务器证书上的其他名称，可重复 · Another name in the server certificate; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// 初始数据（单位、缴存人、操作员），已有的不改 · Units, contributors, operators to begin with; what is there stays
    #[arg(long, value_name = "FILE.json")]
    seed: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = std::io::stderr().write_all(words(&error).as_bytes());
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), CenterError> {
    let Arguments { folder, listen, names, seed } = arguments;
    let seed = seed.map(read_seed).transpose()?;
    let config = CenterConfig { listen, names, seed, ..CenterConfig::in_folder(&folder) };
    let center = Center::start(config).await?;
    let said = format!(
        "地址 address: {}\n根证书 CA:     {}\n",
        center.base_url(),
        folder.join(huijiao_center::CA_FILE).display()
    );
    // Who started it in the background may have closed the pipe; the center works without.
    let _ = std::io::stdout().write_all(said.as_bytes());
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "no Ctrl-C here; end the process instead");
        std::future::pending::<()>().await;
    }
    center.shutdown().await;
    Ok(())
}

fn read_seed(path: PathBuf) -> Result<Seed, CenterError> {
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) => return Err(CenterError::Folder { path, source }),
    };
    serde_json::from_slice(&bytes).map_err(|e| CenterError::Seed(e.to_string()))
}

fn words(error: &CenterError) -> String {
    let mut said = format!("{error}\n");
    if let Some(text) = texts::lookup(error.code()) {
        let _ = writeln!(said, "{} ({})：{}{}", text.title, error.code(), text.happened, text.remedy);
    }
    said
}
