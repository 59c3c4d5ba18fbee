#!/usr/bin/env bash
# A Slurm of two virtual nodes on this computer, without systemd, cgroups or accounts: root only.
#
#     slurm.sh up FOLDER PORT      PORT is the controller's; the nodes have the next two
#     slurm.sh controller FOLDER   start the controller again, if it is down
#     slurm.sh down FOLDER         stop what is running of it, and nothing else
#
# Its configuration is FOLDER/slurm.conf, which SLURM_CONF has to name for its commands.
set -euo pipefail

action=$1 folder=$2
nodes=(n1 n2)
export SLURM_CONF=$folder/slurm.conf

# A process that has ended but has not been waited for still has a number: its state tells.
lives() {
    [ -s "$1" ] && grep -qE '^State:[[:space:]]+[^ZX[:space:]]' "/proc/$(cat "$1" 2>/dev/null)/status" 2>/dev/null
}

wait_for() {
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "not within 30 s: $*" >&2
    return 1
}

stop() {
    lives "$1" || return 0
    local process
    process=$(cat "$1")
    kill "$process"
    for _ in $(seq 50); do
        lives "$1" || return 0
        sleep 0.1
    done
    kill -9 "$process"
}

all_idle() { [ "$(sinfo --noheader --Node --states=idle | wc -l)" -ge "${#nodes[@]}" ]; }

# MPICH names its shared memory after the job, and ranks that are killed leave it behind: numbers of
# jobs must not come again.
configure() {
    local port=$1 host
    host=$(hostname -s)
    cat <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
FirstJobId=$((SRANDOM % 60000000 + 1))
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=1
END
    local node
    for node in "${nodes[@]}"; do
        port=$((port + 1))
        echo "NodeName=$node NodeHostname=$host NodeAddr=127.0.0.1 Port=$port CPUs=2 RealMemory=4000"
    done
    echo "PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
}

case $action in
up)
    mkdir -p "$folder"/{state,log,run,munge} "$folder"/spool.{n1,n2}
    chmod 0755 "$folder" "$folder/munge"
    (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
    munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
        --pid-file="$folder/run/munged.pid" --log-file="$folder/log/munged.log" \
        --seed-file="$folder/munge/seed"
    wait_for munge --no-input --socket="$folder/munge/socket"
    configure "$3" >"$SLURM_CONF"
    slurmctld
    for node in "${nodes[@]}"; do slurmd -N "$node"; done
    wait_for all_idle
    ;;
controller)
    lives "$folder/run/slurmctld.pid" || slurmctld
    ;;
down)
    timeout 5 scancel --user="$(id -un)" || true
    for _ in $(seq 30); do
        [ -z "$(timeout 2 squeue --noheader)" ] && break
        sleep 0.1
    done
    for node in "${nodes[@]}"; do stop "$folder/run/slurmd.$node.pid"; done
    stop "$folder/run/slurmctld.pid"
    stop "$folder/run/munged.pid"
    ;;
esac
