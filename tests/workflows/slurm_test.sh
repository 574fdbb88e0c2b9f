#!/usr/bin/env bash
# The Slurm array on a cluster of one node on the loopback, with daemons of its own: slurm_test.sh HEXAPLEX
# Needs no privileges and nothing that the system has configured; skips, visibly, where the daemons are not there or
# cannot start.
set -euo pipefail
hexaplex=$1
source "$(dirname "$0")/common.sh"
PATH=$PATH:/usr/sbin
most_seconds=120 # for one array; it takes five

daemons=()
stop_daemons() {
  local pid
  [ ${#daemons[@]} -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
  for pid in "${daemons[@]}"; do
    timeout 20 tail --pid="$pid" -f /dev/null || kill -9 "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap stop_daemons EXIT

for program in munged slurmctld slurmd sbatch scontrol python3; do
  command -v "$program" >/dev/null || skip "no $program; scripts/test_workflows.sh installs it"
done

start() { # name, command...: in the foreground of a process that we know
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  daemons+=($!)
}

cannot_start() { # name
  echo "--- last words of $1:"
  tail -n 20 "$work/$1.log"
  skip "$1 does not start here"
}

wait_for() { # seconds, command...
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.2
  done
}

configure() {
  local ports host
  host=$(hostname -s)
  ports=$(python3 -c 'import socket
taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in taken))')
  head -c 1024 /dev/urandom >"$work/munge.key"
  chmod 600 "$work/munge.key"
  mkdir "$work/state" "$work/spool"
  export SLURM_CONF=$work/slurm.conf
  cat >"$SLURM_CONF" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports% *}
SlurmdPort=${ports#* }
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,batch_sched_delay=0
MinJobAge=600
KillWait=5
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=6000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=10 State=UP
CONF
}

start_cluster() {
  start munged munged --foreground --force --key-file="$work/munge.key" --socket="$work/munge.socket" \
    --pid-file="$work/munged.pid" --seed-file="$work/munge.seed" --log-file="$work/munged.own.log"
  wait_for 10 test -S "$work/munge.socket" || cannot_start munged
  start slurmctld slurmctld -D -c -f "$SLURM_CONF"
  wait_for 20 scontrol ping || cannot_start slurmctld
  start slurmd slurmd -D -f "$SLURM_CONF"
  wait_for 20 sh -c 'sinfo -h -o %T | grep -qx idle' || cannot_start slurmd
}

field() { # job, field of its description
  scontrol -o show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p" | head -n 1
}

end_of() { echo "$(field "$1" JobState) $(field "$1" ExitCode)"; }

task_failed() {
  tail -n 20 "$work/slurmctld.log" "$work/slurmd.log"
  cat "$work"/task-*.log
  fail "$1"
}

more=() # options of the program
submit() { # name of the results, arguments of sbatch...; sets $job and $code
  local out=$work/$1
  shift
  code=0
  timeout "$most_seconds" sbatch --parsable --output="$work/task-%A-%a.log" --cpus-per-task=2 --mem=2500 "$@" \
    "$root/workflows/slurm/hexaplex_array.sbatch" "$work/slides/cohort.csv" "${options[@]}" "${more[@]}" --out "$out" \
    >"$work/job" 2>"$work/sbatch.log" </dev/null || code=$?
  job=$(cat "$work/job")
  [ "$code" -ne 124 ] || {
    squeue
    task_failed "job $job did not end within $most_seconds s"
  }
}

expect() { # what, is, should be
  [ "$2" = "$3" ] || task_failed "$1 is '$2', not '$3'"
}

make_cohort
configure
start_cluster
make_reference
export HEXAPLEX=$hexaplex

submit array --wait --array=1-3
expect "the exit code of an array with a failed slide" "$code" 4
for task in 1 2 3; do
  # The cut slide is the third of the table, and the third shard's.
  [ $task -eq 3 ] && state=FAILED exit_code=4:0 || state=COMPLETED exit_code=0:0
  expect "the end of task $task" "$(end_of "${job}_$task")" "$state $exit_code"
done
compare "$work/array" "array of 3 tasks"

submit array --wait --array=3 --export=ALL,HEXAPLEX_SHARDS=3
expect "the exit code of one task run again" "$code" 4
compare "$work/array" "one task run again"

# One task for the whole cohort, requeued once its first slide is done, as after the loss of a node. (sbatch --wait would
# not wait for the second run.)
submit requeued --array=1-1
first_slide_is_done() { compgen -G "$work/requeued/*/run.json"; }
wait_for 60 first_slide_is_done || task_failed "no slide was done before the requeue"
scontrol requeue "${job}_1"
before=$(written "$work/requeued")
# Slurm itself would wait two minutes; in the second of the kill the node still refuses the job.
soon() { [ "$(field "${job}_1" JobState)" = PENDING ] && scontrol update JobId="${job}_1" StartTime=now+3; }
wait_for 30 soon || task_failed "the requeued task cannot be hurried"
ended() { [ "$(end_of "${job}_1"), restarts: $(field "${job}_1" Restarts)" = "FAILED 4:0, restarts: 1" ]; }
wait_for 60 ended || { scontrol show job "${job}_1"; task_failed "the requeued task did not end with exit code 4"; }
expect "the number of batches of a requeued task" "$(grep -c '"event":"batch"' "$work/requeued/ledger.jsonl")" 2
! grep -vxFf <(written "$work/requeued") <<<"$before" || task_failed "the requeued task did a finished slide again"
compare "$work/requeued" "requeued task"

# More shards than slides, and the tables by a job of their own after all of them.
more=(--tables never)
submit late --array=1-8
wrapped="$hexaplex batch $work/slides/cohort.csv ${options[*]} --out $work/late --tables only"
timeout "$most_seconds" sbatch --wait --dependency="afterany:$job" --output="$work/task-tables.log" --wrap "$wrapped" \
  >"$work/sbatch.log" 2>&1 </dev/null || task_failed "the job of the tables failed, or did not end in $most_seconds s"
compare "$work/late" "array with tables afterwards"

submit other --wait --array=0-2
expect "the exit code of an array that does not begin at 1" "$code" 2
[ ! -e "$work/other" ] || fail "an array that does not begin at 1 has done work"

echo "$(slurmctld -V): arrays, a repeated and a requeued task, and tables afterwards gave what one machine gives."
