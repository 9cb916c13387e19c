//! What every gatefold server shares: the system clock, logging, secrets, shutdown.
