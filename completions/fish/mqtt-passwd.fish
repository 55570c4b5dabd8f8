# fish completion for mqtt-passwd. Written by completions/generate.py from the program's --help.

function __mqtt_users # those of the password file before the cursor
    set -l words (commandline -opc)
    test (count $words) -gt 1 -a -f $words[-1]; and string match -rv '^#' <$words[-1] | string replace -r ':.*' ''
end

complete -c mqtt-passwd -n 'test -n "$(__mqtt_users)"' -x -a '(__mqtt_users)'
complete -c mqtt-passwd -l help -d 'print this help and exit'
complete -c mqtt-passwd -l version -d 'print the version and exit'
complete -c mqtt-passwd -s c -l create -d 'create a new file, replacing an existing one'
complete -c mqtt-passwd -s D -l delete -d 'delete the user'
complete -c mqtt-passwd -s U -l upgrade -d 'hash every plain-text password'
complete -c mqtt-passwd -l verify -d 'check the password'
complete -c mqtt-passwd -l list -d 'list the users'
complete -c mqtt-passwd -s b -l batch -d 'the password is the last word of the command line'
complete -c mqtt-passwd -l password-stdin -d 'read the password from standard input, without prompting'
complete -c mqtt-passwd -l password-fd -x -d 'read the password from this descriptor'
complete -c mqtt-passwd -l generate -d 'generate a random password for each user and print it once'
complete -c mqtt-passwd -l length -x -d 'password length for --generate, 16 to 128'
complete -c mqtt-passwd -l only-new -d 'with --generate'
complete -c mqtt-passwd -s H -l hash -x -a 'argon2id sha512-pbkdf2 sha512' -d 'argon2id, sha512-pbkdf2 or sha512'
complete -c mqtt-passwd -s I -l iterations -x -d 'rounds of sha512-pbkdf2'
complete -c mqtt-passwd -l memory -x -d 'memory of argon2id'
complete -c mqtt-passwd -l passes -x -d 'passes of argon2id over its memory'
