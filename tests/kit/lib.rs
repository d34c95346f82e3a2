//! What the tests share: builders, a center on a free port, a fixed clock.
