"""The words of the demo model's two languages: synonyms, templates and things it cannot draw."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language: synonyms by name, sentence templates, and openings and endings around them."""

    colours: dict[str, tuple[str, ...]]
    shapes: dict[str, tuple[str, ...]]
    sizes: dict[str, tuple[str, ...]]
    places: dict[str, tuple[str, ...]]
    templates: tuple[str, ...]
    templates_with_ground: tuple[str, ...]
    openings: tuple[str, ...]
    endings: tuple[str, ...]
    long_openings: tuple[str, ...]
    long_endings: tuple[str, ...]
    subjects: tuple[str, ...]
    surroundings: tuple[str, ...]
    tinted: str


def tidy(sentence: str, language: str) -> str:
    """Mend what an empty slot of a template left behind: spaces, commas and articles."""
    if language == "en":
        sentence = re.sub(r"\s+", " ", sentence)
        sentence = re.sub(r"(\s*,)+", ",", sentence).strip(" ,")
        return re.sub(r"\ba (?=[aeiou])", "an ", sentence)
    return re.sub("，(?=，|$)", "", sentence).strip("，")


ENGLISH = Words(
    colours={
        "red": ("red",),
        "orange": ("orange",),
        "yellow": ("yellow",),
        "green": ("green",),
        "cyan": ("cyan", "turquoise"),
        "blue": ("blue",),
        "purple": ("purple", "violet"),
        "pink": ("pink",),
        "black": ("black",),
        "white": ("white",),
    },
    shapes={
        "circle": ("circle", "circle", "disc"),
        "square": ("square",),
        "triangle": ("triangle",),
        "star": ("star", "star", "five-pointed star"),
        "ring": ("ring", "ring", "donut"),
        "cross": ("cross", "cross", "plus sign"),
    },
    sizes={"small": ("small", "little", "tiny"), "large": ("large", "big", "huge")},
    places={
        "centre": ("in the centre", "in the center", "in the middle"),
        "left": ("on the left", "on the left side", "at the left"),
        "right": ("on the right", "on the right side", "at the right"),
        "top": ("at the top", "near the top"),
        "bottom": ("at the bottom", "near the bottom"),
        "top left": ("in the top left corner", "at the top left", "in the upper left"),
        "top right": ("in the top right corner", "at the top right", "in the upper right"),
        "bottom left": ("in the bottom left corner", "at the bottom left", "in the lower left"),
        "bottom right": (
            "in the bottom right corner",
            "at the bottom right",
            "in the lower right",
        ),
    },
    templates=(
        "a {size} {colour} {shape} {place}",
        "a {size} {colour} {shape}, {place}",
        "{size} {colour} {shape} {place}",
        "one {size} {colour} {shape} {place}",
        "a {colour} {shape}, {size}, {place}",
    ),
    templates_with_ground=(
        "a {size} {colour} {shape} {place} on a {ground} background",
        "a {size} {colour} {shape} on a {ground} background {place}",
        "a {size} {colour} {shape} {place} against a {ground} background",
        "a {size} {colour} {shape}, {place}, {ground} background",
        "{size} {colour} {shape} {place}, {ground} background",
        "a {size} {colour} {shape} {place} on {ground}",
        "on a {ground} background, a {size} {colour} {shape} {place}",
        "a {ground} background with a {size} {colour} {shape} {place}",
        "{ground} background, {size} {colour} {shape}, {place}",
    ),
    openings=(
        "draw ",
        "please draw ",
        "paint ",
        "show me ",
        "a picture of ",
        "an image of ",
        "I want ",
    ),
    endings=(".", "!", ", please", ", flat colours", ", simple", ", minimal style"),
    long_openings=(
        "please make a clean and simple picture for me that clearly shows ",
        "I would like to have a very simple flat drawing in which one can see ",
        "a high quality minimal vector illustration with crisp edges that shows ",
    ),
    long_endings=(
        ", with flat colours and clear edges, no text, no shadow, nothing else in the picture",
        ", in a minimal modern poster style, sharp, very detailed, best quality, no frame, no text",
        ". It should be drawn with one plain colour, without any texture, shading or outline.",
    ),
    subjects=(
        "a cat",
        "a dog",
        "a horse in a field",
        "a mountain lake at sunset",
        "a portrait of a woman",
        "an old man with a beard",
        "a car",
        "a city street at night",
        "a house by the sea",
        "a bowl of noodles",
        "a cup of coffee",
        "a forest in the fog",
        "an astronaut riding a horse",
        "a dragon",
        "a train in the snow",
        "a bird on a branch",
        "a flower in a vase",
        "a robot playing the piano",
        "a castle on a hill",
        "two children playing football",
        "a wooden table with fruit",
        "a ship in a storm",
        "a cosy library",
        "hello world",
        "something beautiful",
        "a bicycle",
        "the city of Paris",
        "a fish under water",
        "a tree",
        "an apple",
        "test",
        "a girl in a dress",
        "a desert with camels",
        "rainy weather",
        "a logo for a bakery",
        "a butterfly",
    ),
    surroundings=(
        " on a sunny day",
        " in the rain",
        " with a hat",
        ", oil painting",
        ", photo, 35mm, detailed",
        " on the beach",
        " in the style of an old master",
        ", cinematic light",
    ),
    tinted="{subject} in {colour}",
)

CHINESE = Words(
    colours={
        "red": ("红色", "红"),
        "orange": ("橙色", "橙"),
        "yellow": ("黄色", "黄"),
        "green": ("绿色", "绿"),
        "cyan": ("青色", "青"),
        "blue": ("蓝色", "蓝"),
        "purple": ("紫色", "紫"),
        "pink": ("粉色", "粉红色"),
        "black": ("黑色", "黑"),
        "white": ("白色", "白"),
    },
    shapes={
        "circle": ("圆形", "圆"),
        "square": ("正方形", "方形", "方块"),
        "triangle": ("三角形",),
        "star": ("星星", "五角星", "星形"),
        "ring": ("圆环", "环形"),
        "cross": ("十字", "十字形", "加号"),
    },
    sizes={"small": ("小", "小小的"), "large": ("大", "大大的", "巨大的")},
    places={
        "centre": ("中间", "中央", "正中"),
        "left": ("左边", "左侧"),
        "right": ("右边", "右侧"),
        "top": ("上方", "顶部", "上边"),
        "bottom": ("下方", "底部", "下边"),
        "top left": ("左上角", "左上方"),
        "top right": ("右上角", "右上方"),
        "bottom left": ("左下角", "左下方"),
        "bottom right": ("右下角", "右下方"),
    },
    templates=(
        "一个{size}{colour}{shape}，{place}",
        "{place}一个{size}{colour}{shape}",
        "{size}{colour}{shape}，{place}",
        "一个{colour}的{size}{shape}，{place}",
    ),
    templates_with_ground=(
        "{ground}背景上的一个{size}{colour}{shape}，{place}",
        "{ground}背景，{place}一个{size}{colour}{shape}",
        "一个{size}{colour}{shape}，{place}，{ground}背景",
        "一个{colour}的{size}{shape}，{place}，背景是{ground}",
        "{size}{colour}{shape}，{place}，{ground}的背景",
        "在{ground}背景上，{place}一个{size}{colour}{shape}",
    ),
    openings=("画", "请画", "帮我画", "我要", "生成", "一张图："),
    endings=("。", "！", "，谢谢", "，简单", "，扁平风格"),
    long_openings=(
        "请帮我画一张非常简单干净的图片，画面里面可以清楚地看到",
        "我想要一张高质量的极简矢量插画，边缘清晰，里面有",
    ),
    long_endings=(
        "，颜色均匀，边缘清晰，没有文字，没有阴影，画面里没有其他东西，高质量",
        "，现代极简海报风格，清晰，细节丰富，最好的质量，没有边框，没有任何文字",
    ),
    subjects=(
        "一只猫",
        "一只小狗",
        "草地上的马",
        "山间的湖泊",
        "一个女孩的肖像",
        "老爷爷",
        "汽车",
        "夜晚的城市街道",
        "海边的房子",
        "一碗面条",
        "一杯咖啡",
        "雾中的森林",
        "骑马的宇航员",
        "一条龙",
        "雪地里的火车",
        "树枝上的鸟",
        "花瓶里的花",
        "弹钢琴的机器人",
        "山上的城堡",
        "两个踢足球的孩子",
        "木桌上的水果",
        "暴风雨中的船",
        "你好世界",
        "美丽的东西",
        "自行车",
        "长城",
        "水下的鱼",
        "一棵树",
        "苹果",
        "测试",
        "穿裙子的姑娘",
        "沙漠里的骆驼",
        "下雨天",
        "蝴蝶",
    ),
    surroundings=("，阳光明媚", "，下着雨", "，油画", "，照片，细节丰富", "，电影光线", "，水墨画"),
    tinted="{colour}的{subject}",
)
