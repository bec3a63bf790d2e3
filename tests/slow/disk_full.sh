# A run on a disk that fills up, in a mount namespace of its own: $1 an empty folder, $2 where to leave what was on the disk,
# $3 the place to begin with, $4 kilobytes of room. The remaining arguments are the command; it runs again with more room.
set -eu
disk=$1; out=$2; from=$3; room=$4; shift 4
mount -t tmpfs -o size=2g none "$disk"
cp -r "$from/." "$disk"
used=$(du -sk "$disk" | cut -f1)
mount -o remount,size=$((used + room))k "$disk"
cd "$disk"
set +e
"$@" > "$out/full.stdout" 2> "$out/full.stderr"; echo $? > "$out/full.code"
df -k "$disk" > "$out/full.df"
mount -o remount,size=2g "$disk"
"$@" > "$out/again.stdout" 2> "$out/again.stderr"; echo $? > "$out/again.code"
cp -r "$disk" "$out/disk"
