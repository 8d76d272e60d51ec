"""Rules for what counts as meeting, one module each; a new layer is one file and one name here."""

from graphkit.layers.base import Layer
from graphkit.layers.chat import CHAT
from graphkit.layers.contact import COMMENT_CONTACT, DM_CONTACT, GROUP_CONTACT, Contact
from graphkit.layers.feed import FEED
from graphkit.layers.recipient import RECIPIENT

LAYERS: tuple[Layer, ...] = (FEED, CHAT, RECIPIENT)
CONTACTS: tuple[Contact, ...] = (COMMENT_CONTACT, DM_CONTACT, GROUP_CONTACT)
