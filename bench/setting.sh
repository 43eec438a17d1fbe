# Where benchmarks are run. To be sourced by a bash script in bench/, behind requirements.sh.

# in_own_setting ARGUMENTS...: runs the script again, with its arguments, in namespaces of its own (mount, network, uts, ipc, cgroup, pid)
# and returns there: with a /run in memory, as file-hierarchy(7) has it, lo up, and a cgroup of its own for the root of all, which
# takes along what is still in it when the script ends. crun refuses hosts that have cgroup v1 beside v2: it is not there.
in_own_setting() {
    if [[ ${STOCKADE_BENCH:-} = inside ]]; then
        mount -t tmpfs -o mode=755 none /run
        ip link set lo up
        return
    fi
    [[ -x target/bin/jail ]] || die "target/stockade is not built yet: ./quickstart builds it"
    local cgroup
    cgroup=$(findmnt --noheadings --first-only --output TARGET --types cgroup2)/stockade-bench-$$
    mkdir "$cgroup"
    # shellcheck disable=SC2064
    trap "remove_cgroup '$cgroup'" EXIT
    trap 'exit 130' INT TERM HUP
    (
        echo $BASHPID >"$cgroup/cgroup.procs"
        # shellcheck disable=SC2016
        STOCKADE_BENCH=inside exec unshare --mount --cgroup sh -euc '
            umount --recursive --lazy /sys/fs/cgroup
            mount -t cgroup2 none /sys/fs/cgroup
            mkdir /sys/fs/cgroup/bench
            echo $$ >/sys/fs/cgroup/bench/cgroup.procs # one with processes gives no controllers to those below it
            exec unshare --mount --net --uts --ipc --pid --fork --mount-proc "$@"' sh "bench/${0##*/}" "$@"
    )
    exit
}

# Ends what is in a cgroup and removes it.
remove_cgroup() {
    local i
    trap '' INT TERM HUP
    echo 1 >"$1/cgroup.kill"
    for i in {1..40}; do
        # each below its parent, whose programs go with it
        find "$1" -depth -type d -exec rmdir {} + &>/dev/null && return
        sleep 0.1
    done
    die "$1 is still in use"
}

# compare NAME TITLE: tells of what measure has written to stdin, in milliseconds, with the ratio to NAME.
compare() {
    awk -F '\t' -v base="$1" -v title="$2" '
        { name[NR] = $1; median[NR] = $2; low[NR] = $3; high[NR] = $4 }
        $1 == base { of_base = $2 }
        END {
            printf "%s, milliseconds\n\n%-26s %8s %8s %8s %9s\n", title, "", "median", "p10", "p90", "ratio"
            for (i = 1; i <= NR; i++)
                printf "%-26s %8.2f %8.2f %8.2f %8.2fx\n", name[i], median[i] / 1000, low[i] / 1000, high[i] / 1000,
                    median[i] / of_base
            print ""
        }'
}

# goal FILE NAME LIMIT OTHER: whether, of what measure has written to the file, one takes at most so many times what another does.
goal() {
    awk -F '\t' -v name="$2" -v limit="$3" -v other="$4" '
        { median[$1] = $2 }
        END {
            ratio = median[name] / median[other]
            printf "%-45s %5.2f, goal %.2f: %s\n", name " to " other, ratio, limit, ratio <= limit ? "met" : "NOT MET"
        }' "$1"
}
