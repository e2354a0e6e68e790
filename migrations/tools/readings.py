"""Writes the table of readings of 0012_readings.sql from Debian's package unicode-data: one line a syllable, its characters.

Of the characters of the General Standard (kTGH, 8 105) and what GB 2312 has beside them, the customary reading (the first of
kMandarin), without tones, ü as v. Run by whoever renews the data, never by the build:
    python3 migrations/tools/readings.py > readings.txt
"""
from __future__ import annotations

import bz2
import sys
import unicodedata
from collections import defaultdict

FOLDER = "/usr/share/unicode"


def properties(name: str, wanted: str):
    with bz2.open(f"{FOLDER}/Unihan_{name}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] == wanted:
                yield chr(int(parts[0][2:], 16)), parts[2]


def plain(syllable: str) -> str:
    """lǜ → lv: the accents of tones go, the two points of ü are what keyboards write as v."""
    letters = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def in_gb2312(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def main() -> int:
    standard = {character for name in ("OtherMappings", "DictionaryLikeData", "IRGSources") for character, _ in properties(name, "kTGH")}
    syllables: dict[str, list[str]] = defaultdict(list)
    for character, readings in properties("Readings", "kMandarin"):
        if character in standard or in_gb2312(character):
            syllables[plain(readings.split()[0])].append(character)
    for syllable in sorted(syllables):
        print(f"  ('{syllable}', '{''.join(sorted(syllables[syllable]))}'),")
    return 0 if standard else 1


if __name__ == "__main__":
    sys.exit(main())
