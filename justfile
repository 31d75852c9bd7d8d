# Short names for the long commands. `just` lists them; everything works without just as well.

# Show what there is.
default:
    @just --list

# Build and run with a database and sample articles of its own, and print addresses to try.
demo *args:
    cargo run --release -- demo {{ args }}

# Serve what the environment (MASTHEAD_…) or the flags say: `just serve --database-url sqlite://my.db`.
serve *args:
    cargo run --release -- serve {{ args }}

# Everything that has to pass before a merge. Installs what the tests need, and says so.
test *args:
    ./scripts/test {{ args }}

# The suite on SQLite, without the lint steps: `just test-sqlite slug` runs what has `slug` in its name.
test-sqlite *filter:
    ./scripts/test --fast --engine sqlite -- {{ filter }}

# The suite on a PostgreSQL cluster of its own, without the lint steps; takes a filter likewise.
test-postgres *filter:
    ./scripts/test --fast --engine postgres -- {{ filter }}

# Formatting and lints, as strict as in the test run.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, banned crates, sources and advisories of all dependencies. Installs cargo-deny the first time.
deny:
    cargo deny --version || cargo install cargo-deny --locked
    cargo deny --locked check

# Write openapi/*.json from the code's own routes and types, and the types of the TypeScript client from these.
openapi:
    ./scripts/generate

# The crates' documentation, where a warning is an error.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Measure the release binary against the least that a server can do: `just bench --quick --only W1`.
bench *args:
    ./benches/http/run {{ args }}

# Masthead on PostgreSQL in containers.
compose +args="up --build":
    docker compose {{ args }}
