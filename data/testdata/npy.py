"""Exchanges array files with NumPy (2.4.6).

    python npy.py write    # writes numpy.npz and numpy_compressed.npz, which the tests read
    python npy.py check    # reads go.npz, which the tests write, and complains if it does not hold what it should

Run it in this folder.
"""

import io
import sys
import zipfile

import numpy as np

NUMBERS = ["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f4", "<f8"]


def arrays():
    """What both can write."""
    made = {dtype: np.arange(6).reshape(2, 3).astype(dtype) for dtype in NUMBERS}
    made["bool"] = np.array([True, False, True])
    made["scalar"] = np.array(-2.5)
    made["empty"] = np.zeros((2, 0, 3), "<f4")
    made["rank 3"] = np.arange(12, dtype="<i2").reshape(1, 4, 3)
    made["18 axes"] = np.full((1,) * 18, 7, "|i1")  # its header is longer by what NumPy leaves room for
    made["folder/日本"] = np.array([np.inf, -0.0, 1e-45], "<f4")
    return made


def written(x, version=None):
    """An NPY file."""
    file = io.BytesIO()
    np.lib.format.write_array(file, x, version)
    return file.getvalue()


def write():
    files = {name: written(x) for name, x in arrays().items()}
    more = {dtype: np.arange(6).reshape(2, 3).astype(dtype) for dtype in [">u2", ">i2", ">u4", ">i4", ">u8", ">i8", ">f4", ">f8"]}
    more["fortran"] = np.asfortranarray(np.arange(24, dtype="<f8").reshape(2, 3, 4))
    more["fortran bool"] = np.asfortranarray([[True, False], [True, True], [False, False]])
    more["half"] = np.array([1, -2.5, 65504, 6e-8, 6.1035e-05, np.inf, np.nan], "<f2")
    more["big half"] = np.array([1, -2.5], ">f2")
    files |= {name: written(x) for name, x in more.items()}
    files |= {f"version {v}": written(np.arange(6.0).reshape(2, 3), (v, 0)) for v in (1, 2, 3)}
    with zipfile.ZipFile("numpy.npz", "w") as archive:
        for name, file in files.items():
            archive.writestr(zipfile.ZipInfo(name + ".npy"), file)
    np.savez_compressed("numpy_compressed.npz", **arrays(), zeros=np.zeros((100, 100)))


def check():
    want = arrays()
    with np.load("go.npz") as got:
        assert set(got.files) == set(want), (got.files, list(want))
        for name, w in want.items():
            g = got[name]
            assert g.dtype == w.dtype and g.shape == w.shape and g.tobytes() == w.tobytes(), (name, g, w)
    with zipfile.ZipFile("go.npz") as archive:
        assert archive.testzip() is None
        for name, w in want.items():
            assert archive.read(name + ".npy") == written(w), name  # byte for byte
    print("go.npz holds what it should:", len(want), "arrays")


{"write": write, "check": check}[sys.argv[1]]()
