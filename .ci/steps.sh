# shellcheck shell=bash
# The steps of ./test: step_NAME runs in the clone's root with errexit on, describe says what for.

describe() {
  case $1 in
    scripts) echo "the shell scripts parse, and shellcheck has nothing to say" ;;
    fmt) echo "every file is as rustfmt writes it" ;;
    clippy) echo "no lint, in any target" ;;
    docs) echo "the documentation builds, its links lead somewhere" ;;
    deny) echo "licences, sources and bans of the dependencies" ;;
    wasm) echo "the pure crates compile for wasm32" ;;
    js) echo "JavaScript: the sealed URL's second implementation, the parts of the service worker" ;;
    tests) echo "all tests: units, integration, whole system" ;;
    unit) echo "the tests of the crates, without the whole-system ones" ;;
    e2e) echo "the whole-system tests" ;;
    doctests) echo "the examples in the documentation" ;;
    fuzz) echo "the fuzz targets hold on their corpora" ;;
    advisories) echo "no dependency has a known vulnerability" ;;
    long) echo "an edge among hostile origins and clients at length, a recording of 2 GB, 200 kills" ;;
    bench) echo "comparison with other servers and the speed of a play, release build" ;;
    fuzz-long) echo "the fuzz targets look for something new" ;;
  esac
}

# Is there a fuzz workspace in this clone? It is one of its own: cargo's --workspace passes it by.
has_fuzz() { [[ -e fuzz/Cargo.toml ]]; }

# Fails unless one of the commands $3... exists; $1 says what for, $2 is Debian's package.
need() {
  local purpose=$1 package=$2 command
  shift 2
  for command in "$@"; do
    if PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null; then return; fi
  done
  echo "$1 is missing ($purpose); on Debian: apt-get install $package" >&2
  return 1
}

bring_nextest() { bring cargo-nextest "$NEXTEST_VERSION" "$NEXTEST_MINIMUM" newer "$NEXTEST_FEATURES"; }
bring_deny() { bring cargo-deny "$CARGO_DENY_VERSION" "$CARGO_DENY_MINIMUM" series ""; }
# No cargo subcommand, so one that is installed is never asked for its version: ours is brought.
bring_s3() { bring s3s-fs "$S3S_FS_VERSION" "$S3S_FS_VERSION" newer "$S3S_FS_FEATURES"; }

step_scripts() {
  local scripts=(test .ci/run .ci/*.sh)
  bash -n "${scripts[@]}"
  if command -v shellcheck >/dev/null; then
    shellcheck --external-sources "${scripts[@]}"
  else
    not_checked shellcheck "not installed; on Debian: apt-get install shellcheck"
  fi
}

step_fmt() {
  cargo fmt --all --check
  if has_fuzz; then
    cargo fmt --all --check --manifest-path fuzz/Cargo.toml
  fi
}

step_clippy() {
  cargo clippy --locked --workspace --all-targets -- -D warnings
  if has_fuzz; then
    cargo clippy --locked --manifest-path fuzz/Cargo.toml --workspace --all-targets -- -D warnings
  fi
}

# Private items too: their links break as easily, and nobody else looks.
step_docs() {
  RUSTDOCFLAGS="${RUSTDOCFLAGS:-} -Dwarnings" cargo doc --locked --workspace --no-deps \
    --document-private-items
}

step_deny() {
  bring_deny
  cargo deny --locked --workspace check bans licenses sources
  if ! planned advisories; then
    not_checked advisories "they need the network: ./test advisories"
  fi
}

step_advisories() {
  bring_deny
  if cargo deny --locked --workspace fetch db; then
    cargo deny --locked --workspace check --disable-fetch advisories
  else
    nothing_checked advisories "the advisory database is out of reach"
  fi
}

step_wasm() {
  local crates=() crate target=wasm32-unknown-unknown
  for crate in $PURE_CRATES; do crates+=(--package "$crate"); done
  # A folder of its own: another compiler may be at work here.
  local check=(check --locked --lib --target "$target" --target-dir "$CARGO_TARGET_DIR/wasm")
  if [[ -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]]; then
    cargo "${check[@]}" "${crates[@]}"
  elif debian_has_rust_sources; then
    # Debian packages the standard library's sources, but no wasm32 build of it.
    RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
      /usr/bin/cargo "${check[@]}" -Zbuild-std=std,panic_abort "${crates[@]}"
  else
    nothing_checked wasm "no $target: rustup target add $target; on Debian: apt-get install rustc-web cargo-web rust-web-src"
  fi
}

# Does Debian's own Rust, beside the one in use, bring sources and understand this workspace?
debian_has_rust_sources() {
  [[ -x /usr/bin/cargo && -x /usr/bin/rustc ]] || return 1
  [[ -d $(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std ]] || return 1
  local have wanted
  have=$(/usr/bin/rustc --version | awk '{ print $2 }')
  wanted=$(awk -F'"' '/^rust-version/ { print $2 }' Cargo.toml)
  at_least "$have" "$wanted"
}

# The second implementation's one dependency; Rust's interoperability test needs it too.
bring_js() {
  local folder=e2e/sealed-url-js
  need "it runs the second implementation" "nodejs npm" npm
  if [[ $folder/package-lock.json -nt $folder/node_modules/.package-lock.json ]]; then
    npm ci --prefix "$folder" --no-audit --no-fund
  fi
}

# The atproto network that tests of accounts run in. Its one compiled package is SQLite's.
bring_network() {
  need "it runs the atproto network of the tests" "nodejs npm" npm
  bring_modules e2e/atproto-network better-sqlite3
}

# The published client, which drives a site as its users do.
bring_client() {
  need "the published client runs in it" "python3 python3-venv" python3
  bring_environment e2e/plyrfm
}

step_js() {
  bring_js
  (cd e2e/sealed-url-js && node --test)
  (cd e2e/worker-js && node --test)
}

# Debian keeps its programs off the PATH, a folder for each version.
need_postgres() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    need "tests keep data in it" postgresql initdb
}

# Runs the main workspace's tests, those that the arguments select.
nextest() {
  local profile=default
  [[ ${CI:-} != true ]] || profile=ci
  need "tests fetch from it" nginx-light nginx
  need "tests count in it" redis-server redis-server
  need_postgres
  bring_nextest
  bring_s3
  bring_js
  bring_network
  bring_client
  # The command itself, with the features that the tests are built with: whole-system tests start
  # it from the build output.
  cargo build --locked --workspace --bins --tests
  cargo nextest run --locked --workspace --profile "$profile" "$@"
}

need_browser() {
  if [[ -e e2e/tests/browser.rs || -d e2e/tests/browser ]]; then
    need "the browser tests steer it" chromium chromium chromium-browser google-chrome
    need "the browser tests speak to it" chromium-driver chromedriver
  fi
}

step_tests() {
  need_browser
  nextest
}

step_unit() {
  nextest --filterset 'not package(gatefold-e2e)'
}

step_e2e() {
  need_browser
  nextest --filterset 'package(gatefold-e2e)'
}

step_long() {
  nextest --ignore-default-filter --filterset 'package(gatefold-e2e) & (binary(edge_long) | binary(publishing_long))'
  GATEFOLD_CHAOS_KILLS=200 nextest --filterset 'package(gatefold-e2e) & binary(chaos)'
}

step_doctests() {
  cargo test --locked --workspace --doc
}

step_fuzz() {
  has_fuzz || nothing_checked fuzz "there is no fuzz/Cargo.toml"
  bring_nextest
  cargo nextest run --locked --manifest-path fuzz/Cargo.toml --config-file .ci/nextest-fuzz.toml
}

# What steers a fuzzer is the business of fuzz/long: it is told how long to look at each target.
step_fuzz_long() {
  [[ -x fuzz/long ]] || nothing_checked fuzz-long "there is no fuzz/long"
  GATEFOLD_FUZZ_SECONDS=${GATEFOLD_FUZZ_SECONDS:-60} fuzz/long
}

step_bench() {
  need "the comparison runs against it" nginx-light nginx
  cargo build --locked --release --package gatefold --package gatefold-bench
  cargo run --locked --release --package gatefold-bench
  cargo run --locked --release --package gatefold-bench -- site
  cargo run --locked --release --package gatefold-bench -- catalogue
}
