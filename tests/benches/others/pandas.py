"""What pandas with calamine takes for a step of the bench, without the start of Python: milliseconds of the clock, of the
processor."""
import sys
import time

import pandas
import python_calamine  # noqa: F401 - the reader that is asked for by its name


def read(file):
    return pandas.read_excel(file, engine="calamine", header=None, dtype=object)


def csv(file, encoding):
    # Lines of a sheet are not of one length: room for the longest.
    return pandas.read_csv(file, header=None, names=range(64), dtype=str, encoding=encoding)


def compare(roster, sheet, place):
    return read(roster).merge(read(sheet), how="outer", left_on=2, right_on=int(place), indicator=True)


step, *arguments = sys.argv[1:]
start, worked = time.perf_counter(), time.process_time()
{"read": read, "csv": csv, "compare": compare}[step](*arguments)
print((time.perf_counter() - start) * 1000, (time.process_time() - worked) * 1000)
