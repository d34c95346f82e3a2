//! Named points in the submission at which a test can end the process as a power cut would.
//!
//! Compiled to nothing unless the feature `failpoints` is on; only the tests turn it on.

/// Every point, in the order a submission passes them.
pub const POINTS: &[&str] = &[
    "before-sign",
    "after-sign",
    "before-outbox",
    "after-outbox",
    "before-mark-submitting",
    "after-mark-submitting",
    "after-answer",
    "before-receipt-verified",
    "after-receipt-verified",
    "before-receipt-kept",
    "after-receipt-kept",
];

/// Every point that a withdrawal passes, in its order: it takes the center's answer as a submission does.
pub const OF_WITHDRAWAL: &[&str] = &[
    "before-withdrawal-sign",
    "after-withdrawal-sign",
    "after-withdrawal-kept",
    "after-withdrawal-answer",
    "before-receipt-verified",
    "after-receipt-verified",
    "before-receipt-kept",
    "after-receipt-kept",
    "before-withdrawal-ended",
    "after-withdrawal-ended",
];

/// Ends the process here when the environment names this point.
pub fn pass(point: &'static str) {
    debug_assert!(
        POINTS.contains(&point) || OF_WITHDRAWAL.contains(&point),
        "an unlisted point would never be tested: {point}"
    );
    #[cfg(feature = "failpoints")]
    if std::env::var("HUIJIAO_ABORT_AT").as_deref() == Ok(point) {
        std::process::abort();
    }
    #[cfg(not(feature = "failpoints"))]
    let _ = point;
}
