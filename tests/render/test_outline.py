"""The outline in Markdown."""

from oped.records import ArgumentMap
from oped.render.certainty import Certainty
from oped.render.outline import outline_of


def test_pro_and_con_are_indented_below_each_claim(article_map: ArgumentMap) -> None:
    lines = outline_of(article_map).splitlines()
    assert lines[0] == "# On the quay"
    assert "Maren Oduya · 2024-05-14" in lines[2]
    assert lines[4:] == [
        "- **Thesis:** The quay must be closed",
        "  - **Pro:** its piles may fail *(risk, Ann Lee)*",
        "    - **Con:** the harbour board of Hallen found no crack",
    ]


def test_uncertain_links_are_left_out_and_counted(article_map: ArgumentMap) -> None:
    text = outline_of(article_map, certainty=Certainty(relations=0.6))
    assert "1 link that is less than 60 % sure is left out." in text
    assert "\n- the harbour board" in text


def test_gists_stand_for_sentences_and_markup_of_the_text_is_no_markup(article_map: ArgumentMap) -> None:
    data = article_map.to_dict()
    data["article"]["title"] = "*On* [the](javascript:alert) <b>quay</b>"
    data["components"][0]["gist"] = "Close _it_"
    lines = outline_of(ArgumentMap.from_dict(data)).splitlines()
    assert lines[0] == r"# \*On\* \[the\](javascript:alert) \<b\>quay\</b\>"
    assert r"**Thesis:** Close \_it\_" in lines[4]
