"""The widths of texts in Helvetica, in which pictures are drawn.

Arial, Liberation Sans and Nimbus Sans have the same widths. The tables hold the advance widths of the letters of
Helvetica, Greek and Cyrillic ones to the nearest of its widths; `width` says what it takes for other characters.
"""

# ruff: noqa: RUF001 - letters of many alphabets look alike

from __future__ import annotations

import unicodedata

_REGULAR = {  # in thousandths of the height of the letters
    191: "'′",
    222: "ijlłιі‘’‚",
    260: "|¦",
    278: " \xa0!,./:;I[\\]ftıΙІ∫",
    333: "()-`r¡²³·¹‐“”„ₓℓ",
    334: "{}₁₇",
    355: '"ªºг•″⁷ⁿₐₑ',
    389: "*°τ⁵⁶⁸⁹₀₂₃₄₅₆₈₉ₒ",
    469: "^εζξςзкт⁴",
    500: "Jcksvxyzγκλνχсухчьэє↑↓∂",
    556: "#$0123456789?L_abdeghnopqu¢£¤¥§«±»ð÷þđħŁΓδηθορυГавеинопряђ–†‡€√≈≠≤≥",
    584: "+<=>~¬×αβμКбдлц−≡",
    611: "FTZ¿ßøΖΣΤσЗТУъ∆",
    667: "&ABEKPSVXYÞΑΒΔΕΚΛΞΡΥΧπφАБВДЕЛРХЧЬжм",
    722: "CDHNRUw©®ÐΗΝΠΩψЄИНПСЦЭЯыю∑∞∩",
    778: "GOQØΘΟΦωОФЪш",
    833: "Mm¼½¾ΜΨМфщ∏",
    889: "%æЂЫ",
    944: "WœЖШЩ",
    1000: "ÆŒ—…‰←→↔⇔",
    1015: "@Ю",
}
_BOLD = {
    238: "'′",
    278: " \xa0,./I\\ijlıłΙιІі‘’‚∫",
    280: "|¦",
    333: "!()-:;[]`ft¡²³·¹‐•",
    389: "*r{}ª°ºг⁷ⁿ₁₇ₐₑₒₓ",
    474: '"έεζξτ″⁵⁶⁸⁹₀₂₃₄₅₆₈₉',
    500: "zςзкт“”„⁴ℓ↑↓∂",
    556: "#$0123456789J_aceksvxy¢£¤¥§«±»÷γθκλνГаесухэє–†‡€√≈≠≤≥",
    584: "+<=>^~¬×υχчя−≡",
    611: "?FLTZbdghnopqu¿ßðøþđħŁΓΖΣΤαβδημορЗКТУбвдилнопрцьђ∆",
    667: "EPSVXYÞΕΛΞΡΥΧσЕРХ",
    722: "&ABCDHKNRU©®ÐΑΒΔΗΚΝΠφЄАБВДИЛНПСЦЧЬЭЯжмъ∑∞∩",
    778: "GOQwØΘΟΩπψО",
    833: "M¼½¾ΜΦΨωМФшщыю∏",
    889: "%mæЂЖЪф",
    944: "Wœ",
    975: "@Ы",
    1000: "ÆŒШЩЮ—…‰←→↔⇔",
}
_REGULAR_WIDTHS, _BOLD_WIDTHS = (
    {letter: width for width, letters in table.items() for letter in letters} for table in (_REGULAR, _BOLD)
)
_WIDE, _OTHER = 1000, 600
_JOINER = "\N{ZERO WIDTH JOINER}"

# Of the height of the letters: from one line to the next, and from the middle of a line down to where letters stand.
LINE = 1.25
BASELINE = 0.345


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is in Helvetica, in the unit of the size of its letters.

    Chinese characters, emoji and symbols are as wide as the letters are high; what joins or marks a character adds
    nothing; letters with accents are as wide as without, and letters of an alphabet that is not in the tables have 60
    percent of their height.

    >>> width("data", 10), width("é", 10), width("数据", 10)
    (19.46, 5.56, 20.0)
    """
    widths = _BOLD_WIDTHS if bold else _REGULAR_WIDTHS
    total, before = 0, ""
    for character in text:
        known = widths.get(character)
        if known is None:
            known = 0 if before == _JOINER else _width_of_other(character, widths, at_the_start=not before)
        total += known
        before = character
    return total * size / 1000


def _width_of_other(character: str, widths: dict[str, int], at_the_start: bool) -> int:
    """The width of a character that is not in a table."""
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    category = unicodedata.category(character)
    if category == "Cf":
        return 0
    if category in ("Mn", "Me"):
        return _OTHER if at_the_start else 0  # a mark without a letter stands on a circle
    letter = unicodedata.normalize("NFD", character)[0]
    if letter in widths:
        return widths[letter]
    return _OTHER if category[0] in "LNM" else _WIDE
