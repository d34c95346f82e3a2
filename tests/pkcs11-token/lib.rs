//! A driver's library by PKCS#11 that passes everything on to SoftHSM2 and adds what tokens have and SoftHSM2 has not:
//! wrong PINs are counted and lock the token, and it can be pulled out in the middle of anything.
//!
//! What it goes by are files in the folder that the environment names by [`FOLDER`]: `softhsm` (the path of SoftHSM's
//! module), for each token by its label `LABEL.tries` (left; at most [`TRIES`]) and `LABEL.plug` (how often it was pulled
//! out or plugged in: an odd number is out), and `new-pin` (`OLD NEW`: what the token's PIN becomes before the next login,
//! because SoftHSM does not see what another process changes); [`CRASH`] and [`HANG`]. What each login came to is noted in
//! `logins`.
#![allow(unsafe_code, reason = "this is the other side of a C interface")]
#![allow(clippy::missing_safety_doc, reason = "callers keep to PKCS#11")]
#![allow(unreachable_pub, non_snake_case, reason = "the names are the standard's")]
#![allow(clippy::unwrap_used, clippy::unwrap_in_result, reason = "for tests only")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, OnceLock};

use cryptoki_sys::{
    CK_ATTRIBUTE, CK_BYTE, CK_FLAGS, CK_FUNCTION_LIST, CK_MECHANISM, CK_MECHANISM_TYPE, CK_NOTIFY, CK_OBJECT_HANDLE,
    CK_RV, CK_SESSION_HANDLE, CK_SESSION_INFO, CK_SLOT_ID, CK_TOKEN_INFO, CK_ULONG, CK_USER_TYPE, CK_VOID_PTR,
    CKF_RW_SESSION, CKF_SERIAL_SESSION, CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED,
    CKR_BUFFER_TOO_SMALL, CKR_DEVICE_REMOVED, CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_TOKEN_NOT_PRESENT,
    CKU_USER, Pkcs11,
};

/// Names the folder with the files that steer it.
pub const FOLDER: &str = "HUIJIAO_TEST_TOKENS";

/// Where a file of this name lies in the folder, whoever signs or has changed the PIN dies of it, as by a driver that runs
/// into its own fault.
pub const CRASH: &str = "crash";

/// Where a file of this name lies in the folder, a logout does not come back, and notes in [`HANGING`] that it has begun.
pub const HANG: &str = "hang";

/// There once a logout hangs.
pub const HANGING: &str = "hanging";

/// Wrong PINs that lock a token.
pub const TRIES: u32 = 6;

/// How often each token was pulled out or plugged in when it was last looked at.
static SEEN: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

struct SoftHsm {
    functions: CK_FUNCTION_LIST,
    _library: Pkcs11,
}

fn softhsm() -> &'static CK_FUNCTION_LIST {
    static LOADED: OnceLock<SoftHsm> = OnceLock::new();
    let load = || unsafe {
        let library = Pkcs11::new(fs::read_to_string(file("softhsm")).unwrap()).unwrap();
        let mut functions = ptr::null_mut();
        assert_eq!(library.C_GetFunctionList(&raw mut functions), CKR_OK, "SoftHSM says what it has");
        SoftHsm { functions: *functions, _library: library }
    };
    &LOADED.get_or_init(load).functions
}

/// Calls a function of SoftHSM's.
macro_rules! softhsm {
    ($name:ident($($argument:expr),*)) => { unsafe { softhsm().$name.unwrap()($($argument),*) } };
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(FOLDER).unwrap()).join(name)
}

fn number(name: &str) -> Option<u32> {
    fs::read_to_string(file(name)).ok()?.trim().parse().ok()
}

fn tries(label: &str) -> u32 {
    number(&format!("{label}.tries")).unwrap_or(TRIES)
}

/// What SoftHSM says of the token in a slot, and its label.
fn token(slot: CK_SLOT_ID) -> Result<(CK_TOKEN_INFO, String), CK_RV> {
    let mut info = CK_TOKEN_INFO::default();
    match softhsm!(C_GetTokenInfo(slot, &raw mut info)) {
        CKR_OK => Ok((info, String::from_utf8_lossy(&info.label).trim().to_owned())),
        refused => Err(refused),
    }
}

/// Whether the token in a slot is plugged in. Whatever was open when it was pulled out is not any more.
fn plugged(slot: CK_SLOT_ID) -> bool {
    let Ok((_, label)) = token(slot) else { return true };
    let now = number(&format!("{label}.plug")).unwrap_or_default();
    let before = SEEN.lock().unwrap().insert(label, now).unwrap_or_default();
    if before != now {
        softhsm!(C_CloseAllSessions(slot));
    }
    now.is_multiple_of(2)
}

/// The slot of a session whose token is plugged in.
fn slot_of(session: CK_SESSION_HANDLE) -> Result<CK_SLOT_ID, CK_RV> {
    let mut info = CK_SESSION_INFO::default();
    match softhsm!(C_GetSessionInfo(session, &raw mut info)) {
        CKR_OK if plugged(info.slotID) => Ok(info.slotID),
        CKR_OK => Err(CKR_DEVICE_REMOVED),
        refused => Err(refused),
    }
}

fn code(outcome: Result<CK_RV, CK_RV>) -> CK_RV {
    outcome.unwrap_or_else(|refused| refused)
}

unsafe extern "C" fn C_GetSlotList(present: CK_BYTE, slots: *mut CK_SLOT_ID, count: *mut CK_ULONG) -> CK_RV {
    let mut size = 0;
    let refused = softhsm!(C_GetSlotList(present, ptr::null_mut(), &raw mut size));
    if refused != CKR_OK {
        return refused;
    }
    let mut all = vec![0; usize::try_from(size).unwrap()];
    let refused = softhsm!(C_GetSlotList(present, all.as_mut_ptr(), &raw mut size));
    if refused != CKR_OK {
        return refused;
    }
    all.truncate(usize::try_from(size).unwrap());
    all.retain(|slot| present == 0 || plugged(*slot));
    unsafe {
        let room = usize::try_from(*count).unwrap();
        *count = CK_ULONG::try_from(all.len()).unwrap();
        if slots.is_null() {
            return CKR_OK;
        }
        if room < all.len() {
            return CKR_BUFFER_TOO_SMALL;
        }
        ptr::copy_nonoverlapping(all.as_ptr(), slots, all.len());
    }
    CKR_OK
}

unsafe extern "C" fn C_GetTokenInfo(slot: CK_SLOT_ID, info: *mut CK_TOKEN_INFO) -> CK_RV {
    let said = token(slot).and_then(|said| if plugged(slot) { Ok(said) } else { Err(CKR_TOKEN_NOT_PRESENT) });
    code(said.map(|(mut said, label)| {
        said.flags &= !(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
        said.flags |= match tries(&label) {
            0 => CKF_USER_PIN_LOCKED,
            1 => CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY,
            TRIES => 0,
            _ => CKF_USER_PIN_COUNT_LOW,
        };
        unsafe { *info = said };
        CKR_OK
    }))
}

unsafe extern "C" fn C_GetMechanismList(slot: CK_SLOT_ID, list: *mut CK_MECHANISM_TYPE, count: *mut CK_ULONG) -> CK_RV {
    if plugged(slot) { softhsm!(C_GetMechanismList(slot, list, count)) } else { CKR_TOKEN_NOT_PRESENT }
}

unsafe extern "C" fn C_OpenSession(
    slot: CK_SLOT_ID,
    flags: CK_FLAGS,
    application: CK_VOID_PTR,
    notify: CK_NOTIFY,
    session: *mut CK_SESSION_HANDLE,
) -> CK_RV {
    if plugged(slot) {
        softhsm!(C_OpenSession(slot, flags, application, notify, session))
    } else {
        CKR_TOKEN_NOT_PRESENT
    }
}

unsafe extern "C" fn C_Login(session: CK_SESSION_HANDLE, user: CK_USER_TYPE, pin: *mut u8, length: CK_ULONG) -> CK_RV {
    let outcome = slot_of(session).and_then(|slot| {
        let (_, label) = token(slot)?;
        change_pin(slot);
        let left = tries(&label);
        if user == CKU_USER && left == 0 {
            return Err(CKR_PIN_LOCKED);
        }
        let outcome = softhsm!(C_Login(session, user, pin, length));
        let now = match outcome {
            CKR_OK => TRIES,
            CKR_PIN_INCORRECT => left - 1,
            _ => left,
        };
        fs::write(file(&format!("{label}.tries")), now.to_string()).unwrap();
        Ok(outcome)
    });
    let outcome = code(outcome);
    let mut log = fs::File::options().create(true).append(true).open(file("logins")).unwrap();
    writeln!(log, "{outcome:x}").unwrap();
    outcome
}

/// Gives the token another PIN where a file asks for it.
fn change_pin(slot: CK_SLOT_ID) {
    let Ok(wanted) = fs::read_to_string(file("new-pin")) else { return };
    fs::remove_file(file("new-pin")).unwrap();
    let (mut old, mut fresh): (Vec<u8>, Vec<u8>) =
        wanted.split_once(' ').map(|(old, new)| (old.into(), new.into())).unwrap();
    let length = |pin: &[u8]| CK_ULONG::try_from(pin.len()).unwrap();
    let mut own = 0;
    let flags = CKF_RW_SESSION | CKF_SERIAL_SESSION;
    assert_eq!(softhsm!(C_OpenSession(slot, flags, ptr::null_mut(), None, &raw mut own)), CKR_OK);
    let (was, is) = (length(&old), length(&fresh));
    assert_eq!(softhsm!(C_SetPIN(own, old.as_mut_ptr(), was, fresh.as_mut_ptr(), is)), CKR_OK);
    softhsm!(C_CloseSession(own));
}

/// Passes functions on for as long as the token of their session is plugged in.
macro_rules! while_plugged {
    ($($name:ident($($argument:ident: $of:ty),*);)*) => {
        $(unsafe extern "C" fn $name(session: CK_SESSION_HANDLE $(, $argument: $of)*) -> CK_RV {
            code(slot_of(session).map(|_| softhsm!($name(session $(, $argument)*))))
        })*
    };
}

while_plugged! {
    C_GetAttributeValue(object: CK_OBJECT_HANDLE, template: *mut CK_ATTRIBUTE, count: CK_ULONG);
    C_FindObjectsInit(template: *mut CK_ATTRIBUTE, count: CK_ULONG);
    C_FindObjects(objects: *mut CK_OBJECT_HANDLE, room: CK_ULONG, count: *mut CK_ULONG);
    C_FindObjectsFinal();
    C_SignInit(mechanism: *mut CK_MECHANISM, key: CK_OBJECT_HANDLE);
}

unsafe extern "C" fn C_Logout(session: CK_SESSION_HANDLE) -> CK_RV {
    if file(HANG).exists() {
        fs::write(file(HANGING), "").unwrap();
        loop {
            std::thread::park();
        }
    }
    code(slot_of(session).map(|_| softhsm!(C_Logout(session))))
}

unsafe extern "C" fn C_SetPIN(
    session: CK_SESSION_HANDLE,
    old: *mut u8,
    old_length: CK_ULONG,
    new: *mut u8,
    new_length: CK_ULONG,
) -> CK_RV {
    code(slot_of(session).and_then(|slot| {
        let (_, label) = token(slot)?;
        let left = tries(&label);
        if left == 0 {
            return Err(CKR_PIN_LOCKED);
        }
        let outcome = softhsm!(C_SetPIN(session, old, old_length, new, new_length));
        if file(CRASH).exists() {
            std::process::abort();
        }
        let now = match outcome {
            CKR_OK => TRIES,
            CKR_PIN_INCORRECT => left - 1,
            _ => left,
        };
        fs::write(file(&format!("{label}.tries")), now.to_string()).unwrap();
        Ok(outcome)
    }))
}

unsafe extern "C" fn C_Sign(
    session: CK_SESSION_HANDLE,
    data: *mut u8,
    length: CK_ULONG,
    signature: *mut u8,
    size: *mut CK_ULONG,
) -> CK_RV {
    if file(CRASH).exists() {
        std::process::abort();
    }
    code(slot_of(session).map(|_| softhsm!(C_Sign(session, data, length, signature, size))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: *mut *mut CK_FUNCTION_LIST) -> CK_RV {
    static OWN: OnceLock<CK_FUNCTION_LIST> = OnceLock::new();
    let own = || CK_FUNCTION_LIST {
        C_GetFunctionList: Some(C_GetFunctionList),
        C_GetSlotList: Some(C_GetSlotList),
        C_GetTokenInfo: Some(C_GetTokenInfo),
        C_GetMechanismList: Some(C_GetMechanismList),
        C_OpenSession: Some(C_OpenSession),
        C_Login: Some(C_Login),
        C_SetPIN: Some(C_SetPIN),
        C_Logout: Some(C_Logout),
        C_GetAttributeValue: Some(C_GetAttributeValue),
        C_FindObjectsInit: Some(C_FindObjectsInit),
        C_FindObjects: Some(C_FindObjects),
        C_FindObjectsFinal: Some(C_FindObjectsFinal),
        C_SignInit: Some(C_SignInit),
        C_Sign: Some(C_Sign),
        ..*softhsm()
    };
    unsafe { *list = ptr::from_ref(OWN.get_or_init(own)).cast_mut() };
    CKR_OK
}
