"""How does a site become a course? A zip with a manifest, as SCORM 1.2 or 2004 wants it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from trainkit.case.model import Case
from trainkit.i18n import catalog
from trainkit.site.bundle import packed
from trainkit.site.folder import Parts, identity, site_files
from trainkit.site.visit import Plan


class _Schema(NamedTuple):
    version: str
    packaging: str
    extension: str
    kind: str  # the attribute that says what a resource is


VERSIONS: Mapping[str, _Schema] = {
    "1.2": _Schema(
        "1.2", "http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.adlnet.org/xsd/adlcp_rootv1p2", "scormtype"
    ),
    "2004": _Schema(
        "2004 4th Edition",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "http://www.adlnet.org/xsd/adlcp_v1p3",
        "scormType",
    ),
}


def course_zip(plan: Plan, cases: Sequence[Case], made: Parts, version: str, score: bool = False) -> bytes:
    """The zip that a course system takes; with ``score`` it hears the mean Play of the cases, else completion alone."""
    files = site_files(plan, cases, made, course={"score": score})
    title = cases[0].text("title", plan.lang) if len(cases) == 1 else _title(plan)
    manifest = _manifest(f"trainkit-{identity(plan)}", title, sorted(files), VERSIONS[version])
    return packed({**files, "imsmanifest.xml": manifest.encode()})


def _title(plan: Plan) -> str:
    return catalog(plan.lang).gettext("Conversations with a client")


def _manifest(identifier: str, title: str, files: Sequence[str], schema: _Schema) -> str:
    listed = "".join(f"\n      <file href={quoteattr(name)}/>" for name in files)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="{identifier}" version="1" xmlns="{schema.packaging}" xmlns:adlcp="{schema.extension}">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>{schema.version}</schemaversion>
  </metadata>
  <organizations default="all">
    <organization identifier="all">
      <title>{escape(title)}</title>
      <item identifier="item" identifierref="site">
        <title>{escape(title)}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="site" type="webcontent" adlcp:{schema.kind}="sco" href="index.html">{listed}
    </resource>
  </resources>
</manifest>
"""
