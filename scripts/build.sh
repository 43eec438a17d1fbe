# Builds Stockade. To be sourced by a bash script in the project's directory, behind requirements.sh.

# Unless there is a binary that is newer than all it is made of.
build() {
    if [[ -x target/bin/jail && -z $(find src/main pom.xml .mvn -newer target/stockade -print -quit) ]]; then
        return
    fi
    require gcc maven musl-tools
    require_jdk
    say "building target/stockade with $JAVA_HOME (a minute or two)"
    local log
    log=$(mktemp)
    if ! mvn -q -B -Dstyle.color=never -DskipTests process-classes >"$log" 2>&1; then
        grep -v '^    at ' "$log" | tail -n 40 >&2
        rm -f "$log"
        die "the build failed"
    fi
    rm -f "$log"
}
