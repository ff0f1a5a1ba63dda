#!/bin/sh
# Installs what the tests of Slurm start a cluster of (Debian's packages slurm-wlm and munge), without starting anything.
# Needs root and apt; does nothing where all is there.
set -eu
has_all() {
  for program in sbatch squeue scancel scontrol sinfo slurmctld slurmd munged; do
    PATH="$PATH:/usr/sbin" command -v "$program" > /dev/null || return 1
  done
}
if has_all; then exit 0; fi
if [ "$(id -u)" != 0 ]; then
  echo "only root can install slurm-wlm and munge" >&2
  exit 1
fi
# The packages start daemons of the whole machine: a policy of exit code 101 says that they may not.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --yes --no-install-recommends slurm-wlm munge > /dev/null
has_all
