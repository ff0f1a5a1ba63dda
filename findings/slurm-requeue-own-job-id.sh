#!/bin/sh
# Slurm 22.05.8 of Debian 12, seen on 29 November 2026.
#
# A job that is warned of its end queues itself again by `scontrol requeue $SLURM_JOB_ID`: so it stands in many scripts, and
# one remembers that SLURM_JOB_ID names the task alone, while SLURM_ARRAY_JOB_ID names the whole array. That holds for all
# tasks but one. The task that starts last keeps the array's own id, and `scontrol requeue` takes this id for the array.
# Of an array of three, the first had ended (exit code 0), the second ran, and the third, which had SLURM_JOB_ID equal to
# SLURM_ARRAY_JOB_ID, queued itself again: all three were queued again, with Restarts=1. The running one was killed and the
# finished one is to be executed a second time. `${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}` queues the task alone.
#
# The packages are unpacked, not installed; the daemons run as the user that starts the script, in a temporary folder.
set -eu
version=22.05.8-4+deb12u3
folder=$(mktemp -d)
daemons=
finish() {
  # What runs outlives the daemons.
  if [ -n "$daemons" ]; then
    scancel --user "$(id -un)" 2> "$folder/ended" || true
    tries=0
    while [ $tries -lt 60 ] && squeue --noheader 2> "$folder/ended" | grep -q .; do sleep 1; tries=$((tries + 1)); done
  fi
  for daemon in $daemons; do kill -KILL "$daemon" 2> "$folder/ended" || true; done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM
chmod 755 "$folder"
mkdir "$folder/run" "$folder/state" "$folder/spool" "$folder/packages"

(
  cd "$folder/packages"
  apt-get download -qq "slurmctld=$version" "slurmd=$version" "slurm-client=$version" "slurm-wlm-basic-plugins=$version" \
    munge libmunge2 libhwloc15 libnuma1 liblz4-1 libjson-c5 libyaml-0-2 libdbus-1-3 libreadline8
  for package in *.deb; do dpkg-deb --extract "$package" "$folder/root"; done
  # Debian's installation would do so.
  for program in "$folder"/root/usr/*/*-wlm; do ln -s "$program" "${program%-wlm}"; done
) > "$folder/apt.log" 2>&1 || { cat "$folder/apt.log"; exit 1; }
plugins=$(echo "$folder"/root/usr/lib/*/slurm-wlm)
libraries=${plugins%/slurm-wlm}
export LD_LIBRARY_PATH="$plugins:$libraries:$folder/root/lib/${libraries##*/}"
export PATH="$folder/root/usr/bin:$folder/root/usr/sbin:$PATH"
export SLURM_CONF="$folder/slurm.conf"

set -- $(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[each.getsockname()[1] for each in sockets])')
cat > "$SLURM_CONF" <<CONF
ClusterName=lab
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket
CredType=cred/munge
PluginDir=$plugins
SlurmctldPort=$1
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
MinJobAge=3600
KillWait=2
NodeName=one NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$2 CPUs=3 RealMemory=100
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
head -c 1024 /dev/urandom > "$folder/munge.key"
chmod 600 "$folder/munge.key"
munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/run/munge.socket" \
  --pid-file="$folder/run/munged.pid" --seed-file="$folder/run/munged.seed" --log-file="$folder/munged.log" 2> "$folder/munged.out" &
daemons="$daemons $!"
slurmctld -D -f "$SLURM_CONF" > "$folder/slurmctld.out" 2>&1 &
daemons="$daemons $!"
slurmd -D -f "$SLURM_CONF" -N one -d "$folder/root/usr/sbin/slurmstepd" > "$folder/slurmd.out" 2>&1 &
daemons="$daemons $!"

# Waits until a command succeeds; shows the ends of the logs where a daemon ends, or ten minutes have passed.
await() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! kill -0 $daemons 2> "$folder/ended"; then
      echo "never: $*" >&2
      for log in "$folder"/*.log "$folder"/*.out; do tail -n 5 "$log" >&2; done
      exit 1
    fi
    sleep 1
  done
}
is_up() { sinfo --noheader --format=%T 2> "$folder/ended" | grep -q idle; }
await is_up

cat > "$folder/task.sh" <<'TASK'
#!/bin/sh
restarted=${SLURM_RESTART_COUNT:-0}
echo "$SLURM_JOB_ID $SLURM_ARRAY_JOB_ID" > "$1/$SLURM_ARRAY_TASK_ID.started.$restarted"
case $SLURM_ARRAY_TASK_ID in
  0) exit 0 ;;
  1) sleep 600 ;;
esac
while [ ! -e "$1/go" ]; do sleep 1; done
case $2 in
  own) scontrol requeue "$SLURM_JOB_ID" ;;
  task) scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" ;;
esac
sleep 600
TASK

# The restarts of the three tasks after the last has queued itself again, by its own id or as a task of the array.
restarts() {
  at=$folder/$1
  mkdir "$at"
  array=$(sbatch --parsable --requeue --array=0-2 --output=/dev/null --chdir="$at" "$folder/task.sh" "$at" "$1")
  await test -s "$at/1.started.0" -a -s "$at/2.started.0"
  [ "$(cat "$at/2.started.0")" = "$array $array" ] || { echo "the last task has another id" >&2; exit 1; }
  has_ended() { scontrol show job "${array}_0" | grep -q JobState=COMPLETED; }
  await has_ended
  touch "$at/go"
  is_queued() { scontrol show job "${array}_2" | grep -q 'JobState=PENDING'; }
  await is_queued
  has_settled() { ! scontrol show job "$array" | grep -q JobState=COMPLETING; }
  await has_settled
  for task in 0 1 2; do
    scontrol show job "${array}_$task" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p; s/.*Restarts=\([0-9]*\).*/\1/p'
  done | tr '\n' ' '
  scancel "$array"
  is_over() { [ -z "$(squeue --noheader)" ]; }
  await is_over
}
own=$(restarts own)
task=$(restarts task)
echo "by SLURM_JOB_ID: $own"
echo "by the array's id and the task's index: $task"
[ "$own" = "PENDING 1 PENDING 1 PENDING 1 " ] && [ "$task" = "COMPLETED 0 RUNNING 0 PENDING 1 " ]
