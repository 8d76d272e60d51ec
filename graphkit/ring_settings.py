"""The numbers of the ring test, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RingSettings:
    """When a community is a ring."""

    minimum_members: int = 5
    # A member keeps this share of the group (and two at least) as strong partners.
    partner_share: float = 0.25
    # Thin groups, which no pair carries: pairs that met so often in time, with so many nats, in communities
    # that pay so much for each pair. On four honest platforms such pairs form groups on one post only.
    thin_meetings: int = 2
    thin_nats: float = 3.0
    thin_resolution_nats: float = 2.5
    # What no pair carries, and what meets within hours, its number must: six of a forum always meet more.
    thin_members: int = 8
    # Occasions over which meetings of a swarm spread (effective number), or of a thin group, by strand and
    # added up: planted rings 5.5 to 30, a raffle or news 1 to 4, newcomers who answer what all do 4.6 to 4.9.
    minimum_places: float = 5.0
    # The same of any group that meets within hours: such rings 11 to 24, a small forum 3.5 to 6.3.
    loose_places: float = 8.0
    # Nats with half of the core that make an account periphery.
    attach_nats: float = 4.0
    # An account with few events joins when this many of its objects lie in the core's sessions ...
    follow_objects: float = 3.0
    # ... and chance explains it no better than it explains an edge.
    follow_nats: float = 14.0
    # Chance must explain the kept-back meetings this badly (Benjamini-Hochberg over all candidates) ...
    q_value: float = 0.001
    # ... and be exceeded so many times: honest groups are dependent too, so q alone is a floor.
    excess: float = 3.0
    # Fewer shared occasions are a lottery, texts one meme, chats (effective number) one chat's regulars.
    # As many texts of a group's own are a script, as many words of its own its language.
    # Three chats, unevenly: neighbours whose room was split in two reach 2.0, casts from 2.9 on.
    minimum_occasions: float = 3.0
    minimum_texts: float = 3.0
    minimum_chats: float = 2.5
    # A chorus is as sure as an edge: six people of short-lived chats reach 9 nats, planted casts 20 and more.
    chorus_nats: float = 14.0
    # More of the posts they met on than this by one author: a fan club.
    top_author_share: float = 0.85
    # Of those who share words, meetings on posts where three quarters of all use them: fans .92 to 1, rings
    # with words of their own 0 to .12.
    own_posts_share: float = 0.5
    # The same of a swarm, which may be most of those who come: classes below their teacher's posts 1, planted
    # swarms 0 to .6.
    swarm_own_posts_share: float = 0.85
    # Of meetings after another of the same two, those that follow from it: voters who go through one survey
    # .61 to .94, real rings and planted ones 0 to .38.
    walk_share: float = 0.5
    # Concordance of the order in which members come (mean rank correlation) without the account that adds
    # most, where chance would not give it: two of 63 planted rings without a script are above, communities of
    # which each member has its own delays .04 to .46, real threads .03 to .4, and few meetings show no order.
    # From the second number on, within minutes, it is a list that is worked through (a real farm has .99).
    habits: float = 0.03
    list_order: float = 0.8
    # A ring of which so much lies in a group that was let go for its habits goes with it: of 156 planted
    # rings none did.
    part_share: float = 0.8
    # Others who hold to a group half as much as its members do, for each member: planted rings 0 to .2, real
    # ones .2 to .9, part of a conference's audience 1.3 and 1.8, of a match's 1.04. That as many others are
    # there is the reason for the number; few groups near it have been seen.
    audience: float = 1.0
    # Comings of members to posts where they met in which one wrote again: watchers of live events .22 to .87,
    # rings that take their time 0 to .04 and, where they answer each word of somebody, .1 to .25; other
    # communities 0 to .55.
    again_share: float = 0.2
    # How many times more often within a minute than strangers at the same posts: people whose comments are
    # approved, imported or crawled in batches .8 to 1.4, a real ring among fast agents 2.1, planted rings 25.
    haste: float = 1.5
    # Words of its own for each member: small languages 1.7 to 10, rings with invented words or names of
    # products 0 to .4 (of one that writes of what nobody else here knows 14, and it has no habits).
    words_each: float = 1.0
    # Of those who come where members meet in chats the share of members and their like: planted casts .1 to
    # .88 but in rooms where nobody else comes, clubs, guilds, classes, teams .9 to 1, some of them .8.
    own_rooms_share: float = 0.9
    # Of meetings within 6 hours, the share within 10 minutes: rings .75 to .99, night owls .22 to .44.
    # The same share within one minute tells who comes at once.
    tightness: float = 0.5
    # Of the same meetings the share within an hour, at least: a third is what visits over three hours give.
    # Pods that come within hours reach .40 to .53, a small forum .13 to .32, night owls .15 to .37.
    hour_share: float = 1 / 3
    # Of those who share words, which are no script: a mean of two hours gives .41. Jitter of one hour reaches
    # .46 to .69, night owls with words of their own .24 to .34.
    speakers_hour_share: float = 0.4
    # A looser group must at least choose where it meets: so many times more often than whoever was about at
    # those minutes. Night owls reach 1.4 to 5.8, rings with hours of jitter 10 to 56. Of a thin group odds
    # are asked instead, since where strangers meet half the time nobody can meet thrice as often:
    # agents that each answer whatever was posted last reach .3 to 4.1, thin planted rings mostly 13 to 340.
    # So of any group that chats carry: regulars of short-lived chats reach 1 to 2.4, rings 17 to 2900.
    choice: float = 7.5
    # Of a thin group that meets by itself mostly no odds are asked: crammed pods .68 to .91, such agents .25.
    by_themselves: float = 0.5
    # These odds of a thin group that engages with each other: people who answer each other and read the same
    # few threads reach 1 to 3, pods that come within hours 3.5 to 14.
    engaged_choice: float = 3.5
    # Recipients in common (effective number) for each member: 25 planted rings of a tester .7 to 17, fans who
    # write to the same seven .3 to .65, friends and families .3 to .7.
    recipients_each: float = 2 / 3
    # Of common recipients, the share that had written to a member first: a desk, no ring.
    solicited_share: float = 0.5
    # Of their first messages to common recipients, the share that was ever answered: customers of one desk,
    # people of one house .32 to .79, friends at a birthday .48 to .63; strangers of rings less than
    # .1, recruits .27.
    answered_share: float = 0.25
    # More pairs in mutual contact than this, and no shared script: a circle of friends. Of 6 to 16 friends
    # .57 to 1 are, of pods of 8 or more .1 to .59; pods of 6 that do not come within the minute cannot be
    # told from friends and are let go.
    circle_contact_share: float = 0.65
    # So many friends may all be about within minutes; more who are and do not converse are a pod.
    circle_members: int = 10
    # Of those who meet in chats more pairs have had words: friends .23 to .75, jargon .4 to 1, rings 0. Of
    # those who write to the same people: groups in the mail of an institute .53 to 1, of a party .22 to .6,
    # greeters at birthdays .26 to .95, 30 planted rings 0.
    contact_share: float = 0.2
    # More nats than this from talk, and meetings within hours: many friends (.61 to .77; pods .21 to .53).
    talk_share: float = 0.5
    # Members who converse: all friends, of planted rings none, of a real ring with a mouthpiece one in 17.
    conversation_share: float = 0.5
    # Nats from feed timing and shared content; the rest is affinity, which may propose and never confirms.
    coordination_share: float = 0.25
    # First on this share of this many occasions: followed by the others, perhaps their target.
    leader_share: float = 0.5
    leader_occasions: int = 3
    # A swarm: accounts with at most this many timed events, joined by edges of this many nats ...
    swarm_events: int = 8
    swarm_nats: float = 2.0
    # ... into communities that pay this for each pair, of this many members at least.
    swarm_resolution_nats: float = 0.3
    swarm_members: int = 20
    # Share of a swarm's nats that meetings in time give: people of one language, who share its words, reach
    # .01 where they meet on 4 posts or more, planted swarms .07 to .35, a real one .35.
    swarm_timed_share: float = 0.04
    # Others of a swarm that a member met in time, at least: nine of ten planted members 4 and more, strangers
    # whose words were caught up in it 0 to 2.
    swarm_partners: int = 3
    # A ring that shares this much with an earlier one (Jaccard) is that ring.
    continuity: float = 0.5
    # Mean stability of a core, and that of each account beside it: what half of them does not hold was luck.
    stability: float = 0.5
    # Halvings of the receipts that a member must survive; their share is its stability.
    resamples: int = 20
