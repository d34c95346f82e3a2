//! A module in a process of its own, the same program started with `--token-module`: native code of others', and the PIN
//! that it is given, stay apart from the window and its data. A driver that crashes takes only its process with it, one
//! that hangs is ended with it, and the next question starts another one, in which nobody is logged in.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::owner::{self, Driver, Interface, OnToken, Scheme};
use super::{ModuleAnswer, PinState, TokenFound};
use crate::certificate::Certificate;
use crate::error::SignError;
use crate::pin::Pin;

const ARGUMENT: &str = "--token-module";
/// Before every frame: drivers print to where answers go.
const MARK: [u8; 8] = [0x1f, 0x8d, 0x00, 0xf7, 0x02, 0xb5, 0x91, 0xe3];
/// No honest frame is larger.
const LARGEST: u32 = 16 << 20;
/// What a driver has to come to its end once nobody asks any more.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is looked whether a process that owes an answer is still there.
const LOOKED_AFTER: Duration = Duration::from_millis(100);

/// What is asked of the driver; after [`Request::LogIn`] comes the PIN, after [`Request::ChangePin`] the old one and the
/// new one.
#[derive(Serialize, Deserialize)]
enum Request {
    Look { anew: bool },
    StillHas { token: String },
    LogIn { token: String, hold: u64 },
    ChangePin { token: String },
    Join { token: String, hold: u64, another: u64 },
    Leave { token: String, hold: u64 },
    Sign { token: String, hold: u64, key: Vec<u8>, scheme: Scheme, message: Vec<u8> },
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Found(Found),
    Yes(bool),
    Done,
    Signed(Vec<u8>),
    Refused(Refusal),
}

/// [`ModuleAnswer`] on its way.
#[derive(Serialize, Deserialize)]
struct Found {
    description: String,
    maker: String,
    version: String,
    slots: usize,
    tokens: Vec<Token>,
}

/// [`TokenFound`] on its way.
#[derive(Serialize, Deserialize)]
struct Token {
    label: String,
    serial: String,
    maker: String,
    model: String,
    pin: PinState,
    by: Interface,
    keys: Result<Vec<Key>, Refusal>,
}

/// [`OnToken`] on its way, certificates as DER.
#[derive(Serialize, Deserialize)]
struct Key {
    certificate: Vec<u8>,
    chain: Vec<Vec<u8>>,
    id: Vec<u8>,
}

/// What a driver fails with, of [`SignError`].
#[derive(Serialize, Deserialize)]
enum Refusal {
    WrongPin { left: u8 },
    WrongTokenPin,
    PinForm { least: usize, most: usize },
    Locked,
    Removed,
    Cancelled,
    NotLoggedIn,
    KeyMismatch,
    Unsupported,
    Module { path: String, reason: String },
    Fault { code: String, text: String },
}

impl From<&SignError> for Refusal {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "no driver says the others; their words come across all the same"
    )]
    fn from(error: &SignError) -> Self {
        match error {
            SignError::WrongPin { left } => Self::WrongPin { left: *left },
            SignError::WrongTokenPin => Self::WrongTokenPin,
            SignError::TokenPinForm { least, most } => Self::PinForm { least: *least, most: *most },
            SignError::TokenLocked => Self::Locked,
            SignError::TokenRemoved => Self::Removed,
            SignError::Cancelled => Self::Cancelled,
            SignError::NotLoggedIn => Self::NotLoggedIn,
            SignError::KeyMismatch => Self::KeyMismatch,
            SignError::Unsupported { .. } => Self::Unsupported,
            SignError::TokenModule { path, reason } => Self::Module { path: path.clone(), reason: reason.clone() },
            SignError::TokenFault { code, text } => Self::Fault { code: code.clone(), text: text.clone() },
            other => Self::Fault { code: "-".into(), text: other.to_string() },
        }
    }
}

impl From<Refusal> for SignError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongPin { left } => Self::WrongPin { left },
            Refusal::WrongTokenPin => Self::WrongTokenPin,
            Refusal::PinForm { least, most } => Self::TokenPinForm { least, most },
            Refusal::Locked => Self::TokenLocked,
            Refusal::Removed => Self::TokenRemoved,
            Refusal::Cancelled => Self::Cancelled,
            Refusal::NotLoggedIn => Self::NotLoggedIn,
            Refusal::KeyMismatch => Self::KeyMismatch,
            Refusal::Unsupported => Self::Unsupported { what: "what the token can sign by" },
            Refusal::Module { path, reason } => Self::TokenModule { path, reason },
            Refusal::Fault { code, text } => Self::TokenFault { code, text },
        }
    }
}

impl From<ModuleAnswer> for Found {
    fn from(answer: ModuleAnswer) -> Self {
        let der = |one: &Certificate| one.der().to_vec();
        let key = |key: &OnToken| Key {
            certificate: der(&key.certificate),
            chain: key.chain.iter().map(der).collect(),
            id: key.id.clone(),
        };
        let token = |token: TokenFound| Token {
            keys: token.certificates.map(|keys| keys.iter().map(key).collect()).map_err(|error| (&*error).into()),
            label: token.label,
            serial: token.serial,
            maker: token.maker,
            model: token.model,
            pin: token.pin,
            by: token.by,
        };
        Self {
            description: answer.description,
            maker: answer.maker,
            version: answer.version,
            slots: answer.slots,
            tokens: answer.tokens.into_iter().map(token).collect(),
        }
    }
}

impl TryFrom<Key> for OnToken {
    type Error = SignError;

    fn try_from(key: Key) -> Result<Self, SignError> {
        let chain: Result<_, _> = key.chain.iter().map(|der| Certificate::from_der(der)).collect();
        Ok(Self { certificate: Certificate::from_der(&key.certificate)?, chain: chain?, id: key.id })
    }
}

impl From<Token> for TokenFound {
    fn from(token: Token) -> Self {
        let keys = token.keys.map_err(SignError::from);
        let keys = keys.and_then(|keys| keys.into_iter().map(OnToken::try_from).collect());
        Self {
            label: token.label,
            serial: token.serial,
            maker: token.maker,
            model: token.model,
            pin: token.pin,
            certificates: keys.map_err(Arc::new),
            by: token.by,
        }
    }
}

impl From<Found> for ModuleAnswer {
    fn from(found: Found) -> Self {
        Self {
            description: found.description,
            maker: found.maker,
            version: found.version,
            slots: found.slots,
            tokens: found.tokens.into_iter().map(TokenFound::from).collect(),
        }
    }
}

/// Serves one module if this process was started for that, and says whether it was. To be called first thing in `main` of
/// every program that looks for tokens, which then returns at once on `true`.
pub fn serve_module_if_asked() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != ARGUMENT) {
        return false;
    }
    // What a panic says is nobody's business here; whoever asked sees the pipe close.
    std::panic::set_hook(Box::new(|_| {}));
    if let (Some(path), Ok((input, output))) = (arguments.next(), pipes()) {
        serve(Path::new(&path), input, output);
    }
    true
}

/// Standard input and output without the buffers in front of them, in which a PIN would stay.
#[cfg(unix)]
fn pipes() -> io::Result<(std::fs::File, std::fs::File)> {
    use std::os::fd::AsFd;
    let (input, output) = (io::stdin().as_fd().try_clone_to_owned()?, io::stdout().as_fd().try_clone_to_owned()?);
    Ok((input.into(), output.into()))
}

#[cfg(windows)]
fn pipes() -> io::Result<(std::fs::File, std::fs::File)> {
    use std::os::windows::io::AsHandle;
    let (input, output) =
        (io::stdin().as_handle().try_clone_to_owned()?, io::stdout().as_handle().try_clone_to_owned()?);
    Ok((input.into(), output.into()))
}

fn serve(path: &Path, mut input: impl Read + Send + 'static, mut output: impl Write) {
    let (asked, questions) = sync_channel(1);
    thread::spawn(move || {
        while let Ok(question) = read_question(&mut input) {
            if asked.send(question).is_err() {
                return;
            }
        }
        drop(asked);
        // Whoever asked is gone, and the driver does not come back from what it is doing, which may be its own end: it is
        // not asked to come to that once more.
        thread::sleep(GRACE);
        if cfg!(unix) { std::process::abort() } else { std::process::exit(1) }
    });
    // A driver that hangs where it is loaded or let go holds what a thread needs to begin: that one is at work before.
    let mut questions = questions.into_iter().peekable();
    if questions.peek().is_none() {
        return;
    }
    let mut module = owner::driver(path);
    for (request, pins) in questions {
        let answer = answer(module.as_mut(), request, &pins);
        if write_frame(&mut output, &answer).is_err() {
            return;
        }
    }
}

fn answer(module: &mut dyn Driver, request: Request, pins: &[Pin]) -> Answer {
    let refused = |error: SignError| Answer::Refused((&error).into());
    match (request, pins) {
        (Request::Look { anew }, _) => module.look(anew).map_or_else(refused, |found| Answer::Found(found.into())),
        (Request::StillHas { token }, _) => module.still_has(&token).map_or_else(refused, Answer::Yes),
        (Request::LogIn { token, hold }, [pin]) => module.log_in(&token, hold, pin).map_or_else(refused, Answer::Yes),
        (Request::ChangePin { token }, [old, new]) => {
            module.change_pin(&token, old, new).map_or_else(refused, |()| Answer::Done)
        }
        (Request::LogIn { .. } | Request::ChangePin { .. }, _) => Answer::Refused(Refusal::NotLoggedIn),
        (Request::Join { token, hold, another }, _) => {
            module.join(&token, hold, another).map_or_else(refused, |()| Answer::Done)
        }
        (Request::Leave { token, hold }, _) => {
            module.leave(&token, hold);
            Answer::Done
        }
        (Request::Sign { token, hold, key, scheme, message }, _) => {
            module.sign(&token, hold, &key, scheme, &message).map_or_else(refused, Answer::Signed)
        }
    }
}

fn read_question(input: &mut impl Read) -> io::Result<(Request, Vec<Pin>)> {
    let request = read_frame(input)?;
    let pins = match &request {
        Request::LogIn { .. } => 1,
        Request::ChangePin { .. } => 2,
        Request::Look { .. }
        | Request::StillHas { .. }
        | Request::Join { .. }
        | Request::Leave { .. }
        | Request::Sign { .. } => 0,
    };
    let pins: io::Result<_> = (0..pins).map(|_| read_pin(input)).collect();
    Ok((request, pins?))
}

fn read_pin(input: &mut impl Read) -> io::Result<Pin> {
    let octets = Zeroizing::new(read_octets(input)?);
    let text = std::str::from_utf8(&octets).map_err(io::Error::other)?;
    Ok(Pin::new(text))
}

fn write_frame<T: Serialize>(output: &mut impl Write, said: &T) -> io::Result<()> {
    let octets = postcard::to_stdvec(said).map_err(io::Error::other)?;
    let length = u32::try_from(octets.len()).map_err(io::Error::other)?;
    // At once, so that nothing printed comes in between.
    output.write_all(&[&MARK[..], &length.to_le_bytes(), &octets].concat())?;
    output.flush()
}

fn read_frame<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<T> {
    let mut last = [0; MARK.len()];
    while last != MARK {
        last.rotate_left(1);
        input.read_exact(&mut last[MARK.len() - 1..])?;
    }
    postcard::from_bytes(&read_octets(input)?).map_err(io::Error::other)
}

fn read_octets(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LARGEST {
        return Err(io::Error::other("frame too large"));
    }
    // Of its full length from the start: a PIN leaves no copy behind that grew.
    let mut octets = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    input.read_exact(&mut octets)?;
    Ok(octets)
}

/// How the driver failed when it was looked at last.
#[derive(Clone, Copy)]
enum Failure {
    Crashed,
    Silent,
}

/// The process of a module, as whoever asks it sees it.
pub(super) struct ModuleProcess {
    program: PathBuf,
    module: PathBuf,
    /// Where it is spoken to, while it runs, and what it answers.
    pipes: Option<(ChildStdin, Receiver<io::Result<Answer>>)>,
    ending: Ending,
    /// It is not started again before somebody looks anew: every list of keys would wait for it.
    failed: Option<Failure>,
    /// The time of the file's last change: a driver that was replaced is another one.
    changed: Option<SystemTime>,
    /// Who has a place at which token. It outlives the process: the next right PIN gives the login back to all of them.
    places: BTreeMap<String, BTreeSet<u64>>,
    /// Tokens whose places this process does not know.
    unknown: BTreeSet<String>,
}

/// Ends a process from outside of the thread that waits for it.
#[derive(Clone, Default)]
pub(super) struct Ending(Arc<Mutex<Option<Running>>>);

struct Running {
    child: Child,
    /// By [`Ending::end`].
    ended: bool,
}

impl Ending {
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it, whatever its driver is doing.
    pub(super) fn end(&self) {
        if let Some(running) = self.running().as_mut() {
            running.ended = true;
            // One that is gone needs no end.
            let _ = running.child.kill();
        }
    }

    /// Whether the process has come to its end, by itself or not.
    fn is_over(&self) -> bool {
        self.running().as_mut().is_none_or(|running| !matches!(running.child.try_wait(), Ok(None)))
    }
}

impl ModuleProcess {
    /// Of the module in this file, served by this program; it is started with the first question.
    pub(super) fn new(program: &Path, module: &Path) -> Self {
        Self {
            program: program.to_owned(),
            module: module.to_owned(),
            pipes: None,
            ending: Ending::default(),
            failed: None,
            changed: None,
            places: BTreeMap::new(),
            unknown: BTreeSet::new(),
        }
    }

    pub(super) fn ending(&self) -> Ending {
        self.ending.clone()
    }

    fn start(&mut self) -> Result<(), SignError> {
        let failed = |reason: String| SignError::TokenModule { path: self.module.display().to_string(), reason };
        let mut command = Command::new(&self.program);
        command.arg(ARGUMENT).arg(&self.module).stderr(Stdio::null());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|error| failed(error.to_string()))?;
        let (says, answers) = channel();
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            thread::spawn(move || {
                loop {
                    let answer = read_frame(&mut output);
                    let last = answer.is_err();
                    if says.send(answer).is_err() || last {
                        return;
                    }
                }
            });
        }
        self.pipes = child.stdin.take().map(|input| (input, answers));
        *self.ending.running() = Some(Running { child, ended: false });
        Ok(())
    }

    /// Takes leave of the process, and says how it came to its end.
    fn stop(&mut self) -> Failure {
        self.pipes = None;
        self.unknown = self.places.keys().cloned().collect();
        let running = self.ending.running().take();
        running.map_or(Failure::Crashed, |mut running| {
            // Whether it is gone already or not, in the end it is.
            let _ = running.child.kill();
            let _ = running.child.wait();
            if running.ended { Failure::Silent } else { Failure::Crashed }
        })
    }

    fn ask(&mut self, request: &Request, pins: &[&Pin]) -> Result<Answer, SignError> {
        if self.pipes.is_none() {
            self.start()?;
        }
        let ending = &self.ending;
        let said = self.pipes.as_mut().map(|(input, answers)| {
            write_frame(input, request)?;
            for pin in pins {
                let pin = pin.expose().as_bytes();
                let length = u32::try_from(pin.len()).map_err(io::Error::other)?;
                input.write_all(&length.to_le_bytes())?;
                input.write_all(pin)?;
            }
            let mut over = false;
            loop {
                // What a driver has started may keep the pipe open after the driver's own end.
                match answers.recv_timeout(LOOKED_AFTER) {
                    Ok(answer) => return answer,
                    Err(RecvTimeoutError::Timeout) if !over => over = ending.is_over(),
                    Err(gone) => return Err(io::Error::other(gone)),
                }
            }
        });
        match said {
            Some(Ok(Answer::Refused(refusal))) => Err(refusal.into()),
            Some(Ok(answer)) => Ok(answer),
            Some(Err(_)) | None => {
                let failure = self.stop();
                Err(self.error(failure))
            }
        }
    }

    fn error(&self, failure: Failure) -> SignError {
        let path = self.module.display().to_string();
        match failure {
            Failure::Crashed => SignError::TokenCrashed { path },
            Failure::Silent => SignError::TokenSilent { path },
        }
    }

    fn yes_or_no(&mut self, request: &Request, pins: &[&Pin]) -> Result<bool, SignError> {
        let answer = self.ask(request, pins)?;
        if let Answer::Yes(yes) = answer { Ok(yes) } else { Err(self.strange()) }
    }

    /// It answered something else than what it was asked.
    fn strange(&mut self) -> SignError {
        self.stop();
        self.error(Failure::Crashed)
    }
}

impl Driver for ModuleProcess {
    fn look(&mut self, anew: bool) -> Result<ModuleAnswer, SignError> {
        let changed = std::fs::metadata(&self.module).and_then(|file| file.modified()).ok();
        if self.changed != changed {
            self.changed = changed;
            self.failed = None;
            self.stop();
        }
        if anew {
            self.failed = None;
        }
        if let Some(failure) = self.failed {
            return Err(self.error(failure));
        }
        let before = self.pipes.is_some();
        let mut answer = self.ask(&Request::Look { anew }, &[]);
        // One that was gone meanwhile, say with its token, need not crash again.
        if before && matches!(answer, Err(SignError::TokenCrashed { .. })) {
            answer = self.ask(&Request::Look { anew }, &[]);
        }
        let error = match answer {
            Ok(Answer::Found(found)) => return Ok(found.into()),
            Ok(_) => self.strange(),
            Err(error) => error,
        };
        if let SignError::TokenCrashed { .. } = error {
            self.failed = Some(Failure::Crashed);
        } else if let SignError::TokenSilent { .. } = error {
            self.failed = Some(Failure::Silent);
        }
        Err(error)
    }

    fn still_has(&mut self, token: &str) -> Result<bool, SignError> {
        self.yes_or_no(&Request::StillHas { token: token.to_owned() }, &[])
    }

    fn log_in(&mut self, token: &str, hold: u64, pin: &Pin) -> Result<bool, SignError> {
        let pss = self.yes_or_no(&Request::LogIn { token: token.to_owned(), hold }, &[pin])?;
        if self.unknown.remove(token) {
            for another in self.places.get(token).cloned().unwrap_or_default() {
                self.join(token, hold, another)?;
            }
        }
        self.places.entry(token.to_owned()).or_default().insert(hold);
        Ok(pss)
    }

    fn change_pin(&mut self, token: &str, old: &Pin, new: &Pin) -> Result<(), SignError> {
        let answer = self.ask(&Request::ChangePin { token: token.to_owned() }, &[old, new])?;
        if let Answer::Done = answer { Ok(()) } else { Err(self.strange()) }
    }

    fn join(&mut self, token: &str, hold: u64, another: u64) -> Result<(), SignError> {
        let answer = self.ask(&Request::Join { token: token.to_owned(), hold, another }, &[])?;
        let Answer::Done = answer else { return Err(self.strange()) };
        self.places.entry(token.to_owned()).or_default().insert(another);
        Ok(())
    }

    fn leave(&mut self, token: &str, hold: u64) {
        if let Some(places) = self.places.get_mut(token) {
            places.remove(&hold);
            if places.is_empty() {
                self.places.remove(token);
            }
        }
        // With a process that is gone everybody has left.
        if self.pipes.is_some() {
            let _ = self.ask(&Request::Leave { token: token.to_owned(), hold }, &[]);
        }
    }

    fn sign(
        &mut self,
        token: &str,
        hold: u64,
        key: &[u8],
        scheme: Scheme,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let (token, key, message) = (token.to_owned(), key.to_vec(), message.to_vec());
        let answer = self.ask(&Request::Sign { token, hold, key, scheme, message }, &[])?;
        if let Answer::Signed(signature) = answer { Ok(signature) } else { Err(self.strange()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_a_driver_prints_is_not_taken_for_an_answer() {
        let mut said = b"SKF v1.2 loaded\n".to_vec();
        write_frame(&mut said, &Answer::Yes(true)).unwrap();
        said.extend_from_slice(&MARK[..3]);
        write_frame(&mut said, &Answer::Signed(vec![7; 64])).unwrap();
        let mut said = said.as_slice();
        assert!(matches!(read_frame(&mut said).unwrap(), Answer::Yes(true)));
        assert!(matches!(read_frame(&mut said).unwrap(), Answer::Signed(signature) if signature == [7; 64]));
        assert!(read_frame::<Answer>(&mut said).is_err(), "and with the pipe closed nothing is made up");
    }

    #[test]
    fn a_pin_comes_across_as_it_was_typed_and_only_with_a_login() {
        let mut said = Vec::new();
        write_frame(&mut said, &Request::LogIn { token: "a".into(), hold: 3 }).unwrap();
        said.extend_from_slice(&8u32.to_le_bytes());
        said.extend_from_slice("密码12".as_bytes());
        write_frame(&mut said, &Request::Look { anew: true }).unwrap();
        let mut said = said.as_slice();
        let (request, pin) = read_question(&mut said).unwrap();
        assert!(matches!(request, Request::LogIn { hold: 3, .. }) && pin[0].is(&Pin::new("密码12")));
        let (request, pin) = read_question(&mut said).unwrap();
        assert!(matches!(request, Request::Look { anew: true }) && pin.is_empty());
    }
}
