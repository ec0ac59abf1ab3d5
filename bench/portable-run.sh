#!/bin/sh
# Runs what this folder holds: `run bench --help`, `run conformance --help`. Only by what a shell has built in.
case $0 in
  */*) home=${0%/*} ;;
  *) home=. ;;
esac
home=$(cd "$home" && pwd)
# Dawn loads libvulkan.so.1. The machine's own comes first.
case $(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null) in
  *libvulkan.so.1*) ;;
  *) export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$home/vulkan" ;;
esac
exec "$home/node" "$home/lib/portable.js" "$@"
