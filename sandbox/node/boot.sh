#!/bin/sh
# Makes the node's own view of the computer, and becomes its first process. Started in new namespaces for mounts, network,
# processes, IPC and host name: when this process ends, whatever ends it, the kernel ends the rest, and nothing is left.
#   boot.sh SYSTEM STATE PROGRAMS...
set -eu
system=$1 state=$2
shift 2

# /proc is still that of the computer: the process id and the start time by which others know this process.
read -r stat </proc/self/stat
start=$(echo "${stat##*) }" | cut -d ' ' -f 20)
echo "${stat%% *} $start" >"$state/node.pid"

mount --make-rprivate /
mount --bind "$system" "$system"
mount -t proc proc "$system/proc"
mount -t sysfs sysfs "$system/sys"
mount --rbind /sys/fs/cgroup "$system/sys/fs/cgroup"
mount --rbind /dev "$system/dev"
mount -t tmpfs -o mode=755 tmpfs "$system/run"
mount --bind "$state/var" "$system/var"
mount --bind "$state/tmp" "$system/tmp"
# What the tree has no folder for is mounted below /run, which is empty.
mkdir -p "$system/run/node/etc" "$system/run/node/programs" "$system/run/computer"
mount --bind "$state/etc" "$system/run/node/etc"
# A folder of programs each, in the order of PATH.
path=
for programs in "$@"; do
  at=/run/node/programs/$(echo "$path" | tr -cd : | wc -c)
  mkdir "$system/$at"
  mount --bind "$programs" "$system/$at"
  path=$path$at:
done

# The kubelet sets these for the whole computer. It finds them set in files of the node's own.
own_sysctl() {
  mkdir -p "$system/run/node/sysctl/${1%/*}"
  echo "$2" >"$system/run/node/sysctl/$1"
  mount --bind "$system/run/node/sysctl/$1" "$system/proc/sys/$1"
}
own_sysctl vm/overcommit_memory 1
own_sysctl kernel/panic 10
own_sysctl kernel/panic_on_oops 1

cd "$system"
pivot_root . run/computer
exec chroot . /bin/sh -eu -c '
  umount -l /run/computer
  mount -o remount,bind,ro /
  hostname sandbox
  ip link set lo up
  # Nothing leads out of here: services have a route, for kube-proxy to send them on; the rest is refused at once.
  ip link add node0 type veth peer name nowhere
  ip link set nowhere up
  ip address add 10.90.0.2/24 dev node0
  ip link set node0 up
  ip route add 10.96.0.0/12 dev node0 src 10.90.0.2
  ip route add unreachable default
  sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
  sysctl -qw net.bridge.bridge-nf-call-iptables=1
  PATH=$1/usr/sbin:/usr/bin:/sbin:/bin
  # The first packet of a connection goes to the engine of network policies, unless root of the node sent it: the kubelet
  # may always probe. The set-up of its own needs nft queue, which not every kernel has. Without the engine all pass.
  iptables -t mangle -A POSTROUTING -o lo -j ACCEPT
  iptables -t mangle -A POSTROUTING -m owner --uid-owner 0 -j ACCEPT
  iptables -t mangle -A POSTROUTING -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100 --queue-bypass ||
    echo "This kernel has no NFQUEUE: network policies are not enforced." >&2
  exec runsvdir -P /run/node/etc/services
' sh "$path"
