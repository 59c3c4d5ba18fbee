#!/usr/bin/env bash
# Install Apptainer on Debian 12, as root. Debian has it in its unstable branch only, built for a newer C
# library: its two programs get that library as one of their own. No list of packages, and no library of
# the system, is changed.
set -euo pipefail

command -v apptainer >/dev/null && exit

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
library=/usr/lib/apptainer-glibc
tools=/usr/lib/x86_64-linux-gnu/apptainer/bin
found=$(grep -hoE 'https?://[^ ]+/debian/?( |$)' -r /etc/apt/sources.list* 2>/dev/null || true)
mirror=${DEBIAN_MIRROR:-$(head -n 1 <<<"$found")}
[ -n "$mirror" ] || { echo "no Debian archive found: set DEBIAN_MIRROR" >&2; exit 1; }

mkdir -p lists/partial archives/partial
for branch in bookworm trixie sid; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $branch main"
done >sources.list
options=(
    -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o "Dir::State::lists=$folder/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
    -o APT::Default-Release=bookworm -o APT::Sandbox::User=root
)
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get install -y -qq --no-install-recommends patchelf containernetworking-plugins \
    squashfs-tools squashfuse fuse2fs uidmap libseccomp2 libsqlite3-0 ca-certificates
apt-get "${options[@]}" -qq update
apt-get "${options[@]}" -qq download apptainer/sid libc6/trixie

dpkg-deb -R apptainer_*.deb package
dpkg-deb -x libc6_*.deb libc
mkdir -p "package$library"
cp -a libc/usr/lib/x86_64-linux-gnu/*.so* "package$library/"
for program in package/usr/bin/apptainer "package$tools/starter"; do
    patchelf --set-interpreter "$library/ld-linux-x86-64.so.2" --force-rpath \
        --set-rpath "$library:/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu" "$program"
done
sed -i 's/libc6 (>= 2.38), //; s/^\(Version: .*\)$/\1~bookworm/' package/DEBIAN/control
(cd package && find usr etc -type f -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb -Znone -b --root-owner-group package apptainer-bookworm.deb
dpkg -i apptainer-bookworm.deb
apptainer --version
