//! UKey: which ones are here, why one is not, and logging in with one.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_domain::mask;
use huijiao_domain::texts;
use huijiao_signing::{Certificate, KeyInfo, ModuleFound, Pin, PinState, SignError, TokenFound, may_be_module};

use crate::error::DeskError;
use crate::import::TicketSource;
use crate::review::{As, among, certificates, in_itself, unusable};
use crate::views::{SessionView, TokenCertificateView, TokenModuleView, TokenSearchView, TokenView, UiError};
use crate::{Desk, text};

/// Setting: the drivers that the user named.
const MODULES: &str = "token-modules";

impl Desk {
    /// Looks for tokens anew, and says all that it met.
    ///
    /// # Errors
    /// When the data are not open.
    pub fn token_search(&self) -> Result<TokenSearchView, DeskError> {
        let named = self.name_modules()?;
        let found = self.config.tokens.survey();
        let open = self.inner().session.is_some();
        let here = if open { self.keys_here()? } else { Vec::new() };
        let why = |certificate: &Certificate, id: &str| self.why_not(&here, certificate, id);
        let modules: Vec<TokenModuleView> = found.modules.iter().map(|one| self.module_view(one, &why)).collect();
        let (certificates, login) = {
            let inner = self.inner();
            match &inner.session {
                Some(session) if session.gateway.is_some() => (
                    certificates(session, here, self.now(&inner), As::Anybody),
                    session.login_key().unwrap_or_default().to_owned(),
                ),
                Some(_) | None => (Vec::new(), String::new()),
            }
        };
        let mut view = TokenSearchView {
            products: found.products,
            folders: found.folders.iter().map(|folder| folder.display().to_string()).collect(),
            named: named.first().map(|path| path.display().to_string()).unwrap_or_default(),
            modules,
            certificates,
            login,
            report: String::new(),
        };
        view.report = self.report(&view);
        Ok(view)
    }

    /// Uses a driver that lies elsewhere from now on, by the ticket of the dialog in which somebody chose it: it becomes
    /// native code of a process of ours at every start, so the page alone never names one. Nothing for none any more.
    ///
    /// # Errors
    /// `desk-no-module` for a file that is none of a driver's, or was sent by a browser; when the data are not open.
    pub fn token_module(&self, ticket: Option<&str>) -> Result<TokenSearchView, DeskError> {
        let none = |path: &str| DeskError::refusal_with(DeskError::NO_MODULE, "path", path);
        let named: Vec<PathBuf> = match ticket.map(|ticket| self.source_of(ticket)).transpose()? {
            None => Vec::new(),
            Some(TicketSource::File(path)) if may_be_module(&path) && path.is_file() => vec![path],
            Some(TicketSource::File(path)) => return Err(none(&path.display().to_string())),
            Some(TicketSource::Bytes(name, _)) => return Err(none(&name)),
        };
        self.inner().store()?.set_setting(MODULES, &named)?;
        self.token_search()
    }

    /// Logs in at the open unit's center with a certificate of the operator's own choice.
    ///
    /// # Errors
    /// A certificate that cannot be used here, a wrong PIN; then whoever was logged in still is.
    pub async fn log_in(self: &Arc<Self>, certificate: String, pin: Pin) -> Result<SessionView, DeskError> {
        let desk = self.clone();
        let wanted = certificate.clone();
        let connection = tokio::task::spawn_blocking(move || {
            if desk.inner().session()?.gateway.is_none() {
                return Err(DeskError::refusal(DeskError::NO_GATEWAY));
            }
            let here = desk.keys_here()?;
            let inner = desk.inner();
            let session = inner.session()?;
            match unusable(session, among(&here, &wanted)?, desk.now(&inner), As::Anybody) {
                Some(refusal) => Err(refusal),
                None => Ok(session.connection.clone()),
            }
        })
        .await
        .map_err(|e| DeskError::Internal(e.to_string()))??;
        self.enter_as(connection, Some((certificate, pin))).await
    }

    /// Has tokens looked for also where the user said.
    pub(crate) fn name_modules(&self) -> Result<Vec<PathBuf>, DeskError> {
        let named: Vec<PathBuf> = self.inner().store()?.setting(MODULES)?.unwrap_or_default();
        self.config.tokens.name(named.clone());
        Ok(named)
    }

    /// Why a certificate is not offered, in full: here where a unit is open, or in itself.
    fn why_not(&self, here: &[KeyInfo], certificate: &Certificate, id: &str) -> String {
        let inner = self.inner();
        let now = self.now(&inner);
        let error = match &inner.session {
            Some(session) => {
                here.iter().find(|key| key.id == id).and_then(|key| unusable(session, key, now, As::Anybody))
            }
            None => in_itself(certificate, now).err().map(DeskError::from),
        };
        error.map(|error| words(&error)).unwrap_or_default()
    }

    fn module_view(&self, found: &ModuleFound, why: &dyn Fn(&Certificate, &str) -> String) -> TokenModuleView {
        let empty = TokenModuleView {
            product: found.product.clone().unwrap_or_default(),
            path: found.path.display().to_string(),
            said: String::new(),
            slots: 0,
            tokens: Vec::new(),
            trouble: None,
        };
        match &found.answer {
            Ok(answer) => TokenModuleView {
                said: format!("{} {} {}", answer.maker, answer.description, answer.version).trim().to_owned(),
                slots: u32::try_from(answer.slots).unwrap_or(u32::MAX),
                tokens: answer.tokens.iter().map(|token| token_view(token, why)).collect(),
                ..empty
            },
            Err(error) => TokenModuleView { trouble: Some(told(error)), ..empty },
        }
    }

    /// What a stranger may read: no names, no labels, of serial numbers the end, of paths nothing of whose computer it is.
    fn report(&self, view: &TokenSearchView) -> String {
        let home = directories::BaseDirs::new();
        let home = home.as_ref().map(directories::BaseDirs::home_dir);
        let path = |path: &str| without_home(path, home);
        let mut out = format!("汇缴通 {} 证书介质诊断\n", self.config.version);
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        line(format!("系统：{} {}", std::env::consts::OS, std::env::consts::ARCH));
        line(format!("查找的驱动：{}", view.products.join("、")));
        line(format!("查找的文件夹：{}", view.folders.iter().map(|one| path(one)).collect::<Vec<_>>().join(" ")));
        line(format!("指定的驱动：{}", if view.named.is_empty() { "无".into() } else { path(&view.named) }));
        if view.modules.is_empty() {
            line("没有找到驱动".into());
        }
        for module in &view.modules {
            line(format!("驱动 {} {}", module.product, path(&module.path)));
            if let Some(trouble) = &module.trouble {
                line(format!("  {} {}", trouble.code, texts::title(&trouble.code)));
                continue;
            }
            line(format!("  {}，插槽 {} 个，UKey {} 个", module.said, module.slots, module.tokens.len()));
            for token in &module.tokens {
                let tail: Vec<char> = token.serial.chars().rev().take(4).collect();
                let tail: String = tail.into_iter().rev().collect();
                line(format!("  UKey {}，序列号尾号 {tail}，PIN：{}", token.model, token.pin));
                if let Some(trouble) = &token.trouble {
                    line(format!("    {} {}", trouble.code, texts::title(&trouble.code)));
                }
                for certificate in &token.certificates {
                    let refused = if certificate.refused.is_empty() { "可用" } else { &certificate.refused };
                    line(format!("    证书：{}，有效期至 {}，{refused}", certificate.purpose, certificate.valid_to));
                }
            }
        }
        let (files, tokens) = view.certificates.iter().partition::<Vec<_>, _>(|one| !one.token);
        line(format!("列出的证书：文件 {} 张，UKey {} 张", files.len(), tokens.len()));
        out
    }
}

fn token_view(token: &TokenFound, why: &dyn Fn(&Certificate, &str) -> String) -> TokenView {
    let (certificates, trouble) = match token.certificates() {
        Ok(found) => (found, None),
        Err(error) => (Vec::new(), Some(told(error))),
    };
    TokenView {
        label: token.label.clone(),
        serial: token.serial.clone(),
        model: format!("{} {}", token.maker, token.model).trim().to_owned(),
        pin: match token.pin {
            PinState::Ready => "可以输入",
            PinState::Low => "输错过，请核对后再输入",
            PinState::FinalTry => "只剩最后一次",
            PinState::Locked => "已锁定，须由发放单位解锁",
            PinState::Unset => "还没有设置",
        }
        .into(),
        pin_ready: matches!(token.pin, PinState::Ready | PinState::Low | PinState::FinalTry),
        certificates: certificates
            .into_iter()
            .map(|(id, certificate)| TokenCertificateView {
                holder: mask::id_numbers_in(certificate.holder()),
                unit_name: certificate.unit_name().unwrap_or_default().to_owned(),
                purpose: match (certificate.can_sign().is_ok(), certificate.can_tls()) {
                    (true, true) => "签名和登录",
                    (true, false) => "签名",
                    (false, true) => "登录",
                    (false, false) => "加密或其他用途",
                }
                .into(),
                valid_to: text::local(certificate.not_after()).date().to_string(),
                refused: why(certificate, &id),
            })
            .collect(),
        trouble,
    }
}

/// A path without the folder of whoever works here, which has his name.
fn without_home(path: &str, home: Option<&Path>) -> String {
    let inside = home.and_then(|home| Path::new(path).strip_prefix(home).ok());
    inside.map_or_else(|| path.to_owned(), |inside| Path::new("~").join(inside).display().to_string())
}

fn told(error: &SignError) -> UiError {
    let args = error.args().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    UiError::new(error.code(), args, "")
}

/// An error in full, on one line.
fn words(error: &DeskError) -> String {
    let args = error.args();
    texts::lookup(error.code()).map_or_else(
        || error.code().to_owned(),
        |text| format!("{}：{}{}", text.title, texts::fill(&text.happened, &args), texts::fill(&text.remedy, &args)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_does_not_say_whose_computer_it_is() {
        let home = Some(Path::new("/home/wangxiaomin"));
        let joined = Path::new("~").join("ukey").join("driver.so").display().to_string();
        assert_eq!(without_home("/home/wangxiaomin/ukey/driver.so", home), joined);
        for elsewhere in ["/usr/lib/driver.so", "/home/wangxiaominzhu/driver.so"] {
            assert_eq!(without_home(elsewhere, home), elsewhere, "as it is");
        }
        assert_eq!(without_home("/usr/lib/driver.so", None), "/usr/lib/driver.so");
    }
}
