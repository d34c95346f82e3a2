//! A driver's library by GM/T 0016 (SKF) whose tokens are folders beside the library's own file, so that a copy of it is
//! a driver with tokens of its own. Pulling a token out is renaming its folder.
//!
//! A token has the files `label`, `serial`, `pin` and `tries` (left; at most [`TRIES`]), and a folder for each container
//! with `sign.der` (its certificate) and `key.der` (PKCS#8). Without a key a container is one of RSA. What is open is
//! counted in the file `open` beside the library.
#![allow(unsafe_code, reason = "this is the other side of a C interface")]
#![allow(clippy::missing_safety_doc, reason = "callers keep to GM/T 0016")]
#![allow(unreachable_pub, non_snake_case, reason = "the names are the standard's")]
#![allow(clippy::unwrap_used, clippy::unwrap_in_result, reason = "for tests only")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sm2::SecretKey;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::hazmat::PrehashSigner;
use sm2::pkcs8::DecodePrivateKey;

const OK: u32 = 0;
const FAIL: u32 = 0x0A00_0001;
const INVALID_HANDLE: u32 = 0x0A00_0005;
const BUFFER_TOO_SMALL: u32 = 0x0A00_0020;
const REMOVED: u32 = 0x0A00_0023;
const PIN_INCORRECT: u32 = 0x0A00_0024;
const PIN_LOCKED: u32 = 0x0A00_0025;
const PIN_LENGTH: u32 = 0x0A00_0027;
const NOT_LOGGED_IN: u32 = 0x0A00_002D;
const NOT_THERE: u32 = 0x0A00_002E;
const CERTIFICATE_MISSING: u32 = 0x0A00_001C;

/// Wrong PINs that lock a token.
pub const TRIES: u32 = 6;
const USER: u32 = 1;
const APPLICATION: &str = "HUIJIAO";

enum Open {
    Device(PathBuf),
    Application { token: PathBuf, proven: bool },
    Container { application: usize, folder: PathBuf },
}

struct State {
    next: usize,
    open: BTreeMap<usize, Open>,
}

static STATE: Mutex<State> = Mutex::new(State { next: 1, open: BTreeMap::new() });

/// The folder that this very library was loaded from: of the file that is mapped where its code is.
fn here() -> PathBuf {
    let code = SKF_EnumDev as *const () as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let file = maps.lines().find_map(|line| {
        let (range, _) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let within = (usize::from_str_radix(from, 16).ok()?..usize::from_str_radix(to, 16).ok()?).contains(&code);
        within.then(|| line.find('/').map(|at| PathBuf::from(&line[at..])))?
    });
    file.unwrap().parent().unwrap().to_owned()
}

fn text(token: &Path, name: &str) -> String {
    fs::read_to_string(token.join(name)).unwrap_or_default().trim().to_owned()
}

fn tries(token: &Path) -> u32 {
    text(token, "tries").parse().unwrap_or(TRIES)
}

impl State {
    fn add(&mut self, open: Open) -> usize {
        let handle = self.next;
        self.next += 1;
        self.open.insert(handle, open);
        self.count();
        handle
    }

    fn count(&self) {
        fs::write(here().join("open"), self.open.len().to_string()).unwrap();
    }

    fn close(&mut self, handle: usize) -> u32 {
        let known = self.open.remove(&handle).is_some();
        self.count();
        if known { OK } else { INVALID_HANDLE }
    }

    fn device(&self, handle: usize) -> Result<&Path, u32> {
        let Some(Open::Device(token)) = self.open.get(&handle) else { return Err(INVALID_HANDLE) };
        if token.is_dir() { Ok(token) } else { Err(REMOVED) }
    }

    fn application(&mut self, handle: usize) -> Result<(&Path, &mut bool), u32> {
        let Some(Open::Application { token, proven }) = self.open.get_mut(&handle) else { return Err(INVALID_HANDLE) };
        if token.is_dir() { Ok((token, proven)) } else { Err(REMOVED) }
    }

    fn container(&self, handle: usize) -> Result<(&Path, bool), u32> {
        let Some(Open::Container { application, folder }) = self.open.get(&handle) else { return Err(INVALID_HANDLE) };
        let Some(Open::Application { token, proven }) = self.open.get(application) else { return Err(INVALID_HANDLE) };
        if token.is_dir() { Ok((folder, *proven)) } else { Err(REMOVED) }
    }
}

fn with(work: impl FnOnce(&mut State) -> Result<(), u32>) -> u32 {
    match work(&mut STATE.lock().unwrap()) {
        Ok(()) => OK,
        Err(code) => code,
    }
}

/// Writes bytes where a caller has room for so many, and how many they are.
unsafe fn give(bytes: &[u8], into: *mut u8, size: *mut u32) -> Result<(), u32> {
    unsafe {
        let room = usize::try_from(*size).unwrap();
        *size = u32::try_from(bytes.len()).unwrap();
        if into.is_null() {
            return Ok(());
        }
        if room < bytes.len() {
            return Err(BUFFER_TOO_SMALL);
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), into, bytes.len());
    }
    Ok(())
}

fn list(names: &[String]) -> Vec<u8> {
    let mut all: Vec<u8> = names.iter().flat_map(|name| name.bytes().chain([0])).collect();
    all.push(0);
    all
}

fn folders(of: &Path) -> Vec<String> {
    let entries = fs::read_dir(of).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

unsafe fn named(name: *const c_char) -> String {
    unsafe { CStr::from_ptr(name) }.to_str().unwrap().to_owned()
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_EnumDev(_present: i32, names: *mut u8, size: *mut u32) -> u32 {
    let here = here();
    let tokens: Vec<String> =
        folders(&here).into_iter().filter(|name| here.join(name).join("serial").is_file()).collect();
    with(|_| unsafe { give(&list(&tokens), names, size) })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ConnectDev(name: *const c_char, device: *mut usize) -> u32 {
    with(|state| {
        let token = here().join(unsafe { named(name) });
        if !token.is_dir() {
            return Err(REMOVED);
        }
        unsafe { *device = state.add(Open::Device(token)) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_DisConnectDev(device: usize) -> u32 {
    STATE.lock().unwrap().close(device)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_GetDevInfo(device: usize, info: *mut u8) -> u32 {
    with(|state| {
        let token = state.device(device)?;
        for (at, what) in [(2, "汇缴通测试".to_owned()), (130, text(token, "label")), (162, text(token, "serial"))]
        {
            unsafe { std::ptr::copy_nonoverlapping(what.as_ptr(), info.add(at), what.len().min(31)) };
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_EnumApplication(device: usize, names: *mut u8, size: *mut u32) -> u32 {
    with(|state| {
        state.device(device)?;
        unsafe { give(&list(&[APPLICATION.to_owned()]), names, size) }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_OpenApplication(device: usize, name: *const c_char, application: *mut usize) -> u32 {
    with(|state| {
        let token = state.device(device)?.to_owned();
        if unsafe { named(name) } != APPLICATION {
            return Err(NOT_THERE);
        }
        unsafe { *application = state.add(Open::Application { token, proven: false }) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_CloseApplication(application: usize) -> u32 {
    STATE.lock().unwrap().close(application)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_GetPINInfo(
    application: usize,
    _kind: u32,
    most: *mut u32,
    left: *mut u32,
    first: *mut u32,
) -> u32 {
    with(|state| {
        let (token, _) = state.application(application)?;
        unsafe { (*most, *left, *first) = (TRIES, tries(token), 0) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_VerifyPIN(application: usize, kind: u32, pin: *const c_char, left: *mut u32) -> u32 {
    with(|state| {
        let (token, proven) = state.application(application)?;
        *proven = false;
        if kind != USER {
            return Err(FAIL);
        }
        let before = tries(token);
        if before == 0 {
            unsafe { *left = 0 };
            return Err(PIN_LOCKED);
        }
        let right = text(token, "pin") == unsafe { named(pin) };
        let now = if right { TRIES } else { before - 1 };
        fs::write(token.join("tries"), now.to_string()).unwrap();
        unsafe { *left = now };
        *proven = right;
        if right { Ok(()) } else { Err(PIN_INCORRECT) }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ChangePIN(
    application: usize,
    kind: u32,
    old: *const c_char,
    new: *const c_char,
    left: *mut u32,
) -> u32 {
    with(|state| {
        let (token, proven) = state.application(application)?;
        if kind != USER {
            return Err(FAIL);
        }
        let before = tries(token);
        if before == 0 {
            unsafe { *left = 0 };
            return Err(PIN_LOCKED);
        }
        let right = text(token, "pin") == unsafe { named(old) };
        let now = if right { TRIES } else { before - 1 };
        fs::write(token.join("tries"), now.to_string()).unwrap();
        unsafe { *left = now };
        if !right {
            return Err(PIN_INCORRECT);
        }
        let new = unsafe { named(new) };
        // This make takes eight at most.
        if !(6..=8).contains(&new.len()) {
            return Err(PIN_LENGTH);
        }
        fs::write(token.join("pin"), new).unwrap();
        *proven = false;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ClearSecureState(application: usize) -> u32 {
    with(|state| {
        *state.application(application)?.1 = false;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_EnumContainer(application: usize, names: *mut u8, size: *mut u32) -> u32 {
    with(|state| {
        let containers = folders(state.application(application)?.0);
        unsafe { give(&list(&containers), names, size) }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_OpenContainer(application: usize, name: *const c_char, container: *mut usize) -> u32 {
    with(|state| {
        let folder = state.application(application)?.0.join(unsafe { named(name) });
        if !folder.is_dir() {
            return Err(FAIL);
        }
        unsafe { *container = state.add(Open::Container { application, folder }) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_CloseContainer(container: usize) -> u32 {
    STATE.lock().unwrap().close(container)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_GetContainerType(container: usize, kind: *mut u32) -> u32 {
    with(|state| {
        let ecc = state.container(container)?.0.join("key.der").is_file();
        unsafe { *kind = if ecc { 2 } else { 1 } };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ExportCertificate(container: usize, sign: i32, der: *mut u8, size: *mut u32) -> u32 {
    with(|state| {
        let (folder, _) = state.container(container)?;
        let file = folder.join(if sign != 0 { "sign.der" } else { "exchange.der" });
        let bytes = fs::read(file).map_err(|_| CERTIFICATE_MISSING)?;
        unsafe { give(&bytes, der, size) }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SKF_ECCSignData(container: usize, data: *const u8, length: u32, blob: *mut u8) -> u32 {
    with(|state| {
        let (folder, proven) = state.container(container)?;
        if !proven {
            return Err(NOT_LOGGED_IN);
        }
        // A digest, and nothing else: the token makes none itself here.
        if length != 32 {
            return Err(FAIL);
        }
        let digest = unsafe { std::slice::from_raw_parts(data, 32) };
        let key = SecretKey::from_pkcs8_der(&fs::read(folder.join("key.der")).unwrap()).unwrap();
        let signature = SigningKey::new("1234567812345678", &key).unwrap().sign_prehash(digest).map_err(|_| FAIL)?;
        let raw = signature.to_bytes();
        unsafe {
            std::ptr::write_bytes(blob, 0, 128);
            std::ptr::copy_nonoverlapping(raw.as_ptr(), blob.add(32), 32);
            std::ptr::copy_nonoverlapping(raw.as_ptr().add(32), blob.add(96), 32);
        }
        Ok(())
    })
}
