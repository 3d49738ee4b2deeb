# shellcheck shell=bash
# Stages: run one, keep its output, count what it says, print the summary. Sourced by tests/run.
#
# A stage is a function check_NAME. It fails by a non-zero status, is skipped by status 77, and may leave lines
# "FIGURE text" (shown in the summary) and "CHECKS n" (how many checks it made, if no Rust test counted them).

declare -a rows=()
passed=0 failed=0 skipped=0

run_stage() {
    local stage=$1 log=$lab/log/$1.log begun=$SECONDS status=0
    printf '\n== %s\n' "$stage"
    if [[ -n ${missing[$stage]:-} ]]; then
        echo "missing: ${missing[$stage]}" | tee "$log"
        if $allow_missing; then status=77; else status=1; fi
    else
        # A stage is a subshell of its own: what it exports or changes ends with it.
        # (Not in a condition: there `set -e` would mean nothing, all the way down.)
        set +e
        (
            set -euo pipefail
            "check_$stage"
        ) 2>&1 | tee "$log"
        status=${PIPESTATUS[0]}
        set -e
    fi
    count "$stage" "$log" "$status" $((SECONDS - begun))
}

# Turns a stage's log and status into a row of the summary.
count() {
    local stage=$1 log=$2 status=$3 seconds=$4 ok bad word figures
    read -r ok bad < <(awk '
        /^test result:/ { for (i = 1; i < NF; i++) { if ($(i + 1) ~ /^passed/) ok += $i; if ($(i + 1) ~ /^failed/) bad += $i } }
        /^CHECKS /      { ok += $2 }
        END             { print ok + 0, bad + 0 }' "$log")
    case $status in
    0) word=ok ;;
    77) word=SKIPPED skipped=$((skipped + 1)) ;;
    *) word=FAILED ;;
    esac
    if [[ $word == FAILED && $bad == 0 ]]; then bad=1; fi # a stage may fail outside of any counted test
    if [[ $word == ok && $ok == 0 ]]; then ok=1; fi       # a stage without counted tests is one check
    passed=$((passed + ok)) failed=$((failed + bad))
    rows+=("$(printf '%-10s %-8s %6s passed %4s failed %6ss' "$stage" "$word" "$ok" "$bad" "$seconds")")
    while IFS= read -r figures; do
        rows+=("             ${figures#FIGURE }")
    done < <(grep -a '^FIGURE ' "$log" || true)
    # Tests that were not run for want of something say so on a line of their own.
    while IFS= read -r figures; do
        rows+=("             $figures")
    done < <(grep -aE '^(SKIPPED|ABSENT):? ' "$log" | sort -u | head -20 || true)
    if [[ $word == FAILED ]]; then
        failures+=("$stage")
        cp "$log" "$lab/log/failed-$stage.log"
    fi
}
declare -a failures=()

summary() {
    printf '\n== summary (%d min %02d s)\n' $((SECONDS / 60)) $((SECONDS % 60))
    printf '%s\n' "${rows[@]}"
    local stage
    for stage in ${failures[@]+"${failures[@]}"}; do
        printf '\n-- %s: what failed\n' "$stage"
        grep -aE '^(test .* FAILED|error|failures:|thread .* panicked|missing:)|: FAILED|mismatch' \
            "$lab/log/$stage.log" | head -40 || true
        tail -n 5 "$lab/log/$stage.log"
    done
    printf '\n'
    if ((skipped > 0)); then printf '%d stages skipped\n' "$skipped"; fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0))
}
