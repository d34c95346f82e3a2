"""What polars with fastexcel takes for a step of the bench, without the start of Python: milliseconds of the clock, of the
processor, all threads of which count."""
import sys
import time

import fastexcel  # noqa: F401 - polars reads workbooks by it
import polars


def read(file, **options):
    return polars.read_excel(file, **options)


def csv(file, encoding):
    # Lines of a sheet are not of one length: room for the longest.
    columns = {str(place): polars.String for place in range(64)}
    return polars.read_csv(
        file, has_header=False, schema=columns, missing_columns="insert", quote_char=None, encoding=encoding
    )


def compare(roster, sheet, place):
    known, asked = read(roster, has_header=False), read(sheet, has_header=False)
    own = asked.columns[int(place)]
    known = known.cast({known.columns[2]: polars.String})
    asked = asked.cast({own: polars.String})
    return known.join(asked, left_on=known.columns[2], right_on=own, how="full")


step, *arguments = sys.argv[1:]
start, worked = time.perf_counter(), time.process_time()
{"read": read, "csv": csv, "compare": compare}[step](*arguments)
print((time.perf_counter() - start) * 1000, (time.process_time() - worked) * 1000)
