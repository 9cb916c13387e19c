//! The database: tables, migrations, encrypted columns, leases.
