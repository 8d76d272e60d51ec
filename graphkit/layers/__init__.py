"""Rules for what counts as meeting, one module each; a new layer is one file and one name here."""

from graphkit.layers.base import Layer
from graphkit.layers.chat import CHAT
from graphkit.layers.contact import COMMENT_CONTACT, DM_CONTACT, GROUP_CONTACT, Contact
from graphkit.layers.feed import FEED
from graphkit.layers.near_text import NEAR_TEXT
from graphkit.layers.rare_token import RARE_TOKEN
from graphkit.layers.recipient import RECIPIENT

LAYERS: tuple[Layer, ...] = (FEED, CHAT, RECIPIENT, NEAR_TEXT, RARE_TOKEN)
CONTACTS: tuple[Contact, ...] = (COMMENT_CONTACT, DM_CONTACT, GROUP_CONTACT)

__all__ = ["CONTACTS", "LAYERS", "Contact", "Layer"]
