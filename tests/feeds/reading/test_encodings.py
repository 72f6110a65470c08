"""Documents in the encodings of the world, called what they are and what they are not."""

from __future__ import annotations

import gzip

import pytest

from feeds.reading import FeedSyntaxError, read

CHINESE = "新华社北京电，中国人民银行今天宣布，将继续实施稳健的货币政策，保持流动性合理充裕。"
TAIWANESE = "中央銀行今天宣布，將繼續實施穩健的貨幣政策，保持流動性合理充裕，市場人士表示歡迎。"
JAPANESE = "日本銀行は今日、金融政策を維持すると発表しました。市場では円が買われています。"
KOREAN = "한국은행은 오늘 기준금리를 동결한다고 발표했다. 시장은 이를 환영했다."
RUSSIAN = "Центральный банк сегодня объявил о сохранении ключевой ставки на прежнем уровне."
HEBREW = "בנק ישראל הודיע היום כי הריבית במשק תישאר ללא שינוי."
GREEK = "Η κεντρική τράπεζα ανακοίνωσε σήμερα ότι τα επιτόκια παραμένουν αμετάβλητα."
GERMAN = "Die Münchner Börse schließt über dem Vortag; größere Verluste gab es für Ölwerte."
TEXTS = [
    *((CHINESE, name) for name in ("utf-8", "gb18030", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "utf-32-be")),
    *((TAIWANESE, name) for name in ("big5", "gb18030", "utf-32-le")),
    *((JAPANESE, name) for name in ("shift_jis", "euc_jp")),
    (KOREAN, "euc_kr"),
    (RUSSIAN, "koi8_r"),
    (RUSSIAN, "cp1251"),
    (HEBREW, "cp1255"),
    (GREEK, "cp1253"),
    (GERMAN, "cp1252"),
]
CLAIMS = ["", "text/xml; charset=utf-8", "text/xml; charset=iso-8859-1", "text/xml; charset=utf-16"]


def document(text: str) -> str:
    return f"<rss version='2.0'><channel><item><title>{text}</title></item></channel></rss>"


def title(data: bytes, claim: str = "") -> str:
    [entry] = read(data, content_type=claim).entries
    assert entry.title is not None
    return entry.title.value


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(("text", "encoding"), TEXTS)
def test_any_encoding_whatever_it_is_called(text: str, encoding: str, claim: str) -> None:
    assert title(document(text).encode(encoding), claim) == text


@pytest.mark.parametrize(("text", "encoding"), TEXTS)
def test_one_broken_byte_does_not_spoil_the_rest(text: str, encoding: str) -> None:
    data = document(text).encode(encoding)
    if encoding.startswith("utf-"):
        broken = data + b"\xff"
    else:
        place = data.index(b"</title>")
        broken = data[:place] + b" \xff " + data[place:]
    assert title(broken, f"text/xml; charset={encoding}").startswith(text[:20])


def test_latin_text_amid_utf8_is_windows_1252() -> None:
    data = document(CHINESE).encode().replace(b"</title>", b" \x93Stra\xdfe\x94</title>")
    assert title(data) == f"{CHINESE} “Straße”"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_in_any_unicode(encoding: str) -> None:
    data = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "1", "title": "{CHINESE}"}}]}}'
    assert title(data.encode(encoding)) == CHINESE


def test_gzip_that_no_header_told_of() -> None:
    packed = gzip.compress(document(CHINESE).encode())
    assert title(packed) == CHINESE
    with pytest.raises(FeedSyntaxError, match="gzip"):
        read(packed[:10] + b"\xff" * 50)
    with pytest.raises(FeedSyntaxError, match="more than 16 MB"):
        read(gzip.compress(bytes(17 * 2**20)))
