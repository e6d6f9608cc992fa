# Cuts the fonts of the letters; run with python3-fonttools of Debian. See README.md.
import sys
from fontTools import subset
from fontTools.ttLib import TTFont
regular, bold, wenkai, out = sys.argv[1:5]
def codes(path):
    return set(TTFont(path).getBestCmap())
def cut(path, keep, to, rename=None):
    o = subset.Options(layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, recalc_bounds=True,
        legacy_cmap=False, name_IDs=["*"] if not rename else [0, 3, 13, 14],
        drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "prep", "gasp", "DSIG", "kern", "VORG"])
    o.legacy_kern = False
    font = subset.load_font(path, o)
    s = subset.Subsetter(o)
    s.populate(unicodes=keep)
    s.subset(font)
    if rename:
        for n in (1, 4, 6, 16):
            font["name"].setName(rename if n != 6 else rename.replace(" ", ""), n, 3, 1, 0x409)
        font["name"].setName("Regular", 2, 3, 1, 0x409)
    subset.save_font(font, to, o)
have = codes(regular)
cut(regular, have, out + "/serif.ttf")
common = set()
for lead in range(0xA1, 0xFF):
    for trail in range(0x40, 0xFF):
        for codec in ("gb2312", "big5"):
            if codec == "big5" and lead > 0xC6:
                continue
            try:
                common |= set(map(ord, bytes([lead, trail]).decode(codec)))
            except UnicodeDecodeError:
                pass
common |= set(range(0x20, 0x250)) | {c for c in have if 0x2000 <= c <= 0x206F or 0x3000 <= c <= 0x303F or 0xFF00 <= c <= 0xFFEF}
cut(bold, common & codes(bold), out + "/serif-bold.ttf")
rare = {c for c in codes(wenkai) - have if 0x3400 <= c <= 0x9FFF or 0xF900 <= c <= 0xFAFF or 0x20000 <= c <= 0x3FFFF}
cut(wenkai, rare, out + "/rare.ttf", "openhall Rare Hanzi")
