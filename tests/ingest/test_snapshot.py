from oped.ingest.snapshot import snapshot, snapshot_text


def test_blocks_are_paragraphs_and_white_space_is_folded() -> None:
    assert snapshot_text("<div>a\n <b>b</b>&nbsp;c<p>d</p></div>e") == "a b c\n\nd\n\ne"


def test_two_breaks_make_a_paragraph_and_one_does_not() -> None:
    assert snapshot_text("a<br>b<br/><br>c") == "a b\n\nc"


def test_captions_scripts_and_boxes_are_left_out() -> None:
    html = '<p>a</p><figure>x</figure><script>y</script><div class="big factbox">z<p>z</p></div><div class="wp-caption alignleft">c</div><p>b</p>'
    assert snapshot_text(html) == "a\n\nb"


def test_a_dropped_element_that_is_not_closed_ends_with_its_parent() -> None:
    assert snapshot_text("<div><button>x</div><p>a</p>") == "a"


def test_entities_are_decoded() -> None:
    assert snapshot_text("<p>caf&eacute; &amp; &#8220;bar&#8221;</p>") == "café & “bar”"


def test_quoted_paragraphs_are_known() -> None:
    page = snapshot("<p>a</p><blockquote>b<p>c</p><div>d</div></blockquote>e</blockquote><p>f")
    assert page.text == "a\n\nb\n\nc\n\nd\n\ne\n\nf"
    assert [page.text[start:end] for start, end in page.quotations] == ["b", "c", "d"]
