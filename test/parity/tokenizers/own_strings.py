"""Strings made to be hard, and sentences to train the small tokenizers on. All written for this test."""

SENTENCES = """
Aspirin inhibits cyclooxygenase and may induce gastric ulcers in 12.5% of patients.
The combination of warfarin and aspirin increases the risk of bleeding (p < 0.001).
Co-administration of ketoconazole with midazolam raised the AUC by 15-fold, from 3.2 to 48 ng/mL.
We didn't find any effect of IL-6 on TNF-alpha release; it's unknown whether NF-kB is involved.
Dr. Smith et al. reported that beta-blockers, e.g. propranolol, can't be stopped abruptly.
A 56-year-old woman developed acute renal failure after two doses of gentamicin.
Seizures were induced by pilocarpine (300 mg/kg, i.p.) in 24 male Wistar rats.
Trastuzumab plus paclitaxel is active against HER2-positive breast cancer cells.
No drug-drug interactions were observed between metformin and sitagliptin at 50, 100 or 200 mg.
Treatment with 5-fluorouracil, leucovorin and oxaliplatin [FOLFOX] led to neutropenia.
Lithium carbonate may cause nephrogenic diabetes insipidus, tremor and weight gain.
The IC50 values were 1.2, 3.4 and 5.6 microM for CYP3A4, CYP2D6 and CYP2C9, respectively.
What does cisplatin do? It binds DNA! Patients' hearing was tested before and after therapy.
Serum creatinine rose to 4.1 mg/dL; haemodialysis was started on day 3 and stopped on day 10.
The relation between the drug and the gene is: inhibitor. The relation is an upregulator.
Naloxone reversed the antihypertensive effect of clonidine in spontaneously hypertensive rats.
Rifampicin induces CYP3A4, lowers plasma levels of oral contraceptives and may reduce efficacy.
Both compounds bound to the receptor with a Kd of 0.8 nM, as shown by [3H]-labelled ligands.
""".strip().splitlines()

WORDS = [
    "co-administration", "IL-6", "NF-κB", "β-blockers", "didn't", "patients'", "5-HT3", "N,N-dimethyl", "1,2-bis",
    "[3H]-naloxone", "p<0.05", "10(-8)", "i.p.", "e.g.", "vs.", "Dr.", "No.", "Nos.", "pp.", "Fig.", "U.S.A.",
    "mg/kg/day", "Na+/K+-ATPase", "α1β2", "3′-UTR", "37°C", "±0.5", "µg", "μg", "×10⁶", "½", "naïve", "Ménière's",
    "Sjögren", "&amp;", "&lt;b&gt;", "R&D", "a|b", "$5", "£5.00", "#1", "@home", "C#", "100%", "~", "^", "\\", "/",
    "—", "–", "…", "...", "....", "‘quoted’", "“quoted”", "„low“", "«guillemets»", "¿qué?", "¡hola!", "'s", "'S",
    "'re", "n't", "can't", "O'Neil", "'tis", "rock'n'roll", "''", "``", "'''", '"', '""', "(", ")", "[x]", "{y}", "<z>",
    "<", ">", "<<", "a<b>c", "<=", "->", "=", "==", "+", "--", "---", "a--b", "-a", "a-", "- -", "@-@", "a @-@ b",
    "DOTMULTI", "DOTDOTMULTI", "_", "__init__", "snake_case", "CamelCase", "ALLCAPS", "x²", "H₂O", "Ca²⁺", "№", "℃",
]

UNICODE = [
    "ﬁ ﬂ ﬀ ﬃ ﬄ ﬅ", "ＡＢＣ ａｂｃ １２３ ！", "Ⅳ ⅳ Ⅻ ⑫ ⑴ ㊀ ㎏ ㎎ ㏒ ㍿", "½ ¼ ¾ ⅓ 1⁄2", "x² y³ zⁿ H₂O CO₂", "™ ® © ℠ ℡ № Å Ω K",
    "é e\u0301 ế e\u0302\u0301 \u0301", "Å A\u030a \u212b", "ñ n\u0303 ü u\u0308", "한국어 \u1112\u1161\u11ab 가", "がぎ か\u3099 ｶﾞ",
    "日本語のテキスト", "中文没有空格。标点，也是", "русский текст", "ελληνικά: α β γ δ μ π σ ς Ω", "עברית", "العربية ﷺ ﷲ", "हिन्दी क्षत्रिय",
    "ไทยไม่มีช่องว่าง", "தமிழ்", "తెలుగు", "ქართული", "አማርኛ", "Việt Nam", "Ǆ ǅ ǆ ĳ ŀ ŉ ſ ẛ", "İstanbul ı ß ẞ",
    "😀 😀😀", "👩‍👩‍👧‍👦 family", "👍🏽 skin", "🇩🇪🇫🇷", "❤️ ❤ ☎︎", "𝒜𝓑𝔠 𝟘𝟙𝟚", "𐐷 𠮷 🀄", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "a\u200bb", "a\u200cb\u200dc", "\ufeffbom", "a\ufeffb", "a\u00adb soft", "a\u2060b", "\u200e\u200fmarks", "a\u2028b\u2029c",
    "\u00a0nbsp\u00a0", "a\u1680b\u2000c\u2003d\u2009e\u200af\u202fg\u205fh\u3000i", "a\u0085b", "a\u180eb", "\ufffd", "a\ufffdb",
    "\u0000", "a\u0000b", "a\u0001b\u0008c", "\u001c\u001d\u001e\u001f", "a\u001cb", "a\u007fb", "a\u008fb\u009fc", "\u0080\u0081",
    "▁", "▁▁", "a▁b", "▁a", "a▁", " ▁ ", "▁ ▁a", "Ġ", "ĠĠa", "Ċ", "a</w>", "</w>", "@@", "le@@ tt@@ er",
    "\u0378 unassigned", "\ue000 private", "\U000f0000", "\U0010ffff", "\ufffe", "\ufdd0", "～ 〜 ∼", "ｰ ー - ‐ ‑ ‒ – — ―",
    "\u0915\u094d\u0937", "\u0e33 \u0eb3", "\u2126 \u03a9", "\u0340\u0341\u0343\u0344", "\u1e9b\u0323", "\u0344\u0345", "q\u0323\u0307 q\u0307\u0323",
    "\uff65\uff9e\uff9f", "\u3131 \uffa1", "\u2460\u24b6\u24d0", "\u00bc\u2150\u215f", "\u2025\u2026\u22ef", "\u2033\u2034\u2057 \u2032", "\ufb1d\ufb4f",
]

SPACES = [
    "", " ", "  ", "   ", "\n", "\t", "\r\n", " \n ", "\n\n", " a", "a ", " a ", "a  b", "a   b", "a\tb", "a\nb", "a\r\nb", "a \n b",
    "\n\na\n\n", "\t\ta\t\t", "a\u000bb\u000cc", "a  \n\n  b", "  a", "a  ", "a \t b", " \ta", "one\n\ntwo\n", "x" + " " * 50 + "y",
]

SPECIALS = [
    "<s>", "</s>", "<pad>", "<unk>", "<mask>", "<extra_id_0>", "<extra_id_99>", "<extra_id_100>", "<|endoftext|>", "a</s>b", "a </s> b",
    "</s></s>", "<s>a</s>", " <s> a </s> ", "<mask>a", "a <mask> b", "a<mask>b", "a  <mask>  b", "a<extra_id_0>b", "a <extra_id_0> b <extra_id_1>.",
    "<extra_id_1>0", "<extra_id_10>", "</S>", "< /s>", "<<s>>", "</s", "<|endoftext|><|endoftext|>", "a<|endoftext|> b", "x <|endoftext|>x", "<unk>x",
    "\n</s>\n", "</s>\u0301", "<pad> <pad>", "[PAD] [CLS] [SEP]", "<sep>", "<|sep|>",
]

LONG = [
    "a" * 300, "ab" * 300, "-" * 300, "." * 300, "1" * 300, "é" * 300, "日" * 300, "😀" * 100, "aB" * 120, "ACGT" * 200,
    "antidisestablishmentarianism" * 10, "-".join(["x"] * 200), "1,2," * 100, "((((" * 50 + "))))" * 50, "'" * 100, '"' * 100, "a." * 100, "e.g." * 60,
    " ".join(["word"] * 300), "0123456789" * 40, "<" * 100, "&" * 100, "a\u0301" * 100, "\u0301" * 200, "▁" * 100,
]

MOSES = [
    "Mr. Smith vs. Dr. Jones.", "No. 5 is here. No.", "No. Yes.", "pp. 3-5 and Nos. 1, 2.", "See Art. 5 and Art. V.", "at 5 p.m. he left.",
    "at 5 p.m. He left.", "J. Doe et al. 2001.", "The U.S. is big.", "end. begin", "end. Begin", "end.Begin", "3.5 mg. was", "3.5 mg. Was",
    "5,300 and a,b and 5,a and a,5 and 5, 6", ",", ",,", ", ,", "a,", "5,", ",5", "a,,b", "1,234,567.89", "x , y", "hello,world,again",
    "don't can't I'm you're they'll we've he'd", "DON'T CAN'T", "the dogs' bones", "'quoted text'", "\"double quoted\"", "it's 5's 5'6", "'90s", "l'eau d'or",
    "' a ' b '", "a 's b", "''a''", "a'", "'a", "5'", "'5", "é'é", "a'5", "5'a", "κ'α", "x''y",
    "a.b.c.", "a..b", "a...b", "a....b", "wait...", "...wait", ". . .", "..", "a. .b", "a .b", "i.e. this", "e.g., that.", "etc.", "etc. and",
    "a.'", "end.'", "end.' ", "end.\"", "end.)", "(end.)", "[end].", "end?!", "end!?.", "Really?No!", "a;b:c", "a/b", "and/or", "http://example.org/a?b=c&d=e",
    "name@example.org", "50%", "$50.00", "€50", "50€", "#tag @user", "a&b", "a & b", "a|b", "a [b] c", "a<b", "a > b", "x_y", "a*b", "a+b=c",
    "one-two", "one--two", "one - two", "-one", "two-", "1-2", "a-1", "α-β", "é-è", "-", "a-b-c-d", "a-'b", "日-本", "a–b", "IL-2-", "-5", "(-)-x",
    "( a )", "(a)", "((a))", "{a}", "a ( b ) , c .", "£5 ( £6 )", "¿a?", "¡a!", "a % b", "a \\ b", "a : b", "\" a \" b \" c \"", "` a `", "`` a ''",
    "„a“", "\u201ca\u201d", "日 本", "日本 語 a 語", "가 나", "A 's", "A ' s", "boys ' toys", "&apos;", "&quot;a&quot;", "&amp;lt;", "&#124;&#91;&#93;", "&bar; &bra; &ket;",
    "a\u00a0.b", "Prof. X. Y. Zed", "Ph.D.", "vitamin B. It", "vitamin b. it", "rev. ed.", "Sept. 5", "Jan. 5", "v. 2", "1. First", "1. first", "a. 1", "α.", "É. b",
    "NUMERIC_ONLY", "No #NUMERIC_ONLY#. 5", "THISISPROTECTED000", " . ", "\u2019s don\u2019t", "5\u20196", "ﬁ. a", "x.Y. z", "1.2.", "1.a.", "..a.", "a.-b", "ǆ. ǆ", "a. ß",
]

# For the merges of the small BioGPT that no training gives.
MERGES = ["qj", "qjq", "qjqj", "qjqjq", "qjqjqjqj", "xqjqjx qjqj-jqjqj", "qqqqj", "jqjqjqqjqjq", "QJQJ qjqj.", "kkk", "kkkkk", "kkqjqjkk"]

OWN = SENTENCES + WORDS + [f"the {w} was" for w in WORDS] + UNICODE + SPACES + SPECIALS + LONG + MOSES + MERGES
