"""Writes a post store of any size to measure with: the same arguments give the same bytes on any machine.

The files have the shapes that a Jekyll news site's writer really leaves behind, faults included, each in a
fixed share of the posts. All texts are composed of the word lists below: firms, places and media are
invented. Run it as ``python -m benchmarks.store DIR``.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, chain, count, islice, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTS, CATEGORIES, SIZE = 16_844, 1_975, 8_000
"""A store as large as the real one; the size is that of a post, in bytes."""

# Local times of the site (UTC+8), without a zone as a writer's clock has them.
_END = datetime(2022, 6, 1)  # noqa: DTZ001
_START = _END - timedelta(180)
# Posts older than three days are moved away.
_OFF_SITE = _END - timedelta(3)
# Less than this does not hold a front matter, a sentence and the links at the end.
_SMALLEST = 1_500
# Rank r of the categories has the weight 1 / (r + this): the largest of 1,975 has about 8 % of the files.
_FLATTEN = 1.0
# Bytes of a sentence, and of a character in it: most of them take three, figures one.
_SENTENCE = 140
_BYTES = 2.9

_HOSTS = ("http://finews.example.org", "http://news.example.net:8000", "https://www.example.com")
_HOME = "//finews.example.org"


def _words(table: str) -> tuple[str, ...]:
    return tuple(table.split())


def _pairs(table: str) -> tuple[tuple[str, str], ...]:
    words = table.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


def _joined(*tables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(words) for words in product(*tables))


# Each word and its pinyin: a medium's slug is its name in pinyin without separators.
_PLACES = _pairs("""
    青岩 qingyan 临澜 linlan 云浦 yunpu 南屿 nanyu 白沙 baisha 海棠 haitang 石桥 shiqiao 清溪 qingxi
    翠麓 cuilu 望山 wangshan 星河 xinghe 锦川 jinchuan 安澜 anlan 东篱 dongli 西岭 xiling 北渚 beizhu
    沧浪 canglang 澄江 chengjiang 丹崖 danya 鹤鸣 heming 景明 jingming 兰亭 lanting 明湖 minghu 秋水 qiushui
    瑞云 ruiyun 首阳 shouyang 新川 xinchuan 竹溪 zhuxi 映川 yingchuan 远航 yuanhang 镜湖 jinghu 枫林 fenglin
    梅岭 meiling 雁门 yanmen 桃源 taoyuan 鹿鸣 luming 芦港 lugang 晴川 qingchuan 麦岛 maidao 听涛 tingtao
    松江口 songjiangkou 金陵渡 jinlingdu 观潮 guanchao 流杉 liushan
""")
_FIELDS = _pairs("""
    证券 zhengquan 经济 jingji 财经 caijing 金融 jinrong 商业 shangye 产业 chanye 科技 keji 能源 nengyuan
    汽车 qiche 地产 dichan 消费 xiaofei 医药 yiyao 农业 nongye 航运 hangyun 期货 qihuo 基金 jijin 保险 baoxian
    投资 touzi 数据 shuju
""")
_FORMS = _pairs("""
    时报 shibao 日报 ribao 晚报 wanbao 周刊 zhoukan 导报 daobao 观察 guancha 早知道 zaozhidao 网 wang
    在线 zaixian 评论 pinglun 快讯 kuaixun 研究所 yanjiusuo 头条 toutiao 参考 cankao
""")

_TRADES = _words("股份 集团 科技 重工 储能 航运 药业 食品 材料 智造 银行 乳业")
_FIRMS = _joined(tuple(place for place, _ in _PLACES), _TRADES)
_WHEN = _words("今年一季度， 截至五月底， 记者获悉， 据公告， 本周， 上月， 月内， 下半年， 公告显示， 此外，")
_HOW = _words("继续 陆续 提前 联合各地合作方 按计划 加快 审慎 首次 全面 分批 主动 再度 稳步 有序")
_VERBS = _words("""
    扩建 推出 收购 改造 启用 评估 采购 交付 投产 暂停 重启 出售 试运行 公开 招标 检修 整合 升级 关闭 引进 出租
    验收 追加 发布 接管
""")
_KINDS = _words("""
    海上风电 高端轴承 冷链仓储 跨境支付 数字港口 生物疫苗 新型储能 有机茶叶 智能电表 低温乳品 氢能客车 再生铝
    绿色债券 供应链票据 卫星遥感 远洋捕捞 半导体清洗 城市供热 家用机器人 特种玻璃 种子繁育 古镇旅游 钢结构
    民用无人机 车用芯片 养老社区 海水淡化 碳纤维
""")
_THINGS = _words("""
    项目 生产线 园区 基地 平台 中试车间 合同 研发中心 仓库 试点 网络 订单系统 二期工程 码头 服务 专线 实验室
    标准 基金 示范段
""")
_MEASURES = _words("""
    订单 营业收入 净利润 吞吐量 库存 平均售价 毛利率 研发投入 用工人数 客户数 产能利用率 现金流 交付周期
    出口额 单位能耗 租金
""")
_MOVES = _words("比上年同期增加 较上月减少 环比回升 同比提高 比预期低 较年初下降 比计划多出 与行业平均相差")

# A sentence is one of each: joined once here, since millions of sentences are made of them.
_WHO = _joined(_WHEN, _FIRMS)
_DOES = _joined(_HOW, _VERBS)
_WHAT = _joined(_KINDS, _THINGS)
_RESULT = _joined(("，",), _MEASURES, _MOVES)
_UNITS = _words("%。 %。 %。 个百分点。 成。 个基点。")


@dataclass(frozen=True, slots=True)
class Medium:
    """A category of the store: its slug, and the name of the medium that it collects."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Article:
    """What is written once, or twice under one code. *written* is local time; *code* is the 18 digits."""

    number: int
    medium: Medium
    written: datetime
    code: str


ROLLING = Medium("gundong", "滚动")
_UNUSUAL = (
    Medium("PortWeb", "PortWeb"),
    Medium("Portweb", "Portweb"),
    Medium("haitangzhengquan(xianggang)", "海棠证券(香港)"),
    Medium("61jingjiAPP", "61经济APP"),
    Medium("ABS", "ABS"),
    Medium("58ke", "58客"),
)


def write_store(root: Path, posts: int = POSTS, categories: int = CATEGORIES, size: int = SIZE, seed: int = 1) -> None:
    """Write *posts* files in *categories* categories into *root*, which is made if it is missing.

    *size* is the mean of the files' lengths in bytes, about. One file in fifty is an article's second one,
    under the rolling news, once every category has a post of its own.

    Raises:
        ValueError: fewer posts than categories, no category, or a size under 1,500 bytes.
        FileExistsError: *root* is a file or holds something.
    """
    if not 1 <= categories <= posts:
        raise ValueError(f"{posts} posts cannot fill {categories} categories: give each at least one post")
    if size < _SMALLEST:
        raise ValueError(f"a size of {size} bytes is too small for a post: use at least {_SMALLEST}")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise FileExistsError(f"{root} is not an empty folder: name a new one")
    rng = Random(seed)
    media = _media(categories, rng)
    for name in ("_posts", "old_post", "category"):
        (root / name).mkdir(parents=True)
    _write_site(root, media)
    doubles = (posts - categories) // 50 if categories > 1 else 0
    articles = list(_articles(media, posts - doubles, rng))
    elsewhere = [article.number for article in articles if article.medium != ROLLING]
    doubled = set(rng.sample(elsewhere, doubles))
    for article in articles:
        own = Random(f"{seed} {article.number}")  # one for each article: a text does not depend on the others
        name, other_name = _file_names(article)
        folder = root / ("_posts" if article.written >= _OFF_SITE else "old_post")
        other = media[article.number % len(media)]
        (folder / name).write_bytes(_post(article, article.medium, other, own, size).encode())
        if article.number in doubled:
            (folder / other_name).write_bytes(_post(article, ROLLING, other, own, size).encode())


def add_post(root: Path, slug: str, number: int, size: int = SIZE) -> Path:
    """Write one post more into the category *slug*, newer than all that `write_store` wrote; return its path.

    *number* tells the additions to one store apart. The file appears whole: written beside its place, then
    renamed.
    """
    temporary, path = new_post(root, slug, number, size)
    os.replace(temporary, path)  # noqa: PTH105
    return path


def new_post(root: Path, slug: str, number: int, size: int = SIZE) -> tuple[Path, Path]:
    """Write what `add_post` adds, but leave the renaming: where it is written, and what it is to be renamed to."""
    page = root / "category" / f"{slug}.html"
    name = slug
    if page.is_file():
        name = page.read_text(encoding="utf-8").split("title: ", 1)[1].split("新闻\n", 1)[0]
    written = _END + timedelta(seconds=30 * number)
    medium = Medium(slug, name)
    article = Article(number, medium, written, f"{written:%Y%m%d}{9_000_000_000 + number}")
    # A number that no oddity falls on: a benchmark's new post is an ordinary one.
    plain = Article(1, medium, written, article.code)
    path = root / "_posts" / f"{written:%Y-%m-%d}-NW{article.code}.md"
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(_post(plain, medium, medium, Random(f"{slug} {number}"), size).encode())
    return temporary, path


def _media(categories: int, rng: Random) -> list[Medium]:
    ordinary = list(product(_PLACES, _FIELDS, _FORMS))
    rng.shuffle(ordinary)

    def names() -> Iterator[Medium]:
        yield ROLLING
        # A second round through the words gets a number before the name, and so on without an end.
        for prefix in chain([""], map(str, count(2))):
            yield from () if prefix else _UNUSUAL
            for words in ordinary:
                name, slug = ("".join(column) for column in zip(*words, strict=True))
                yield Medium(prefix + slug, prefix + name)

    return list(islice(names(), categories))


def _articles(media: list[Medium], articles: int, rng: Random) -> Iterator[Article]:
    weights = list(accumulate(1 / (rank + _FLATTEN) for rank in range(1, len(media) + 1)))
    chosen = media + rng.choices(media, cum_weights=weights, k=articles - len(media))
    rng.shuffle(chosen)
    step = (_END - _START) / articles
    for number, medium in enumerate(chosen):
        written = (_START + step * (number + rng.random())).replace(microsecond=0)
        yield Article(number, medium, written, f"{written:%Y%m%d}{2_000_000_000 + number * 977}")


def _one_in(article: Article, share: int) -> bool:
    """Whether *article* is the one among *share* that has an oddity; different primes keep oddities apart."""
    return article.number % share == share // 2


def _is_dateless(article: Article) -> bool:
    return _one_in(article, 397)


def _file_names(article: Article) -> tuple[str, str]:
    """The file's name, and that of the same article under the rolling news."""
    day = f"{article.written:%Y-%m-%d}"
    coded, digits = f"{day}-NW{article.code}.md", f"{day}-{article.code}.md"
    if _is_dateless(article):
        return f"-{article.code}.md", coded
    if _one_in(article, 499):
        return f"{day}-init-{article.number}.md", coded
    return (digits, coded) if article.number % 7 > 4 else (coded, digits)


def _post(article: Article, medium: Medium, other: Medium, rng: Random, size: int) -> str:
    head, end = _head(article, medium, other, rng), _end(article, medium, rng)
    # One in five is a flash of about a tenth; the others make up for it.
    share = rng.uniform(0.05, 0.15) if rng.random() < 0.2 else rng.uniform(0.45, 2.0)
    room = int(size * share) - len((head + end).encode())
    digest = f"> 【{headline(rng)}】{sentence(rng)}\n\n" if medium == ROLLING else ""
    if share < 0.2:
        body = _paragraph(rng, room)
    elif article.number % 10 in (3, 7):
        body = _markdown(article, rng, room)
    else:
        body = _html(article, rng, room)
    return head + digest + body + end


def headline(rng: Random) -> str:
    """A Chinese headline, of characters that need no escaping."""
    return rng.choice(_FIRMS) + rng.choice(_DOES) + rng.choice(_WHAT)


def _pick(rng: Random, words: tuple[str, ...]) -> str:
    """One of *words*; `Random.choice` takes twice the time, and this is nearly all that a store takes."""
    return words[int(rng.random() * len(words))]


def sentence(rng: Random) -> str:
    """A Chinese sentence of about 140 bytes, of characters that need no escaping."""
    amount = int(rng.random() * 990) / 10
    said = _pick(rng, _WHO) + _pick(rng, _DOES) + _pick(rng, _WHAT) + _pick(rng, _RESULT)
    return f"{said}{amount}{_pick(rng, _UNITS)}"


def _paragraph(rng: Random, room: int = 500) -> str:
    """A paragraph of about *room* bytes, at least one sentence."""
    text = sentence(rng)
    while len(text) * _BYTES < room - _SENTENCE / 2:
        text += sentence(rng)
    return text


def _paragraphs(rng: Random, room: int) -> list[str]:
    return [_paragraph(rng) for _ in range(max(1, round(room / 520)))]


def _head(article: Article, medium: Medium, other: Medium, rng: Random) -> str:
    title = headline(rng)
    if _one_in(article, 23):
        title = f'{rng.choice(_FIRMS)}称"{rng.choice(_KINDS)}"计划不变'
    date = f"{article.written:%Y-%m-%d %H:%M:%S} +0800"
    if _is_dateless(article):
        title, date = "", " +0800"
    elif _one_in(article, 11):
        date = date.removesuffix(" +0800")
    elif _one_in(article, 211):
        date = ""
    categories = f" {medium.slug}"
    if _one_in(article, 31):
        categories = f" {medium.slug} {other.slug}"
    elif _one_in(article, 37):
        categories = f" [{medium.slug}, {other.slug}]"
    elif _one_in(article, 41):
        categories = f"\n- {medium.slug}\n- {other.slug}"
    unpublished = "published: false\n" if _one_in(article, 307) else ""
    return (
        f'---\nlayout: post\ntitle: "{title}"\ndate: {date}\ncategories:{categories}\n'
        f"tags: {medium.name}新闻\n{unpublished}---\n"
    )


def _html(article: Article, rng: Random, room: int) -> str:
    parts = [f"<p>{text}</p>" for text in _paragraphs(rng, room)]
    if article.number % 3 == 0:
        parts[-1] += f'<p align="center"><strong>{headline(rng)}</strong></p>\n <p>　　{sentence(rng)}</p>'
    if article.number % 4 == 0:
        firm = rng.choice(_FIRMS)
        code = f"1,{rng.randrange(690_000, 700_000)}"
        parts[0] = parts[0].removesuffix("</p>") + (
            f'<span web="1" href="http://quote.example.org/unify/r/{code}" class="em_stock_key_common" '
            f'data-code="{code}">{firm}</span>涨幅居前。</p>'
        )
    image = f'<img src="https://img.example.org/{article.code}.png" border="0">'
    if article.number % 10 == 1:
        parts.append(f"<!-- EM_StockImg_Start --><p>{image}</p><!-- EM_StockImg_End -->")
    if _one_in(article, 13):
        parts.insert(1, f"<center>{image}</center>")
    if _one_in(article, 19):
        parts.append(f'<p style="display:none;">编号{article.number}的稿件由机器排版</p>')
    return "&nbsp;" + "\n ".join(parts)


def _markdown(article: Article, rng: Random, room: int) -> str:
    parts = [f"　　{text}" if rng.random() < 0.3 else text for text in _paragraphs(rng, room - 300)]
    if article.number % 10 == 3:
        # Both kinds in one line, as the writer joins them.
        parts[0] = f"&nbsp;<p>{sentence(rng)}</p>**{headline(rng)}** {parts[0]}"
        return "\n\n".join(parts)
    rows = "\n".join(f"| {rng.choice(_FIRMS)} | {rng.random() * 90:.1f}% |" for _ in range(3))
    parts.insert(1, f"### {headline(rng)}\n\n- {sentence(rng)}\n- {sentence(rng)}")
    parts.append(f"| 公司 | 涨幅 |\n| --- | ---: |\n{rows}")
    return "\n\n".join(parts)


def _end(article: Article, medium: Medium, rng: Random) -> str:
    name, code = article.medium.name, article.code
    named = f'<a href="{_HOME}/">{name}</a>' if _one_in(article, 17) else name
    source = f'<p class="em_media">（文章来源：{named}）</p>' if article.number % 10 < 7 else ""
    link = f"{rng.choice(_HOSTS)}/html_News/NewsShare.html?infoCode=NW{code}"
    if _is_dateless(article):
        link = ""
    elif _one_in(article, 29):
        link = f"http://finance.eastmoney.com/news/1345,{code}.html"
    elif _one_in(article, 101):
        link = ""
    category, home = f"{_HOME}/category/{medium.slug}.html", f"{_HOME}/"
    between = "｜"
    if _one_in(article, 5):
        between = "\n\n"
    elif _one_in(article, 8):
        category, home = f"../{medium.slug}/", "../"
    back = f"[返回{medium.name}新闻]({category}){between}[返回首页]({home})\n"
    return f"{source}\n\n<{link}>\n" + ("" if _one_in(article, 9) else f"\n{back}")


def _write_site(root: Path, media: list[Medium]) -> None:
    config = f"title: 金融消息\nurl: https:{_HOME}\ntimezone: Asia/Shanghai\nlang: zh-CN\nauthor: 编辑部\n"
    (root / "_config.yml").write_text(config, encoding="utf-8")
    for index, medium in enumerate(media):
        # Some have none; nor has a slug that a disk without case would give another's file.
        if index % 10 == 9 or medium.slug == "Portweb":
            continue
        title = media[index - 1].name if index % 97 == 50 else medium.name
        file_name = f"{medium.slug} (1).html" if index % 53 == 52 else f"{medium.slug}.html"
        page = f"---\nlayout: category\ntitle: {title}新闻\ncategory: {medium.slug}\n---\n"
        (root / "category" / file_name).write_text(page, encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """The command line: ``python -m benchmarks.store DIR`` and the arguments of `write_store` as options."""
    parser = argparse.ArgumentParser("benchmarks.store", description="Write a post store to measure with.")
    parser.add_argument("directory", type=Path, help="a new or empty folder")
    parser.add_argument("--posts", type=int, default=POSTS, help="files (default: %(default)s)")
    parser.add_argument("--categories", type=int, default=CATEGORIES, help="categories (default: %(default)s)")
    parser.add_argument("--size", type=int, default=SIZE, help="mean bytes of a file (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other posts")
    given = parser.parse_args(arguments)
    try:
        write_store(given.directory, given.posts, given.categories, given.size, given.seed)
    except (ValueError, FileExistsError) as problem:
        parser.error(str(problem))
    print(f"{given.posts} posts in {given.categories} categories: {given.directory}")


if __name__ == "__main__":
    main()
