"""Writes the .npy files beside it with NumPy itself: the values 0 to 5 in shape [2,3], in every element type that is read."""

import pathlib

import numpy

here = pathlib.Path(__file__).parent
values = numpy.arange(6).reshape(2, 3)
for name, dtype in {
    "f2": "<f2", "f4": "<f4", "f8": "<f8", "i4": "<i4", "i8": "<i8", "u1": "u1", "i2": "<i2",
    "big-f4": ">f4", "big-f8": ">f8", "big-i4": ">i4", "big-i8": ">i8", "big-i2": ">i2",
}.items():
    numpy.save(here / f"{name}.npy", values.astype(dtype))
numpy.save(here / "b1.npy", values % 2 == 1)
with open(here / "version2.npy", "wb") as file:
    numpy.lib.format.write_array(file, values.astype("<f4"), version=(2, 0))
numpy.save(here / "vector.npy", numpy.arange(3, dtype="<i4"))
numpy.save(here / "scalar.npy", numpy.float32(1))
numpy.save(here / "fortran.npy", numpy.asfortranarray(values.astype("<f4")))
numpy.save(here / "fortran3.npy", numpy.asfortranarray(numpy.arange(24, dtype="<i4").reshape(2, 3, 4)))
numpy.save(here / "complex.npy", values.astype("<c8"))
numpy.save(here / "empty.npy", numpy.zeros((0, 3), "<f4"))
numpy.save(here / "huge-f8.npy", numpy.array([1.0, 1e300]))
numpy.save(here / "huge-i8.npy", numpy.array([1, 2**31]))
numpy.save(here / "structured.npy", numpy.zeros(2, [("a", "<f4"), ("b", "<i4")]))
