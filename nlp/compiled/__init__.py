"""The compiled path for many texts: same answers as the readable modules, about fifty times faster.

In: texts as Arrow columns (`columns`). Out: matching forms (`normalizing`), equal texts
(`collapsing`), signatures, band keys and shingle sets (`sketching`). The modules beside this
package (`nlp.normalize`, `nlp.shingles`, `nlp.minhash`) say what is right; tests hold this one to
them byte for byte, and their doors come here when there are many texts.

Kernels release the interpreter lock and run over stretches of rows in several threads; a row's
result depends on that row alone, so the number of threads changes nothing. Numba keeps compiled
kernels beside the file that defines them and watches that file alone, so a kernel calls only
kernels of its own file (a test holds that).
"""

from __future__ import annotations

# Loading compiled kernels takes about half a second, a first compilation ten; the readable path
# does about thirty texts a millisecond, so fewer texts than these are done before.
MANY_TEXTS = 2_000
