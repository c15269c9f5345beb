"""Writes housing.csv from the R package modeldata 1.1.0, as Debian has it.

    apt-get download r-cran-modeldata && dpkg -x r-cran-modeldata_*.deb modeldata
    pip install rdata==1.1.0
    python make_csv.py modeldata/usr/lib/R/site-library/modeldata

The data sets of an R package are one file and an index to it. Each begins with its
length and the letter of its compression.
"""

import lzma
import os
import sys

import rdata

base = os.path.join(sys.argv[1], "data", "Rdata")
start, length = rdata.read_rds(base + ".rdx")["variables"]["Sacramento"]
with open(base + ".rdb", "rb") as f:
    packed = f.read()[start : start + length]
assert packed[4:5] == b"Z"
table = lzma.decompress(packed[5:], format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
frame = rdata.conversion.convert(rdata.parser.parse_data(table))
frame.to_csv(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "housing.csv"), index=False, lineterminator="\n")
