"""How a case gets into Twine, and back.

Twee 3 (github.com/iftechfoundation/twine-specs) is the text form of a Twine story. Each part of a case stands in one
place of it, so that an edit there is the edit:

=======================  ====================================================================================
StoryTitle, StoryData    the title; the first scene, as ``start``
CaseData                 the rest of case.yml (facts, patience, debrief …), and ``order``, as Twine sorts passages
any other passage        a scene (tag ``inquiry`` for that kind) or, with the tag ``ending``, an ending; named by its id
``irina: Words``         a line; the comment below has its ``when``, and ``text_if``: other words under conditions
``[[Words->place]]``     an option; the comment below has its id and keys, ``text_if`` and ``goto_if``
``[[place]]``            where a scene without options goes on to, with ``goto_if`` below
``text.en`` in comments  the translation of the part it stands in: moved or deleted with it
=======================  ====================================================================================

Comments hold YAML, shaped as in case.yml. They stand in the text because Twine keeps no metadata in a header but its own
``position`` and ``size``. Characters that Twine would take for markup are HTML entities; ``<br>`` is a line break.
"""

from trainkit.files.twee.foreign import take
from trainkit.files.twee.reader import is_ours, load_story, load_twee, read_twee, twee_text
from trainkit.files.twee.writer import export

__all__ = ["export", "is_ours", "load_story", "load_twee", "read_twee", "take", "twee_text"]
