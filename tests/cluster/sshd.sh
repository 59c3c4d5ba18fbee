#!/usr/bin/env bash
# An ssh server on this computer alone, with keys of its own.
#
#     sshd.sh up FOLDER PORT [NAME=VALUE]   NAME: a variable for whoever logs in
#     sshd.sh down FOLDER
#
# `ssh -F FOLDER/ssh_config` reaches it as `login`; the other hosts there cannot be reached.
set -euo pipefail

action=$1 folder=$2

case $action in
up)
    port=$3 variable=${4:-TEST=1}
    mkdir -p "$folder" /run/sshd
    chmod 0700 "$folder"
    for key in host user; do ssh-keygen -q -t ed25519 -N '' -f "$folder/$key"; done
    echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$folder/host.pub")" >"$folder/known_hosts"
    cat >"$folder/sshd_config" <<END
ListenAddress 127.0.0.1:$port
HostKey $folder/host
PidFile $folder/sshd.pid
AuthorizedKeysFile $folder/user.pub
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
AllowUsers $(id -un)
SetEnv $variable
END
    cat >"$folder/ssh_config" <<END
# Its key is not known.
Host stranger
    UserKnownHostsFile /dev/null
# Nobody is let in by that name.
Host closed
    User nobody
# Nothing listens there.
Host nowhere
    Port 1
Host login stranger closed
    Port $port
# As where a second factor is asked for: later connections share the first.
Host login
    ControlMaster auto
    ControlPath $folder/shared
    ControlPersist 10
Host *
    HostName 127.0.0.1
    User $(id -un)
    IdentityFile $folder/user
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile $folder/known_hosts
    StrictHostKeyChecking yes
END
    /usr/sbin/sshd -f "$folder/sshd_config" -E "$folder/log"
    for _ in $(seq 100); do
        ssh -F "$folder/ssh_config" -o BatchMode=yes login true 2>/dev/null && exit
        sleep 0.1
    done
    cat "$folder/log" >&2
    exit 1
    ;;
down)
    kill "$(cat "$folder/sshd.pid")"
    ;;
esac
