# Completion of pinshim(1) for bash. What there is to complete, pinshim's own help tells.

_pinshim_commands() {
    "$1" help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
}

_pinshim_options() {
    "$1" "$2" --help 2>/dev/null | grep -o -e '^  \(-., \)\{0,1\}--[a-z-]*' | sed 's/.*--/--/'
}

# What may stand behind an option or command; nothing: a file.
_pinshim_values() {
    case $3 in
    --starttls) echo smtp imap pop3 ftp ldap xmpp postgres mysql ;;
    --position) echo leaf intermediate root ;;
    --status) echo valid expiring expired unknown ;;
    --format) echo tyk hpkp android trustkit okhttp curl ;;
    --sort) echo domain cn expires status owner ;;
    -m | --mode) echo off audit enforce ;;
    --pem) echo - ;;
    store) echo list add get remove ;;
    help) _pinshim_commands "$1" ;;
    edit | remove | refresh) "$1" list --json 2>/dev/null | sed -n 's/^[^"]*"domain": *"\([^"]*\)".*/\1/p' | sort -u ;;
    esac
}

_pinshim() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words

    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        words="$(_pinshim_commands "$program") help --help --version"
    elif [[ $word == -* ]]; then
        words=$(_pinshim_options "$program" "$command")
    else
        words=$(_pinshim_values "$program" "$command" "$before")
    fi
    if [ -n "$words" ]; then
        local IFS=$' \t\n'
        set -f # a domain may be a wildcard
        # shellcheck disable=SC2086 # words
        for words in $words; do
            if [[ $words == "$word"* ]]; then COMPREPLY+=("$words"); fi
        done
        set +f
    fi
}

complete -o default -F _pinshim pinshim
