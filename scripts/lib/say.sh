# shellcheck shell=bash
# How the scripts speak: what they are about to do, every command they run, what to do when it fails.

# shellcheck disable=SC2034 # colours are read by the scripts that source this
if [[ -t 1 ]]; then
    say_bold=$'\e[1m' say_red=$'\e[31m' say_green=$'\e[32m' say_off=$'\e[0m'
else
    say_bold='' say_red='' say_green='' say_off=''
fi

# say TEXT…: one line about what happens and why.
say() {
    printf '%s==>%s %s\n' "$say_bold" "$say_off" "$*"
}

# fail TEXT…: what is wrong and what to do about it; ends the script.
fail() {
    printf '%serror:%s %s\n' "$say_red" "$say_off" "$*" >&2
    exit 1
}

# run COMMAND…: prints the command the way a person would type it, then runs it.
run() {
    local word line=''
    for word in "$@"; do
        # Plain words stay plain, so that the line can be read; everything else is quoted.
        if [[ $word =~ ^[A-Za-z0-9_./:=,@+%-]+$ ]]; then
            line+=" $word"
        else
            line+=" $(printf '%q' "$word")"
        fi
    done
    printf '%s+%s%s\n' "$say_bold" "$line" "$say_off"
    "$@"
}

# have COMMAND: whether there is such a command.
have() {
    command -v "$1" >/dev/null 2>&1
}
