#!/usr/bin/env python3
"""The pages of mqtt-bench are well-formed, need nothing else, and can be read by everybody.

Usage: page_check.py <test program that writes sample pages>
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

XHTML_VOID = {"meta", "br", "hr", "img", "link", "input"}
REFERENCES = {"src", "href", "action", "data", "poster", "background"}
FORBIDDEN = {"script", "link", "iframe", "object", "embed", "img", "base", "form"}


def findings(path):
    root = ElementTree.parse(path).getroot()
    elements = list(root.iter())
    ids = [element.get("id") for element in elements if element.get("id")]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"the id {name} is given twice"
    for element in elements:
        tag = element.tag
        if tag in FORBIDDEN:
            yield f"<{tag}> has no place here"
        for name in element.attrib:
            if name in REFERENCES or name.startswith("on"):
                yield f"<{tag}> has the attribute {name}"
        # A browser reads HTML, not XML: <p/> would open a paragraph there.
        is_html = tag not in {"path", "rect", "circle"}
        if is_html and tag not in XHTML_VOID and len(element) == 0 and element.text is None:
            yield f"<{tag}> is empty, and would be read as an opening tag only"
        if tag == "svg" and element.get("role") == "img":
            named = element.get("aria-labelledby", "").split()
            if not named or any(name not in ids for name in named):
                yield "a chart has no name for those who cannot see it"
        if tag == "th" and element.get("scope") is None:
            yield "a <th> does not say what it heads"
    headings = [element.tag for element in elements if element.tag in {"h1", "h2", "h3"}]
    if headings[:1] != ["h1"] or headings.count("h1") != 1:
        yield f"headings are {headings}"
    if root.get("lang") != "en":
        yield "the language is not named"


def main():
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "[pages]"], env={**os.environ, "PAGE_FOLDER": folder},
                       check=True, stdout=subprocess.DEVNULL)
        pages = sorted(pathlib.Path(folder).glob("*.html"))
        assert len(pages) >= 5, pages
        for page in pages:
            for finding in findings(page):
                failed = True
                print(f"{page.name}: {finding}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
