#!/bin/sh
# usage: samples/deploy/rootfs.sh [PROGRAM]
# Writes muster-rootfs.tar, the root of the image that the Containerfile beside this makes, in the project's folder: the program
# (built here unless one is named), the certificates of this machine ($SSL_CERT_FILE) and an empty /tmp. The same files make
# the same archive. It needs Go and GNU tar, and neither root nor a network.
set -eu
cd "$(dirname "$0")/../.."
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/etc/ssl/certs" "$root/tmp"
if [ $# -gt 0 ]; then
	cp "$1" "$root/muster"
else
	CGO_ENABLED=0 go build -trimpath -buildvcs=true -ldflags='-s -w' -o "$root/muster" .
fi
cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/ca-certificates.crt"
chmod -R u=rwX,go=rX "$root"
chmod 755 "$root/muster"
chmod 1777 "$root/tmp"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf muster-rootfs.tar muster etc tmp
