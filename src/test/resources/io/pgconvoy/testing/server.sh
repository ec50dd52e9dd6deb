# Runs a server that ends when whoever started this ends, in whatever way: the pipe on standard input closes then.
#   sh -c "$(cat server.sh)" server FOLDER COMMAND...
# Lines on standard input are signals to send (INT, QUIT, KILL, STOP ...), or 'keep' to let the server outlive us.
# The first line on standard output is the server's process id; the exit status is the server's.
folder=$1
shift
trap '' INT HUP
exec 3<&0
"$@" >>"$folder/log" 2>&1 </dev/null 3<&- &
server=$!
echo "$server"
(
    exec <&3 >/dev/null 2>&1
    while read -r word; do
        case $word in
            keep) exit 0 ;;
            *) kill -s "$word" "$server" ;;
        esac
    done
    : >"$folder/abandoned"
    kill -s QUIT "$server"
    kill -s CONT "$server"
) &
keeper=$!
exec 3<&- >/dev/null 2>&1
wait "$server"
status=$?
kill "$keeper"
[ ! -e "$folder/abandoned" ] || rm -rf "$folder"
exit "$status"
