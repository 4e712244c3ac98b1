"""Contracts of who moved together: bursts, ties, groups, roles, the campaign and after."""

from __future__ import annotations

from corpus.tables.contract import table

POINT_CLASSES = table(
    "point_classes",
    "Talking points of several accounts that have a reason to be copied which is no coordination.",
    """
    point_id str
    benign_class str    which reason; the classes stand in `clustering.benign`
    reason str          what it rests on, in words
    evidence list<str>  post ids that show it, of different accounts where there are
    score f64           share of the posts read that have what makes the class
    """,
)
OUTLETS = table(
    "outlets",
    "Accounts of shared talking points that write as news outlets do; a manner, no judgement.",
    """
    account_id str
    posts_read i64      posts in a language whose first and second person are known
    personal_share f64  share of them that speak in the first or second person
    copied_share f64    share of its posts whose talking point other accounts have too
    median_gap_s f64?   from those posts to the nearest copy by another account
    hours i64           hours of the day in which it wrote
    days i64            days on which it wrote
    reason str          the same in words
    """,
)
BURSTS = table(
    "bursts",
    "Times with more posts than the null expects.",
    """
    scope str           point, narrative or hashtag
    scope_id str
    narrative_id str?
    start_at ts
    end_at ts
    observed i64
    expected f64
    dispersion f64      variance = expected + dispersion x expected squared
    p_value f64         of its most surprising bin
    q_value f64         Benjamini-Hochberg over all bins tested
    null_model str      the null in words
    accounts i64        accounts of the posts observed
    evidence list<str>  ids of posts in it, of different accounts where there are
    """,
)
FLOODING = table(
    "flooding",
    "Hashtags that seemingly independent accounts used closer in time than their popularity makes.",
    """
    hashtag str         small letters, without #
    window_s i64        two uses count as synchronous within it
    posts i64           uses other than reposts, by accounts with a known time
    accounts i64
    observed i64        pairs of synchronous uses by different accounts
    expected f64        the same under the null
    p_value f64
    q_value f64         Benjamini-Hochberg over all hashtags tested
    synchronous i64     accounts with a synchronous use
    start_at ts         first and last synchronous use
    end_at ts
    null_model str      the null in words
    evidence list<str>  post ids of synchronous uses
    """,
)
COLLECTION_FACTS = table(
    "collection_facts",
    "How the corpus was collected: what the settings state, and gaps and caps seen in the data.",
    """
    fact str
    basis str           stated or detected
    value str
    reason str          a sentence
    """,
)
TRACES = table(
    "traces",
    "What each post shared, by layer: the events that ties are counted over.",
    """
    layer str        copied_text, near_duplicate, paraphrase, url, domain, hashtag, ...
    object_id str    what was shared: text, talking point, link, tag, post
    post_id str
    account_id str
    platform str
    created_at ts
    variant str?     shares of one variant make no pair: the point within a paraphrase family
    """,
)
TIES = table(
    "ties",
    "Pairs of accounts that shared the same things within a window.",
    """
    account_a str         smaller id
    account_b str         larger id
    layer str             as in traces
    window_s i64?         null: decay kernel
    decay_s f64?          seconds after which a pair counts 1/e; null: a window
    weight i64            pairs of shares within the window
    decayed_weight f64?   pairs by exp(-gap / decay_s), over the object's accounts less one
    n_objects i64         different objects in which the two met
    posts_a i64           different posts of account_a in these pairs
    posts_b i64
    mean_gap_s f64
    median_gap_s f64
    a_first_share f64     share of the pairs in which account_a came first
    symmetry f64          the smaller of posts_a and posts_b over the larger
    expected f64          objects in which two such accounts meet by chance, at most
    p_value f64
    q_value f64           over all pairs of accounts, layers and windows, seen or not
    validated bool?       q at most the level set, with enough objects; null: not asked
    benign_class str?
    reason str?           what the class rests on, in words
    evidence list<str>    post ids of the nearest pairs, nearest first
    """,
)
TIE_EVIDENCE = table(
    "tie_evidence",
    "The posts behind a tie, side by side; the account that came first is not always account_a.",
    """
    tie_id str
    layer str
    object_id str
    post_a str
    post_b str
    at_a ts
    at_b ts
    gap_s f64
    quote_a str      verbatim, from start_a to end_a of the text
    start_a i64      code points
    end_a i64
    quote_b str
    start_b i64
    end_b i64
    """,
)
WINDOWS = table(
    "windows",
    "What each window finds, and what chance alone would give: the stability curve.",
    """
    layer str
    window_s i64
    ties i64
    accounts i64
    max_weight i64
    mean_dt_s f64?           over pairs of shares; null without any
    expected_ties f64        at most so many pairs of accounts meet at least once by chance
    repeated_ties i64        pairs of accounts that met in two or more objects
    expected_repeated f64    the same by chance
    significant_ties i64     ties with q at most .05
    permuted_ties f64?       pairs that met when labels were shuffled within strata; null: not run
    permuted_repeated f64?   pairs that met in two or more objects then
    skipped_objects i64      objects with too large a crowd for this window
    suggested bool
    reason str               why this window is suggested, or is not, in words
    """,
)
SKIPPED_OBJECTS = table(
    "skipped_objects",
    "Objects with so large a crowd inside a window that they tie nobody in it.",
    """
    layer str
    object_id str
    window_s i64
    accounts i64    most accounts inside one window
    shares i64      most shares inside one window
    reason str
    """,
)
GROUPS = table(
    "groups",
    "Accounts, three or more, that shared the same things more than chance explains.",
    """
    group_id str         content hash of the accounts
    accounts list<str>
    size i64
    ties i64             pairs of its accounts with a validated tie
    density f64          their share of all its pairs
    stability f64        0..1: how alike it is found with a tenth of the ties left out
    p_value f64?         of its meetings, accounts' labels shuffled; null: not run
    q_value f64          the level of false ties at which it still hangs together
    layers list<str>     of its validated ties
    window_s i64?        the narrowest window in which most of its pairs have one
    objects i64          most objects that two of its accounts share in one layer
    first_at ts?         times of the posts in evidence of its ties
    last_at ts?
    benign_class str?
    reason str           what that rests on, in words
    null_model str       both nulls in words
    evidence list<str>   ids of posts, of different accounts where there are
    """,
)
ROLES = table(
    "roles",
    "Who started, expanded and repeated the points of a campaign; by time order, no judgement.",
    """
    account_id str
    campaign_id str     as in campaign
    narrative_id str?   in which most of its carrying posts lie
    role str            originator, expander or repeater
    tier i64            1 originators, 2 expanders, 3 repeaters
    lag_s f64           median, from what it carries on (expander) or repeats (repeater); else 0
    reach i64           other accounts that wrote after it what it was first in (repeater: has)
    score f64           ranks within a role: log likelihood ratio; of repeaters the points
    points i64          points it carried
    firsts i64          of these, points it was the first to write
    expected f64        firsts by chance
    p_value f64         originator, expander: of the firsts; repeater: of the points carried
    q_value f64         over all accounts tested
    reason str          what the role rests on, in words
    null_model str      the null in words
    evidence list<str>  post ids: its first posts of points, earliest first
    """,
)
FATES = table(
    "fates",
    "What became of accounts after the event.",
    "account_id str\n outcome str\n at ts?\n last_post_at ts?\n before str?\n after str?",
)
CAMPAIGN = table(
    "campaign",
    "Points that the same accounts carried at one time: when, who, and how many of those who talk.",
    """
    campaign_id str
    start_at ts              height of the talk on its narratives, by anyone
    end_at ts
    hours f64                from start to end
    crest_start_at ts        in which the carrying accounts' waves follow each other
    crest_end_at ts
    tail_end_at ts           after it, single copies trickle on until then
    narratives list<str>     narrative ids
    points i64               talking points carried
    hashtags list<str>       most carrying accounts' tags first
    langs list<str>
    accounts i64             that wrote on the narratives or carried a point
    with_evidence i64        of these, with evidence at q <= .05 of carrying its points
    share f64                estimated share of carrying accounts among `accounts`
    share_low f64            95 % interval, see basis
    share_high f64
    evidence_share f64       with_evidence of accounts: the floor of share
    originators i64
    expanders i64
    repeaters i64
    p_value f64              of its most surprising hour
    q_value f64
    basis str                what share, interval and window rest on, in words
    evidence list<str>       post ids of different accounts, earliest first
    """,
)
CAMPAIGN_ACCOUNTS = table(
    "campaign_accounts",
    "Accounts on the narratives of a campaign, with or without evidence of their part in it.",
    """
    campaign_id str
    account_id str
    points i64          of the campaign's talking points that it carried
    p_value f64         of carrying so many; 1 for fewer than two
    q_value f64         over all accounts of the campaign
    chance f64          of being a carrier rather than one who copies now and then
    with_evidence bool  it has a row in roles
    """,
)
FRONTS = table(
    "fronts",
    "Domains, hashtags and bio templates that one group promotes together and others do not.",
    """
    network_id str      groups that promote a common value, and all their values
    group_id str        of groups, or a campaign_id
    kind str            domain, hashtag or bio_template
    value str
    accounts_in i64     accounts of the group that use it
    accounts_out i64    other accounts that do
    expected f64        accounts of the group that would by chance
    platforms list<str> on which the group uses it
    p_value f64         hypergeometric
    q_value f64         over all groups and values tested
    null_model str      the null in words
    evidence list<str>  post or snapshot ids, of different accounts
    """,
)
AFTERMATH = table(
    "aftermath",
    "What became of the accounts after the event, one row an outcome, against matched controls.",
    """
    outcome str           suspended, deleted, removed, gone (any of these), renamed or dormant
    at_risk i64           accounts with evidence that have a counterpart
    gone i64              of these, with the outcome
    control_at_risk i64   accounts like them that took no part
    control_gone i64      of these, with the outcome
    risk_ratio f64?       within strata (Mantel-Haenszel); null where one side has none
    ci_low f64?           95 % interval
    ci_high f64?
    p_value f64           exact, two-sided, given the margins of every stratum
    basis str             what makes two accounts alike here, in words
    """,
)
SURVIVAL = table(
    "survival",
    "Share of accounts still there by day after the event, with evidence and controls.",
    """
    side str          with evidence, or controls
    day i64           days after the event's end
    at_risk i64
    share f64         Kaplan-Meier
    low f64           95 % interval
    high f64
    log_rank_p f64?   that both sides go at the same rate, within strata; null when untestable
    """,
)
CONVERGENCE = table(
    "convergence",
    "Narratives and shared talking points, and the opposed camps claimed by who carries them.",
    """
    narrative_id str?
    point_id str?            null: the whole narrative
    attribute str
    groups list<str>         camps claimed there, the most frequent first
    camps str                the same with how many accounts claimed each, in words
    accounts i64             accounts that posted it; reposts are left out
    labeled i64              of these, with a camp claimed at that time; one vote each
    posts i64
    diversity f64            share of pairs of labelled accounts whose camps differ (Simpson)
    opposed_share f64        share of these pairs whose camps exclude each other
    null_mean f64?           the opposed share that this corpus' own homophily gives
    shuffle_mean f64?        the same when camps are merely shuffled
    homophily f64?           how often an account follows its cluster's camp, from all others
    percentile f64?          of diversity among `compared` clusters of about the same size
    compared i64
    shuffle_p f64?           as many opposed pairs or more when camps are shuffled
    p_value f64?             the same under the corpus' homophily; null: see reason
    q_value f64?             Benjamini-Hochberg over all clusters with enough labelled accounts
    wording f64?             share of opposed pairs that posted one talking point in a week
    wording_controls f64?    the same in event-matched controls
    wording_p f64?           that the two are alike, one-sided; of the narrative
    wording_q f64?           Benjamini-Hochberg over all narratives compared
    controls i64             opposed pairs that met on other narratives in the same weeks
    gap_s f64?               median time from a post to the nearest one of an opposed account
    both_sides bool          opposed camps with the same words, beyond the controls
    score f64                order of reading, 0..1
    null_model str           the null in words
    reason str               what it rests on, or why it was not tested
    evidence list<str>       post ids, the earliest of each camp
    evidence_camps list<str> the camp that each of these accounts claimed
    """,
)
