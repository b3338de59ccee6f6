"""What every worker of a batch imports, imported once where processes are forked.

On Linux the workers are forked from a process that does nothing but import this module, so that their modules are there at
once and lie in memory once. Only a process with a single thread can be forked safely: it leaves out onnxruntime, which
begins one when it is imported, and opens no model.
"""

# ruff: noqa: E402, F401 - the order of what is imported counts, and nothing but that it is imported

import os
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the process that asks it for workers
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported: it begins its threads then

from oped.language.lean import import_spacy_lean

import_spacy_lean()

import oped.batch.worker
import oped.neural.entities.recognizer
import oped.neural.trained
import oped.parsers
from oped.words import split_words

split_words("")  # builds the tokenizer
