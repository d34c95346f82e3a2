//! `huijiao-center`: the reference center on a network.

use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, ValueEnum};
use huijiao_center::{ADMIN_TOKEN_FILE, AdminConfig, Center, CenterConfig, CenterError, Limits, Seed, UnitRole};
use huijiao_domain::texts;
use huijiao_signing::Pin;
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
    /// 另开管理接口（审核、时钟、银行），只限本机地址；令牌在数据目录的 admin-token 里，没有就新建 · Also open the
    /// door of the staff (review, clock, bank) on an address of this machine; its token is in the folder, made if missing
    #[arg(long, value_name = "ADDR")]
    admin: Option<SocketAddr>,
    /// 每张证书每分钟的请求上限 · Requests a minute of one certificate
    #[arg(long, value_name = "N", default_value_t = Limits::default().certificate)]
    limit_certificate: u32,
    /// 每个地址每分钟的请求上限 · Requests a minute from one address
    #[arg(long, value_name = "N", default_value_t = Limits::default().address)]
    limit_address: u32,
    /// 每个地址每一刻钟登录、申领失败次数的上限 · Logins and enrolments a quarter of an hour from one address that fail
    #[arg(long, value_name = "N", default_value_t = Limits::default().attempts)]
    limit_attempts: u32,
    #[command(flatten)]
    issue: Issue,
}

/// Instead of serving: issue an operator's certificate, register it, end.
#[derive(Debug, Args)]
#[group(id = "issuing", multiple = true)]
struct Issue {
    /// 签发操作员证书后退出：操作员姓名 · Issue a certificate to this operator, register it, and end
    #[arg(long = "issue", value_name = "NAME", requires_all = ["unit", "pin_file", "out"])]
    operator: Option<String>,
    /// 操作员所属单位账号 · Account of the operator's unit
    #[arg(long, value_name = "ACCOUNT", requires = "operator")]
    unit: Option<String>,
    /// 操作员在单位的权限 · What the operator may do there
    #[arg(long, value_enum, default_value_t = Role::Clerk, requires = "operator")]
    role: Role,
    /// 存有 PIN 的文件（第一行） · File with the PIN for the key file, on its first line
    #[arg(long, value_name = "FILE", requires = "operator")]
    pin_file: Option<PathBuf>,
    /// 写入的密钥文件，不覆盖已有文件 · Key file to write; never one that is there
    #[arg(long, value_name = "FILE.p12", requires = "operator")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// 经办 · makes, signs and submits filings
    Clerk,
    /// 复核 · countersigns
    Approver,
    /// 查询 · reads
    Viewer,
}

#[tokio::main]
async fn main() -> ExitCode {
    huijiao_files::never_dumped();
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
    let Arguments { folder, listen, names, seed, admin, limit_certificate, limit_address, limit_attempts, issue } =
        arguments;
    let limits = Some(Limits { certificate: limit_certificate, address: limit_address, attempts: limit_attempts });
    let seed = seed.map(read_seed).transpose()?;
    if let Issue { operator: Some(operator), unit: Some(unit), role, pin_file: Some(pin_file), out: Some(out) } = issue
    {
        // On a free port of this machine: the center that serves may go on beside it.
        let center = Center::start(CenterConfig { seed, ..CenterConfig::in_folder(&folder) }).await?;
        let pin = read_pin(pin_file)?;
        let role = match role {
            Role::Clerk => UnitRole::Clerk,
            Role::Approver => UnitRole::Approver,
            Role::Viewer => UnitRole::Viewer,
        };
        let issued = center.issue_operator(&unit, &operator, role, pin).await?;
        center.shutdown().await;
        return write_private(&out, &issued.p12, false);
    }
    let token_file = folder.join(ADMIN_TOKEN_FILE);
    let admin = admin.map(|listen| AdminConfig { listen, token: std::fs::read_to_string(&token_file).ok() });
    let config = CenterConfig { listen, names, seed, admin, limits, ..CenterConfig::in_folder(&folder) };
    let center = Center::start(config).await?;
    let mut said = format!(
        "地址 address: {}\n根证书 CA:     {}\n",
        center.base_url(),
        folder.join(huijiao_center::CA_FILE).display()
    );
    if let Some(admin) = center.admin() {
        write_private(&token_file, admin.token.as_bytes(), true)?;
        let _ = writeln!(said, "管理接口 admin: {}（令牌 token: {}）", admin.url, token_file.display());
    }
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

fn read_pin(path: PathBuf) -> Result<Pin, CenterError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Pin::new(text.lines().next().unwrap_or_default().trim())),
        Err(source) => Err(CenterError::Folder { path, source }),
    }
}

/// Whoever has the token is the staff, and a PIN of six digits can be guessed by whoever has the key: for their owner
/// alone.
fn write_private(path: &Path, bytes: &[u8], again: bool) -> Result<(), CenterError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(!again).create(again).truncate(again);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|source| CenterError::Folder { path: path.to_owned(), source })
}

fn words(error: &CenterError) -> String {
    let mut said = format!("{error}\n");
    if let Some(text) = texts::lookup(error.code()) {
        let _ = writeln!(said, "{} ({})：{}{}", text.title, error.code(), text.happened, text.remedy);
    }
    said
}
