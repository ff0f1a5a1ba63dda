#!/bin/sh
# Installs what the tests of remote stores start servers of: moto (an S3 server, from PyPI) into a folder of the cache,
# Debian's openssh-server without starting it. RIG_MOTO may name a virtual environment that has moto's server already.
# Prints that of moto. Needs root, apt and PyPI for what is not there yet; does nothing where all is there.
set -eu
moto=5.2.5
venv="${RIG_MOTO:-${XDG_CACHE_HOME:-$HOME/.cache}/redag-test/moto-$moto}"
has() { PATH="$PATH:/usr/sbin" command -v "$1" > /dev/null; }
has_ssh() { has sshd && has ssh && has ssh-keygen; }
has_moto() { "$venv/bin/moto_server" --help > /dev/null 2>&1; }
as_root() {
  if [ "$(id -u)" != 0 ]; then
    echo "only root can install $*" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # The package starts a daemon of the whole machine: a policy of exit code 101 says that it may not.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get install -qq --yes --no-install-recommends "$@" > /dev/null
}
if ! has_ssh; then as_root openssh-server openssh-client; fi
if ! has_moto; then
  if ! python3 -c 'import ensurepip, venv' 2> /dev/null; then as_root python3 python3-venv; fi
  # What an earlier attempt left is of no use.
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$moto" || {
    rm -rf "$venv"
    exit 1
  }
fi
has_ssh
has_moto
echo "$venv"
