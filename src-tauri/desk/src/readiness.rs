//! 办理前检查: what has to be there before anything can be filed, as one list.

use huijiao_documents::{Fonts, MissingFont};
use huijiao_domain::profile::validate;
use huijiao_domain::texts;
use huijiao_signing::{Kept, ModuleFound, Role};

use crate::error::DeskError;
use crate::month::certificates_end;
use crate::notices::when;
use crate::papers::has_viewer;
use crate::review::{As, certificates, unusable};
use crate::session::Session;
use crate::views::{CertificateView, DeadlineView, ProfileOrigin, ReadyLine, ReadyPart, ReadyState, SessionView};
use crate::{Desk, profiles};

impl Desk {
    /// How each thing stands that filing needs: the connection, a certificate, the driver of a token, the right, the roster,
    /// the rules, the clock; what its papers need; and, for what is filed, a way to open it again.
    ///
    /// # Errors
    /// When no unit is open.
    pub fn readiness(&self) -> Result<Vec<ReadyLine>, DeskError> {
        let signs = self.inner().session()?.signs();
        let keys = if signs { self.keys_here()? } else { Vec::new() };
        let by_file = {
            let inner = self.inner();
            let (now, session) = (self.now(&inner), inner.session()?);
            keys.iter().any(|key| key.kept == Kept::File && unusable(session, key, now, As::Anybody).is_none())
        };
        // A driver that hangs keeps nobody waiting who does not need it.
        let modules = if signs && !by_file { self.config.tokens.modules_found() } else { Vec::new() };
        let inner = self.inner();
        let (now, session) = (self.now(&inner), inner.session()?);
        let view = session.view(now);
        let rules = &session.info.profile;
        let (_, origin) = profiles::known(&inner, &rules.code)?;
        let ends = certificates_end(session, &keys, now, session.known(now).today);
        let held = certificates(session, keys, now, As::Anybody);
        let mut parts = vec![
            (ReadyPart::Connection, connection(session, &view)),
            (ReadyPart::Certificate, certificate(session, &held, &ends)),
            (ReadyPart::Driver, driver(signs, by_file, &modules)),
            (ReadyPart::Role, role(session, &view)),
            (ReadyPart::Roster, roster(session, &view)),
            (ReadyPart::Rules, of_rules(&rules.name, origin, validate(rules).len())),
            (ReadyPart::Clock, clock(session, &view)),
            (ReadyPart::Fonts, fonts(Fonts::missing())),
            (ReadyPart::Printing, printing(has_viewer())),
        ];
        if !session.connection.demo {
            let locks = !self.unlock_ways(&inner).is_empty();
            parts.push((ReadyPart::Recovery, recovery(self.wants_recovery(&inner), locks)));
        }
        Ok(parts.into_iter().map(|(part, (state, said))| ReadyLine { part, state, said }).collect())
    }
}

type Standing = (ReadyState, String);

fn unneeded(said: &str) -> Standing {
    (ReadyState::Unneeded, said.into())
}

fn connection(session: &Session, view: &SessionView) -> Standing {
    if session.gateway.is_none() {
        return unneeded("这个中心用上传文件办理，不用连接");
    }
    if session.is_stale() {
        return (ReadyState::Bad, format!("连不上{}：{}", view.center_name, texts::title(&view.connection)));
    }
    (ReadyState::Good, format!("能连上{}", view.center_name))
}

fn clock(session: &Session, view: &SessionView) -> Standing {
    if session.gateway.is_none() {
        return unneeded("不连接中心，不核对时间");
    }
    if session.is_stale() {
        return (ReadyState::Warn, "连不上中心，还没有核对时间".into());
    }
    match view.clock_skew_minutes {
        Some(minutes) => {
            let said = format!("本机时钟与中心相差 {} 分钟，请在系统设置里校准日期、时间和时区", minutes.abs());
            (ReadyState::Warn, said)
        }
        None => (ReadyState::Good, "本机时钟与中心一致".into()),
    }
}

/// Filing goes on without them; the papers do not.
fn fonts(missing: Option<MissingFont>) -> Standing {
    match missing {
        None => (ReadyState::Good, "打印单证的字体都在".into()),
        Some(MissingFont::Main(file)) => (ReadyState::Warn, format!("没有字体 {file}，单证不能预览和打印")),
        Some(MissingFont::Rare(file)) => {
            (ReadyState::Warn, format!("没有生僻字字体 {file}，名字里有生僻字的单证打印不出来"))
        }
    }
}

fn printing(viewer: bool) -> Standing {
    if viewer {
        return (ReadyState::Good, "单证用系统的 PDF 阅读器打开，在那里选打印机".into());
    }
    (ReadyState::Warn, "系统没有打开文件的程序（xdg-open），单证只能保存，不能直接打印".into())
}

fn certificate(session: &Session, held: &[CertificateView], ends: &[DeadlineView]) -> Standing {
    if !session.signs() {
        return unneeded("没有登记签名用的根证书，不签名，不用证书");
    }
    // The first can be used if any can.
    let Some(best) = held.first() else {
        return (ReadyState::Bad, "这台计算机上没有证书，也没有插入 UKey".into());
    };
    if let Some(reason) = &best.reason {
        return (ReadyState::Bad, format!("没有能用的证书：{}", texts::title(reason)));
    }
    let named = |one: &CertificateView| format!("{}，有效期至 {}", one.holder, one.valid_to);
    let login = held.iter().find(|one| session.login_key() == Some(&one.certificate));
    let logs_in = session.gateway.is_some();
    if logs_in && login.is_none() {
        return (ReadyState::Warn, format!("还没有用这台计算机上的证书登录；可以用的：{}", named(best)));
    }
    match ends.first() {
        // Where nobody logs in, somebody else can still sign.
        Some(end) if end.days_left < 0 && logs_in => (ReadyState::Bad, end.label.clone()),
        Some(end) => (ReadyState::Warn, format!("{}：{}", end.label, when(end))),
        None => (ReadyState::Good, named(login.unwrap_or(best))),
    }
}

/// `by_file`: somebody can sign with a key file; then nobody looked for the modules.
fn driver(signs: bool, by_file: bool, modules: &[ModuleFound]) -> Standing {
    if !signs {
        return unneeded("不签名，不用 UKey 的驱动");
    }
    if by_file {
        return unneeded("用文件证书签名，不用 UKey 的驱动");
    }
    let answers = modules.iter().filter_map(|module| module.answer.as_ref().ok());
    let tokens: usize = answers.map(|answer| answer.tokens.len()).sum();
    if tokens > 0 {
        return (ReadyState::Good, format!("驱动正常，插好 UKey {tokens} 个"));
    }
    let refuses = modules.iter().find_map(|module| module.answer.as_ref().err().map(|error| (module, error)));
    if let Some((module, error)) = refuses {
        let named = module.product.clone().unwrap_or_else(|| module.path.display().to_string());
        return (ReadyState::Warn, format!("「{named}」的驱动：{}", texts::title(error.code())));
    }
    let said = if modules.is_empty() {
        "没有找到 UKey 的驱动；证书在 UKey 里的，请安装它附带的驱动"
    } else {
        "驱动正常，没有插好的 UKey"
    };
    (ReadyState::Warn, said.into())
}

fn role(session: &Session, view: &SessionView) -> Standing {
    if session.gateway.is_none() {
        return unneeded("不登录中心，不分权限");
    }
    if view.role.is_empty() {
        return (ReadyState::Warn, "中心还没有说明这张证书的权限".into());
    }
    if session.has_role(Role::Clerk) {
        return (ReadyState::Good, format!("{}：可以经办", view.role));
    }
    (ReadyState::Warn, format!("{}：不能经办", view.role))
}

fn roster(session: &Session, view: &SessionView) -> Standing {
    let Some(roster) = &view.roster else {
        return (ReadyState::Bad, "还没有取得清册，无法核对人员".into());
    };
    let said = format!("{} 人，{} 取得", roster.people, roster.taken_at);
    if session.gateway.is_some() && session.is_stale() {
        return (ReadyState::Warn, format!("{said}，可能不是最新的"));
    }
    (ReadyState::Good, said)
}

fn of_rules(name: &str, origin: ProfileOrigin, problems: usize) -> Standing {
    if problems > 0 {
        return (ReadyState::Bad, format!("「{name}」的规则有 {problems} 处不对"));
    }
    match origin {
        ProfileOrigin::Center => (ReadyState::Good, format!("{name}下发的规则")),
        ProfileOrigin::Own | ProfileOrigin::File => (ReadyState::Good, format!("您保存的规则「{name}」")),
        ProfileOrigin::Shipped | ProfileOrigin::City => {
            (ReadyState::Warn, format!("软件附带的参考规则「{name}」，请向中心核对后保存为自己的规则"))
        }
    }
}

fn recovery(missing: bool, locks: bool) -> Standing {
    if missing {
        let lost = "没有设置恢复口令：系统密钥库一旦失去钥匙，本机数据就打不开了";
        let open = if locks { "" } else { "；没有能解锁的口令，无操作时也不会锁屏" };
        return (ReadyState::Warn, format!("{lost}{open}"));
    }
    (ReadyState::Good, "系统密钥库失去钥匙时，可以用口令打开本机数据".into())
}

#[cfg(test)]
mod tests {
    use huijiao_signing::{ModuleAnswer, SignError};

    use super::*;

    #[test]
    fn what_the_papers_lack_is_named_and_keeps_nobody_from_filing() {
        assert_eq!(fonts(None).0, ReadyState::Good);
        for (missing, file) in [(MissingFont::Main("M.ttc"), "M.ttc"), (MissingFont::Rare("R.ttf"), "R.ttf")] {
            let (state, said) = fonts(Some(missing));
            assert_eq!(state, ReadyState::Warn, "one can file without printing");
            assert!(said.contains(file), "which one to install: {said}");
        }
        assert_eq!((printing(true).0, printing(false).0), (ReadyState::Good, ReadyState::Warn));
    }

    #[test]
    fn who_signs_with_a_token_is_told_of_its_driver_and_nobody_else() {
        let module = |answer| ModuleFound { product: Some("某 UKey".into()), path: "/opt/ukey.so".into(), answer };
        let empty = || {
            let (description, maker, version) = (String::new(), String::new(), String::new());
            module(Ok(ModuleAnswer { description, maker, version, slots: 1, tokens: Vec::new() }))
        };
        let broken =
            || module(Err(SignError::TokenModule { path: "/opt/ukey.so".into(), reason: "wrong processor".into() }));
        assert_eq!(driver(false, false, &[broken()]).0, ReadyState::Unneeded, "nothing is signed here");
        assert_eq!(driver(true, true, &[broken()]).0, ReadyState::Unneeded, "a key file signs");
        let (state, said) = driver(true, false, &[]);
        assert!(state == ReadyState::Warn && said.contains("请安装"), "{said}");
        let (state, said) = driver(true, false, &[empty()]);
        assert!(state == ReadyState::Warn && said.contains("没有插好"), "{said}");
        let (state, said) = driver(true, false, &[empty(), broken()]);
        assert!(state == ReadyState::Warn && said.contains("某 UKey"), "which one cannot be used: {said}");
        assert!(said.contains(texts::title("sign-token-module")), "and why: {said}");
    }

    #[test]
    fn rules_that_nobody_has_confirmed_or_that_contradict_themselves_are_not_good() {
        let state = |origin, problems| of_rules("某市", origin, problems).0;
        assert_eq!(state(ProfileOrigin::Center, 0), ReadyState::Good);
        assert_eq!(state(ProfileOrigin::Own, 0), ReadyState::Good);
        assert_eq!(state(ProfileOrigin::Shipped, 0), ReadyState::Warn);
        assert_eq!(state(ProfileOrigin::City, 0), ReadyState::Warn);
        assert_eq!(state(ProfileOrigin::Own, 2), ReadyState::Bad);
        assert_eq!(state(ProfileOrigin::Center, 1), ReadyState::Bad, "whoever made them");
    }
}
