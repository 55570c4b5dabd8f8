# fish completion for mqtt-broker. Written by completions/generate.py from the program's --help.

complete -c mqtt-broker -f
complete -c mqtt-broker -s h -l help -d 'print this help and exit'
complete -c mqtt-broker -l version -d 'print the version and exit'
complete -c mqtt-broker -s c -l config-file -r -F -d 'read this configuration file'
complete -c mqtt-broker -s p -l port -x -d 'listen on this port, if the configuration has no listener'
complete -c mqtt-broker -s d -l daemon -d 'run in the background'
complete -c mqtt-broker -s q -l quiet -d 'log nothing'
complete -c mqtt-broker -s v -l verbose -d 'log everything'
complete -c mqtt-broker -l test-config -d 'check the configuration and everything it refers to, print all errors, and exit'
complete -c mqtt-broker -l tls-keylog -r -F -d 'append the keys of all TLS connections to this file, for network analysers'
