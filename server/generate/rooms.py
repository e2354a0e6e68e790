"""Refuses an #include that goes against the direction of the rooms, and a foreign library outside its room.

    python3 rooms.py server
"""
import pathlib
import re
import sys

# Each room, and the rooms whose headers it may include besides its own.
ALLOWED = {
    "core": [],
    "json": ["core"],
    "seal": ["core"],
    "db": ["core", "json", "seal"],
    "auth": ["core", "json", "seal", "db"],
    "work": ["core", "json", "seal", "db", "auth"],
    "http": ["core", "json", "seal", "db", "auth", "work"],
    "domains": ["core", "json", "seal", "db", "auth", "work", "http"],
    "commands": ["core", "json", "seal", "db", "auth", "work", "http", "domains"],
}

# A foreign header and the only rooms (or files) that may include it.
FOREIGN = {
    "microhttpd.h": ["http/"],
    "libpq-fe.h": ["db/"],
    "openssl/": ["seal/"],
    "jwt.h": ["auth/token.c"],
    "sodium.h": ["auth/password.c"],
    "zlib.h": ["json/zip_out.c"],
    "jansson.h": ["json/", "http/", "domains/"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def faults_of(path: pathlib.Path, inside: str) -> list[str]:
    room = inside.split("/")[0]
    faults = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        ours, foreign = found.groups()
        if ours and room in ALLOWED and ours.split("/")[0] in ALLOWED:
            other = ours.split("/")[0]
            if other != room and other not in ALLOWED[room]:
                faults.append(f"{path}:{number}: room {room} must not include {ours}")
        for header, places in FOREIGN.items():
            if foreign and foreign.startswith(header) and not inside.startswith(tuple(places)):
                faults.append(f"{path}:{number}: <{foreign}> belongs to {', '.join(places)}")
    return faults


def main() -> int:
    server = pathlib.Path(sys.argv[1])
    faults = []
    for path in sorted([*server.rglob("*.c"), *server.rglob("*.h")]):
        faults += faults_of(path, path.relative_to(server).as_posix())
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
