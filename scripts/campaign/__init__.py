"""A synthetic campaign with ground truth about an invented country, its summit and its parties.

In: a number of accounts and a seed. Out: posts, profile snapshots and truth tables, the same bytes
for the same seed. Every sentence was written for this generator; it shares no word list, no
template and no code with the detectors, so that a score measures them and not itself.
"""

from scripts.campaign.simulate import Campaign, simulate
from scripts.campaign.writing import write_campaign

__all__ = ["Campaign", "simulate", "write_campaign"]
