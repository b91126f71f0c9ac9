# Completion of pinshim(1) for fish. What there is to complete, pinshim's own help tells.

function __pinshim_commands
    pinshim help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  *\(.*\)/\1\t\2/p'
end

function __pinshim_options
    set -l words (commandline -opc)
    pinshim $words[2] --help 2>/dev/null | grep -o -e '^  \(-., \)\{0,1\}--[a-z-]*' | sed 's/.*--/--/'
end

function __pinshim_values
    set -l words (commandline -opc)
    switch $words[-1]
        case --starttls
            printf '%s\n' smtp imap pop3 ftp ldap xmpp postgres mysql
        case --position
            printf '%s\n' leaf intermediate root
        case --status
            printf '%s\n' valid expiring expired unknown
        case --format
            printf '%s\n' tyk hpkp android trustkit okhttp curl
        case --sort
            printf '%s\n' domain cn expires status owner
        case -m --mode
            printf '%s\n' off audit enforce
        case store
            printf '%s\n' list add get remove
        case help
            __pinshim_commands
        case edit remove refresh
            pinshim list --json 2>/dev/null | sed -n 's/^[^"]*"domain": *"\([^"]*\)".*/\1/p' | sort -u
    end
end

complete -c pinshim -n __fish_use_subcommand -f -a '(__pinshim_commands)'
complete -c pinshim -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -a '(__pinshim_options)'
complete -c pinshim -n 'not __fish_use_subcommand' -a '(__pinshim_values)'
