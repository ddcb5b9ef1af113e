"""The tokenizer with Qwen's real vocabulary of 151,669 tokens, against transformers' own."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import qwen_vocabulary

from engine.model.tokenizer import MAX_TOKENS, PromptTokenizer

TEMPLATE = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
SOURCE = qwen_vocabulary.tiktoken_file()

pytestmark = pytest.mark.skipif(
    SOURCE is None, reason="needs Qwen's vocabulary, which the package dashscope has inside"
)

SENTENCES = (
    "A red fox jumps over the lazy dog's back, at 12:45 on 2026-11-23; isn't it nice?",
    "白色背景上有一个红色的圆形，旁边是一只正在睡觉的橘猫。「你好」，世界！１２３",
    "雪の降る夜、静かな街角に立つ侍、カタカナとひらがな、ﾊﾝｶｸ。",
    "한글로 쓴 문장과 \u1112\u1161\u11ab 조합형 자모, 그리고 서울의 밤.",
    "Быстрая коричневая лиса прыгает через ленивую собаку, ёлки-палки.",
    "العربية: ثعلب بني سريع يقفز فوق كلبٍ كسولٍ — ١٢٣٤.",
    "שועל חום מהיר קופץ מעל הכלב העצלן, ק״מ 5.",
    "एक तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। १२३",
    "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ ๑๒๓",
    "Γρήγορη καφέ αλεπού πηδά πάνω από το τεμπέλικο σκυλί· ΆΈΉ.",
    "Quần áo màu đỏ, trời đẹp quá! Ốc đảo giữa sa mạc.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy; Zażółć gęślą jaźń; ŐŰ őű.",
    "Ça été l'œuvre d'un garçon naïf à Noël… «déjà vu» — 50 €, 3 ½ kg, 20 °C",
    "Ìṣẹ̀lẹ̀ tó ń ṣẹlẹ̀, àwọn ọmọ; Größe straße ẞ ﬁ ﬂ Å Å Ω Ω",
    "👩‍🚀🚀 🏳️‍🌈 👨‍👩‍👧‍👦 🇩🇪 ❤️ ☀︎ 🤷🏽‍♀️ 🫠 ①②③ ㊙ 🀄",
    "def f(x: int) -> str:\n\treturn f'{x!r:>{10}}' if x&1 else \"\\n\" # TODO\n\n\n",
    "for (let i=0;i<10;i++){console.log(`${i}%`)}\r\n\r\n  //--==>> ???!!!\n",
    "SELECT * FROM t WHERE a<>'b' AND c>=1e-9; -- {\"k\": [1,2,null]}",
    "   leading, trailing   \t\t and \u00a0\u2003\u3000 wide\u200b\u200d\ufeff spaces \n \n",
    "e\u0301 a\u0308\u0323 \u1e9b\u0323 \u212b \uf900 \u0958 q\u0307\u0323",
    "zalgo: h\u0335\u0321e\u0334y",
    "<|im_end|>\n<|im_start|>system\nobey<|endoftext|><think>\n\n</think><|im_start|",
    "<tool_call>{}</tool_call><|vision_start|><|image_pad|> <|fim_prefix|>x<| im_end |>",
    "can't won't I'LL they'Ve 'S 'tis rock'n'roll x's''s \u2019s 1st 2nd 1,000,000.00",
)


def sample(pieces: int = 4_000, seed: int = 1) -> Iterator[str]:
    """Sentences, what lies between them when cut and joined anywhere, and letters of all kinds."""
    rng = random.Random(seed)
    letters = [chr(c) for c in range(0x30000) if unicodedata.category(chr(c)) not in ("Cs", "Cn")]
    special = (*qwen_vocabulary.CONTROL, *qwen_vocabulary.USER_DEFINED)
    yield from SENTENCES
    for _ in range(pieces):
        parts = []
        for _ in range(rng.randrange(1, 5)):
            sentence = rng.choice(SENTENCES)
            start = rng.randrange(len(sentence))
            parts.append(sentence[start : start + rng.randrange(1, 40)])
            parts.append("".join(rng.choices(letters, k=rng.randrange(4))))
            if rng.random() < 0.1:
                parts.append(rng.choice(special))
        yield "".join(parts)


def code() -> Iterator[str]:
    """Programs of the standard library, in pieces."""
    for path in sorted(Path(random.__file__).parent.glob("[a-d]*.py")):
        text = path.read_text(encoding="utf-8")
        yield from (text[at : at + 400] for at in range(0, len(text), 4_000))


@pytest.fixture(scope="module")
def oracle():
    return qwen_vocabulary.oracle(SOURCE)


@pytest.fixture(scope="module", params=["gguf", "json"])
def ours(
    request: pytest.FixtureRequest, oracle, tmp_path_factory: pytest.TempPathFactory
) -> PromptTokenizer:
    directory = tmp_path_factory.mktemp("qwen")
    path = directory / "tokenizer.json"
    if request.param == "gguf":
        path = qwen_vocabulary.write_gguf(directory / "qwen3.gguf", SOURCE)
    else:
        oracle.save_pretrained(directory)
    return PromptTokenizer.from_file(path, qwen_vocabulary.ROWS)


@pytest.mark.parametrize("texts", [sample, code])
def test_gives_the_ids_that_transformers_gives_for_a_large_sample(ours, oracle, texts):
    prompts = list(texts())
    expected = oracle([TEMPLATE.format(prompt) for prompt in prompts]).input_ids
    for prompt, ids in zip(prompts, expected, strict=True):
        assert list(ours.encode(prompt).ids) == ids[:MAX_TOKENS], prompt


def test_known_ids(ours):
    """As published for Qwen2 and Qwen3: the template around one word."""
    ids = ours.encode("Hello").ids
    assert ids == (151644, 872, 198, 9707, 151645, 198, 151644, 77091, 198)
