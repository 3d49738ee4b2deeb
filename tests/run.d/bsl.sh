# shellcheck shell=bash
# The stage `bsl`: sources in 1C's language under the BSL Language Server. Sourced by tests/run.
#
# What is analysed is 1c/ as a whole: modules, tests, examples. Which rules are off, and why, is said by
# 1c/.bsl-language-server.json; bsl_report.py reads the report and refuses everything else.

bsl_server_version=0.28.5 # the newest for Java 17

# The server is one runnable file, put into the cache by Maven from its registry.
have_bsl_server() {
    bsl_server=$cache/bsl/bsl-language-server-$bsl_server_version-exec.jar
    [[ -s $bsl_server ]] && return 0
    echo "== BSL Language Server $bsl_server_version (once into $cache/bsl)"
    mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
        "-Dartifact=io.github.1c-syntax:bsl-language-server:$bsl_server_version:jar:exec" \
        "-DoutputDirectory=$cache/bsl" && [[ -s $bsl_server ]]
}

check_bsl() {
    local report=$lab/bsl
    mkdir -p "$report"
    # The root of the configuration is taken relative to the current folder, hence `cd`. Without a UTF-8 locale Java does
    # not see files with Russian names. One compiler and no collector threads: it runs for seconds only.
    (
        cd 1c
        LC_ALL=C.UTF-8 java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$bsl_server" analyze --silent --reporter json \
            --configuration .bsl-language-server.json --srcDir . --outputDir "$report"
    ) >"$lab/log/bsl-language-server.out" 2>&1 || {
        tail -n 20 "$lab/log/bsl-language-server.out"
        return 1
    }
    python3 "$here/run.d/bsl_report.py" "$report/bsl-json.json" 1c
}
