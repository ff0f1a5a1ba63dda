// The characters that Moses goes by are those of an old Unicode, and fewer than JavaScript's classes have today. Written by
// test/parity/tokenizers/moses_characters.py from what sacremoses 0.2.0 ships: of each range how far it starts behind
// the end of the one before, and how many characters more than one it has, in base 36.

/** The ranges as the inside of a regular expression's character class. */
const classOf = (ranges: string): string => {
  let at = 0
  return ranges.split(" ").map((range) => {
    const [gap = "", more = "0"] = range.split("+")
    const first = at + Number.parseInt(gap, 36)
    at = first + Number.parseInt(more, 36) + 1
    return `\\u{${first.toString(16)}}-\\u{${(at - 1).toString(16)}}`
  }).join("")
}

/** Letters, without Chinese ideographs and Korean syllables. */
export const ALPHABETIC = classOf(
  "1t+p 6+p 1b a 4 5+m 1+u 1+cp 4+b e+4 7 1 2e 16+4 1+1 2+3 1 6 1+2 1 1+j 1+2a 1+3u 8+4l 1+11 2 7+12 14+d 1 1+1 1+1 "
    + "1 8+q 5+2 t+a 5+1j 1+6 e+2t 1+7 4+7 4+2 a+2 2 g+1b d+2s o+w 9+1 4 5+n 2+i j+o 1z+i 1d+5 6+23 1+f 1+2 4+e d+i 1+7 "
    + "2+1 2+l 1+6 1 3+3 3+7 2+1 2+1 1 8 4+1 1+4 c+1 f+2 1+5 4+1 2+l 1+6 1+1 1+1 1+1 4+4 4+1 2+1 4 7+3 1 h+5 b+2 1+8 "
    + "1+2 1+l 1+6 1+1 1+4 3+8 1+2 1+1 3 f+3 t+2 1+7 2+1 2+l 1+6 1+1 1+4 3+7 2+1 2+1 9+1 4+1 1+4 d g+1 1+5 3+2 1+3 3+1 "
    + "1 1+1 3+1 3+2 3+b 4+4 3+2 1+2 3 6 14+3 1+7 1+2 1+m 1+f 3+7 1+2 1+2 8+1 1+1 6+3 t+2 1+7 1+2 1+m 1+9 1+4 3+7 1+2 "
    + "1+2 8+1 7 1+3 d+1 e+2 1+7 1+2 1+14 2+7 1+2 1+2 1 8 8+3 m+5 2+1 1+h 3+n 1+8 1 2+6 8+5 1 1+7 i+1 d+1l 5+6 6 1f+1 1 "
    + "2+1 1 2 6+3 1+6 1+2 1 1 2+1 1+c 1+2 2+4 1 6 e+3 w 1r+7 1+z 4+g 6+f 1+z 1v+1i 1 2+4 g+i 2+3 5+o 7 d+1 2+11 1 5 "
    + "2+16 1+98 1+3 2+6 1 1+3 2+14 1+3 2+w 1+3 2+6 1 1+3 2+e 1+1k 1+3 2+1u 4 w+f g+2c c+h7 2+g 1+p 5+22 3+a 7+c 1+5 "
    + "c+j c+j c+c 1+2 1+1 c+1f 2+i e 4 1v+2f 8+16 5+1x a+u 1+b 4+8 n+t 2+4 b+17 4+p 1i+r 4+1q 2+j 1e 2g+1f 1+e 1+6 "
    + "1g+15 2+3 a+17 1+a e+1h n+2 a+z 2z+3 1+5 1+1 9+5b 13+d b+7p 2+5 2+11 2+5 2+7 1 1 1 1+u 2+1g 1+6 1 3+2 1+6 3+3 "
    + "2+5 4+c 5+2 1+6 38 d g+c 2t 4 2+9 1 3+4 6 1 1 1+3 1+a 2+3 5+4 4 h+14 ml+1f 6a 183+1a 1+1a 1+3o 6+3 3+1 c+11 1 5 "
    + "2+1j 7 g+m 9+6 1+6 1+6 1+6 1+6 1+6 1+6 1+6 1+v 1b d2 16+4 6 4+2d 6+2 1+2h 1+3 5+14 3+2l h+q 1h+f lq8+wc 1v+19 "
    + "2+7g 3+f a+1 k+1a 5+7 3+u 1+28 13+8 2+2u 2+3 1+t 2+1 1x+a 1+2 1+3 1+r o+1f c+1v 1a+5 3 e+w 5+y d+s 3+1e 1+b f "
    + "g+4 1+9 a+4 1+1i 9+d i+m 3 3+1s 1 1 o+2 2+f 2+3 b+5 2+5 2+5 9+6 1+6 1+16 1+3 4+1 2i+16 8n9+m 4+1c 6x0+6 c+4 5+b "
    + "1+c 1+4 1 1+1 1+1 1+2z x+a2 i+1r 2+1h 14+b 38+4 1+3q 10+p 6+p b+2g 3+5 2+5 2+5 2+2",
)

/** The signs of Indian scripts that the tokenizer, but not the detokenizer, takes for letters. */
export const MARKS = classOf(
  "1to g 32 g 32 g 32 g 1b+2 1o g 3j 3j 32 g 31+1 g 3g 6n am 1cq wm 3v rrg 3y bm itk 16u 36+1 3c 1r 24 9 2y+1 4y+1 "
    + "29 g 6s 3 3f+1 6z+1 3i 3a+1 ap+1 bp 2b ei 76 2 29 148i",
)

/** Digits. */
export const DIGITS = classOf(
  "1c+9 17q+9 3q+9 5i+9 bg+9 3a+9 3a+9 3a+9 3a+9 3a+9 3a+9 3a+9 3a+9 3a+9 2o+9 3a+9 1y+9 7q+9 1y+9 1fq+9 12+9 8c+9 "
    + "3k+9 4m+9 6+9 52+9 2e+9 3q+9 6+9 r7q+9 iu+9 12+9 5i+9 m+9 2e+9 ba+9 geu+9",
)

/** Digits, fractions and other numerals. */
export const NUMBERS = classOf(
  "1c+9 3c+1 5 2+2 141+9 3q+9 5i+9 bg+9 3a+9 4+5 30+9 3a+9 3a+9 2+5 32+c 37+9 8+6 2v+9 3a+f 34+9 2o+9 3a+9 1y+j "
    + "7g+9 1y+9 jz+j oh+2 6n+9 6+9 m+9 8c+9 3k+a 4l+9 6+9 52+9 2e+9 3q+9 6+9 t2 3+5 6+9 5i+1e 2+4 k6+1n 26+l hi+t 12h "
    + "wk+3 3u+9 u+7 1+e w+9 13+e msg+9 58+9 8w+5 4a+9 12+9 5i+9 m+9 2e+9 ba+9 geu+9",
)

/** Small letters. */
export const LOWERCASE = classOf(
  "2p+p 1b a 4 10+n 1+7 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1+1 1 1 1 1 1 1 1 1+1 1 1 1 1 1 1 1 1 "
    + "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 1 1+2 2 1 2 3+1 4 2 3+2 2 2 1 1 2 1+1 1 2 3 1 2+1 2+2 6 2 2 1 1 1 1 1 1 1 1+1 1 "
    + "1 1 1 1 1 1 1 1+1 2 1 3 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1+6 2 2+1 1 4 1 1 1 1+1w 1+z 7+1 "
    + "u+4 2o 17 1 3 2+3 i r+y 1+1 3+2 1 1 1 1 1 1 1 1 1 1 1 1+4 1 2 2+1 1f+1b 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 9 1 1 "
    + "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 1 1 1 1 1 1+1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
    + "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1d+12 2uo+5 1oi+8 3b+5b 1t 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
    + "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1+8 "
    + "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1+8 8+5 a+7 8+7 "
    + "8+5 a+7 8+7 8+d 2+7 8+7 8+7 8+4 1+1 6 3+2 1+1 8+3 2+1 8+7 a+2 1+1 3d d g+c 31 3+1 3 r 4 4 2+1 8+3 4 x+f 4 nf+p "
    + "6a 19f+1a 2 3+1 1 1 1 4 1+1 1+7 3 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
    + "1 1 1 1 1 1 1 1 1 1+1 7 1 4 c+11 1 5 nwz 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 j 1 1 1 1 1 1 1 1 1 1 1 1 "
    + "1+2 3p 1 1 1 1 1 1+2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1+9 1 1 2 1 1 1 1 4 1 2 1+2 1 1 "
    + "1 1 1 1 1 1 1 1 b 1 1s+2 mt+16 1+9 a+27 fnk+6 c+4 tl+p y5+13 3s+z 1j8+1e 2bx+v 10ze+p q+6 1+h q+p q+3 1 1+6 1+a "
    + "q+p q+p q+p q+p q+p q+p q+p q+p q+r s+o 1+5 q+o 1+5 q+o 1+5 q+o 1+5 q+o 1+5 1 3fa+x",
)

/** Signs of currencies. */
export const CURRENCY = classOf(
  "10 3h+3 yx 3f rq+1 7 6t 7b g5 1wb 1qc+t qre gxv 30 4a 63+1 3+1",
)
