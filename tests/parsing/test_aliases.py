from oped.parsing.aliases import Mention, canonical_names


def names(*mentions: tuple[str, str]) -> list[str]:
    return canonical_names([Mention(text, label) for text, label in mentions])


def test_a_surname_gets_the_full_name_before_or_after_it() -> None:
    assert (
        names(("Tokayev", "PERSON"), ("Kassym-Jomart Tokayev", "PERSON"), ("Tokayev's", "PERSON"))
        == ["Kassym-Jomart Tokayev"] * 3
    )


def test_titles_articles_and_possessives_do_not_matter() -> None:
    assert (
        names(("President Anna Weiss", "PERSON"), ("Ms. Weiss’s", "PERSON"), ("Anna Weiss", "PERSON"))
        == ["President Anna Weiss"] * 3
    )
    assert names(("the Taliban", "ORG"), ("Taliban", "ORG")) == ["Taliban"] * 2


def test_of_two_people_of_one_name_the_nearest_before_is_meant() -> None:
    found = names(("Ann Lee", "PERSON"), ("Lee", "PERSON"), ("Bob Lee", "PERSON"), ("Lee", "PERSON"))
    assert found == ["Ann Lee", "Ann Lee", "Bob Lee", "Bob Lee"]


def test_initials_get_the_name_they_stand_for() -> None:
    assert names(("the World Food Programme", "ORG"), ("WFP", "ORG")) == ["World Food Programme"] * 2
    assert names(("Bank of Hallen Trust", "ORG"), ("BHT", "ORG")) == ["Bank of Hallen Trust"] * 2


def test_well_known_short_forms_share_a_name_that_the_article_uses() -> None:
    assert names(("US", "GPE"), ("the United States", "GPE")) == ["United States"] * 2
    assert names(("US", "GPE")) == ["US"]


def test_different_places_stay_apart() -> None:
    found = names(("Kazakhstan", "GPE"), ("Central Asian", "NORP"), ("Kazakh", "NORP"), ("Afghanistan", "GPE"))
    assert len(set(found)) == 4


def test_the_beginning_of_one_organisation_is_that_organisation() -> None:
    assert names(("Meridian Gas Works", "ORG"), ("Meridian", "ORG")) == ["Meridian Gas Works"] * 2
    assert names(("Meridian Gas", "ORG"), ("Meridian Water", "ORG"), ("Meridian", "ORG"))[2] == "Meridian"
