/**
 * Lines for `sh` that remove what the networks of an engine in the folder $1 leave on the machine when it ends: bridges and
 * firewall rules. Their ranges would be taken for ever, and an engine has about thirty. The engine must have ended; its
 * database of networks names the bridges in plain text.
 */
export const removeNetworks = `
  grep -aoh 'br-[0-9a-f]\\{12\\}' "$1/data/network/files/local-kv.db" 2>/dev/null | sort -u | while read -r bridge; do
    ip link delete "$bridge"
    for table in filter nat; do
      iptables -w -t "$table" -S | grep -w -- "$bridge" | sed 's/^-A/-D/' | while read -r rule; do
        iptables -w -t "$table" $rule
      done
    done
  done`;
