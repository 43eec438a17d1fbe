# What a script of the project needs on this machine, found or else installed with apt.
# To be sourced by a bash script.

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
    printf '%s: %s\n' "${0##*/}" "$*"
}

die() {
    say "$*" >&2
    exit 1
}

require_root() {
    ((EUID == 0)) || die "must be run as root"
}

# The program, or file, by which a package is recognised, where it is not a program of the package's name.
declare -A sign_of=(
    [acl]=setfacl [bind9-dnsutils]=dig [bubblewrap]=bwrap [busybox-static]=busybox [iproute2]=ip [e2fsprogs]=chattr
    [golang-github-containers-common]=/usr/share/containers/seccomp.json
    [gnuplot-nox]=gnuplot [xz-utils]=xz [ca-certificates]=/etc/ssl/certs/ca-certificates.crt [default-jre-headless]=java [libc6-i386]=/lib/ld-linux.so.2
    [perl]='/usr/share/perl/*/JSON/PP.pm' [python3]=/usr/bin/python3
    [lxc]=lxc-start [libc6-dev]=/usr/include/stdio.h [libcap2-bin]=setcap [man-db]=man [maven]=mvn
    [musl-tools]=musl-gcc [nginx-light]=nginx [openssh-client]=ssh [openssh-server]=sshd
    [postgresql]='/usr/lib/postgresql/*/bin/postgres' [procps]=ps [psmisc]=killall [python3]=/usr/bin/python3
    [util-linux]=unshare
)

has() {
    local sign=${sign_of[$1]:-$1}
    case $1:$sign in
        *:/*) compgen -G "$sign" >/dev/null ;;
        *-static:*) sign=$(command -v "$sign") && ! ldd "$sign" &>/dev/null ;;
        *) command -v "$sign" >/dev/null ;;
    esac
}

# require PACKAGE...
require() {
    local package missing=()
    for package; do
        has "$package" || missing+=("$package")
    done
    if ((${#missing[@]})); then
        apt_install "${missing[@]}"
    fi
}

# Sets JAVA_HOME to a JDK of this release or a newer one.
require_jdk() {
    local release=25
    find_jdk $release && return
    apt_lists "openjdk-$release-jdk-headless" ||
        die "JDK $release or newer is missing, and apt has no openjdk-$release-jdk-headless here:" \
            "unpack a JDK below /usr/lib/jvm or set JAVA_HOME to it"
    apt_install "openjdk-$release-jdk-headless"
    find_jdk $release || die "no JDK $release or newer in /usr/lib/jvm after its installation"
}

find_jdk() {
    local home version
    for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
        version=$("$home/bin/javac" -version 2>/dev/null) || continue
        version=${version#javac }
        version=${version%%[!0-9]*}
        if ((version >= $1)); then
            export JAVA_HOME=$home
            return
        fi
    done
    return 1
}

# Whether apt can install the packages, if need be after fetching its lists.
apt_lists() {
    apt_knows "$@" && return
    command -v apt-get >/dev/null || die "$* missing, and this is not Debian (no apt-get): install it by hand"
    say "fetching apt's package lists"
    apt_run update
    apt_knows "$@"
}

apt_knows() {
    local package
    for package; do
        [[ $(apt-cache policy "$package" 2>/dev/null) == *'Candidate: '[^\(]* ]] || return
    done
}

apt_install() {
    local package
    for package; do
        say "$package is missing, installing it with apt"
    done
    apt_lists "$@" || die "apt has no such package: $*"
    local services had_database=yes
    services=$(services)
    has_database || had_database=no
    apt_without_services install -y --no-install-recommends "$@"
    disable_new "$services"
    [[ $had_database = yes ]] || drop_clusters # else they may be somebody's
    for package; do
        case $package in
            openjdk-*) ;;
            *) has "$package" || die "$package is still missing after its installation" ;;
        esac
    done
}

# What starts with the machine.
services() {
    find /etc/systemd/system/multi-user.target.wants -type l -printf '%f\n' 2>/dev/null | sort || true
}

# disable_new SERVICES: those that have come since are not to start with the machine.
disable_new() {
    local new
    for new in $(comm -13 <(echo "$1") <(services)); do
        systemctl --quiet disable "$new" 2>/dev/null || say "$new could not be disabled: it starts with this machine"
    done
}

has_database() {
    compgen -G '/etc/postgresql/*' >/dev/null || compgen -G '/var/lib/postgresql/*' >/dev/null
}

# The package of PostgreSQL makes a cluster.
drop_clusters() {
    local version name
    command -v pg_lsclusters >/dev/null || return 0
    pg_lsclusters -h | while read -r version name _; do
        pg_dropcluster "$version" "$name" </dev/null
    done
}

# Packages of servers start them when installed, unless policy-rc.d says no. Ours says so only as long as
# this script lives.
apt_without_services() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then
        apt_run "$@"
        return
    fi
    printf '#!/bin/sh\n! kill -0 %d 2>/dev/null || exit 101\n' $$ >$policy
    chmod 755 $policy
    local status=0
    (apt_run "$@") || status=$?
    rm -f $policy
    return $status
}

apt_run() {
    local log
    log=$(mktemp)
    if ! DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get $* failed"
    fi
    rm -f "$log"
}
