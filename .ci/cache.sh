# shellcheck shell=bash
# What outlives a run: tools and build output, outside of the clone. Sourced by ./test,
# which says where both are.
: "${root:?}" "${cache:?}"

fingerprint() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-12
}

# Holds file descriptor $1 locked on the file $2; without flock(1) there is nothing to hold.
hold() {
  command -v flock >/dev/null || return 0
  eval "exec $1>\"\$2\""
  if ! flock --nonblock "$1"; then
    echo "waiting for another run to let go of $2"
    flock "$1"
  fi
}

# Everything that makes build output useless to another build, apart from the sources themselves.
target_key() {
  {
    cat "$root/Cargo.lock"
    rustc -vV
    awk '/^\[/ { wanted = /^\[profile/ } wanted' "$root/Cargo.toml"
    # Without locks two clones must not meet in one folder.
    command -v flock >/dev/null || echo "$root"
  } | fingerprint
}

# Sets CARGO_TARGET_DIR, unless the caller has.
choose_target() {
  if [[ -n ${CARGO_TARGET_DIR:-} ]]; then
    [[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR
    export CARGO_TARGET_DIR
    return
  fi
  local key
  key=$(target_key)
  mkdir -p "$cache/target"
  # Cargo's own lock ends with the build, but a test that starts target/debug/gatefold needs the
  # binary of this clone until it is done. Steps close the descriptor, so that nothing that they
  # leave behind keeps the lock.
  hold 9 "$cache/target/$key.lock"
  export CARGO_TARGET_DIR=$cache/target/$key
  mkdir -p "$CARGO_TARGET_DIR"
  claim_target
  prune_targets "$key"
}

# Cargo takes a workspace crate for fresh when its sources are older than its output, and does not
# see that they are those of another clone. Dependencies are shared, our own crates are not.
claim_target() {
  local owner marker=$CARGO_TARGET_DIR/gatefold-clone
  owner="$(ls -di "$root")"
  if [[ -e $marker && $(<"$marker") != "$owner" ]]; then
    echo "the build output was another clone's: the workspace's own crates are built anew"
    find "$CARGO_TARGET_DIR" -type d -path '*/.fingerprint/gatefold*' -prune -exec rm -rf {} +
  fi
  echo "$owner" >"$marker"
}

# Keeps the three build outputs that were used last, $1 among them.
prune_targets() {
  local marker old
  # The names are hashes made above: nothing in them needs quoting.
  # shellcheck disable=SC2012
  ls -t "$cache"/target/*/gatefold-clone 2>/dev/null | tail -n +4 | while read -r marker; do
    old=$(dirname "$marker")
    [[ $(basename "$old") != "$1" ]] || continue
    (
      # In use by another run: it stays.
      if command -v flock >/dev/null; then
        exec 8>"$old.lock"
        flock --nonblock 8 || exit 0
      fi
      echo "removing build output that no recent run has used: $old"
      rm -rf "$old"
    )
  done
}

# Is version $1 at least $2?
at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# Puts cargo subcommand $1 on the PATH: the installed one if it is $3 or newer (and, when $4 is
# "series", of the same minor version as $2), otherwise version $2 from the cache, built with the
# cargo options in $5 if it is not there.
bring() {
  local name=$1 version=$2 minimum=$3 policy=$4 options=$5 have
  have=$(cargo "${name#cargo-}" --version 2>/dev/null | awk 'NR == 1 { print $2 }') || have=
  if [[ -n $have ]] && at_least "$have" "$minimum" &&
    [[ $policy != series || ${have%.*} == "${version%.*}" ]]; then
    return
  fi
  local home
  home=$cache/tools/$name-$version-$(rustc -vV | fingerprint)
  [[ -x $home/bin/$name ]] || build_tool "$name" "$version" "$home" "$options"
  export PATH=$home/bin:$PATH
}

# Builds tool $1 in version $2 into folder $3, which appears only when the build is whole.
build_tool() (
  name=$1 version=$2 home=$3
  read -ra wanted <<<"$4 $name"
  mkdir -p "$cache/tools"
  hold 7 "$cache/tools/$name.lock"
  if [[ -x $home/bin/$name ]]; then
    exit 0
  fi
  echo "$name $version is not here: building it into $home (once, some minutes)"
  rm -rf "$home.partial"
  # The debug profile: a fraction of the time to build, and these tools wait for cargo and for the
  # tests, not for themselves.
  env -u RUSTFLAGS -u RUSTDOCFLAGS -u CARGO_BUILD_TARGET \
    CARGO_TARGET_DIR="$home.partial/build" CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
    cargo install --quiet --locked --debug --version "$version" --root "$home.partial" \
    "${wanted[@]}"
  rm -rf "$home.partial/build"
  mv "$home.partial" "$home"
)

# Puts the modules of the Node package in folder $1 of the clone into its node_modules, a link into
# the cache: they are many, some are compiled, and they change only with the lockfile and with Node.
# The packages in $2 are compiled here, and no other package runs a script.
bring_modules() {
  local folder=$1 compiled=$2 home
  home=$cache/modules/$(basename "$folder")-$(
    {
      cat "$folder/package.json" "$folder/package-lock.json"
      node --print 'process.version + process.arch + process.platform'
    } | fingerprint
  )
  [[ -d $home/node_modules ]] || install_modules "$folder" "$home" "$compiled"
  if [[ $(readlink "$folder/node_modules" || true) != "$home/node_modules" ]]; then
    rm -rf "$folder/node_modules"
    ln -s "$home/node_modules" "$folder/node_modules"
  fi
}

# An environment of Python with what folder $1 asks for, kept outside of the clone.
bring_environment() {
  local folder=$1 home
  home=$cache/python/$(basename "$folder")-$(
    {
      cat "$folder/requirements.txt"
      python3 --version
    } | fingerprint
  )
  [[ -x $home/bin/python && -e $home/whole ]] || install_environment "$folder" "$home"
  if [[ $(readlink "$folder/venv" || true) != "$home" ]]; then
    rm -rf "$folder/venv"
    ln -s "$home" "$folder/venv"
  fi
}

# Makes it in folder $2, where it has to stay: its programs name it. It is marked when it is whole.
install_environment() (
  folder=$1 home=$2
  mkdir -p "$cache/python"
  hold 7 "$cache/python/$(basename "$folder").lock"
  if [[ -e $home/whole ]]; then
    exit 0
  fi
  echo "the packages of $folder are not here: installing them into $home (once)"
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    --requirement "$folder/requirements.txt"
  touch "$home/whole"
)

# Installs what folder $1 asks for into folder $2, which appears only when it is whole.
install_modules() (
  folder=$1 home=$2
  read -ra compiled <<<"$3"
  mkdir -p "$cache/modules"
  hold 7 "$cache/modules/$(basename "$folder").lock"
  if [[ -d $home/node_modules ]]; then
    exit 0
  fi
  echo "the modules of $folder are not here: installing them into $home (once, some minutes)"
  rm -rf "$home.partial"
  mkdir -p "$home.partial"
  cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" "$home.partial"
  cd "$home.partial" || exit
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  # Compiled with the headers that came with this Node, if any did, and not with fetched ones;
  # and compiled rather than fetched, since nothing says what a fetched binary has to be.
  headers=$(dirname "$(dirname "$(node --print process.execPath)")")
  if [[ -e $headers/include/node/node.h ]]; then
    export npm_config_nodedir=$headers
  fi
  npm_config_build_from_source=true npm rebuild --foreground-scripts --loglevel=error \
    "${compiled[@]}" >build.log 2>&1 || { tail -n 60 build.log; exit 1; }
  mv "$home.partial" "$home"
)
