"""Prints models/tokenizers/moses-characters.ts from the character lists of sacremoses."""
from sacremoses.indic import NUKTAS, VIRAMAS
from sacremoses.tokenize import MosesDetokenizer, MosesTokenizer

HEAD = """// The characters that Moses goes by are those of an old Unicode, and fewer than JavaScript's classes have today. Written by
// test/parity/tokenizers/moses_characters.py from what sacremoses 0.2.0 ships: of each range how far it starts behind
// the end of the one before, and how many characters more than one it has, in base 36."""

NAMES = {
    "ALPHABETIC": "Letters, without Chinese ideographs and Korean syllables.",
    "MARKS": "The signs of Indian scripts that the tokenizer, but not the detokenizer, takes for letters.",
    "DIGITS": "Digits.",
    "NUMBERS": "Digits, fractions and other numerals.",
    "LOWERCASE": "Small letters.",
    "CURRENCY": "Signs of currencies.",
}

DECODER = """/** The ranges as the inside of a regular expression's character class. */
const classOf = (ranges: string): string => {
  let at = 0
  return ranges.split(" ").map((range) => {
    const [gap = "", more = "0"] = range.split("+")
    const first = at + Number.parseInt(gap, 36)
    at = first + Number.parseInt(more, 36) + 1
    return `\\\\u{${first.toString(16)}}-\\\\u{${(at - 1).toString(16)}}`
  }).join("")
}"""


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else base36(number // 36) + digits[number % 36]


def ranges(characters):
    parts, at = [], 0
    codes = sorted(characters)
    while codes:
        length = next((n for n in range(1, len(codes)) if codes[n] != codes[0] + n), len(codes))
        parts.append(base36(codes[0] - at) + ("" if length == 1 else "+" + base36(length - 1)))
        at = codes[0] + length
        codes = codes[length:]
    return parts


def lines(parts, width=112):
    line = ""
    for part in parts:
        if len(line) + len(part) > width:
            yield line
            line = ""
        line += f"{part} "
    yield line.rstrip()


def main():
    codes = lambda text: {ord(character) for character in text if character != "\n"}
    alphabetic = codes(MosesDetokenizer.IsAlpha)
    marks = codes("".join(VIRAMAS) + "".join(NUKTAS)) - alphabetic
    assert codes(MosesTokenizer.IsAlpha) == alphabetic | marks
    sets = {
        "ALPHABETIC": alphabetic,
        "MARKS": marks,
        "DIGITS": codes(MosesTokenizer.IsAlnum) - alphabetic - marks,
        "NUMBERS": codes(MosesTokenizer.IsN),
        "LOWERCASE": codes(MosesTokenizer.IsLower),
        "CURRENCY": codes(MosesDetokenizer.IsSc),
    }
    print(HEAD, end="\n\n")
    print(DECODER)
    for name, characters in sets.items():
        text = " +\n".join(f'  "{line}"' for line in lines(ranges(characters)))
        print(f"\n/** {NAMES[name]} */\nexport const {name} = classOf(\n{text},\n)")


main()
