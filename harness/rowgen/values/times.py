"""Dates and times, with the ends of their ranges and their infinities."""

from __future__ import annotations

import datetime

from hypothesis import strategies as st

from harness.rowgen.values.scalars import Make, Texts, fixed

_NEAR = datetime.datetime(2000, 1, 1), datetime.datetime(2030, 12, 31)
_datetimes = st.datetimes(*_NEAR) | st.datetimes()
_stamps = _datetimes.map(lambda moment: moment.isoformat(" "))
_offsets = st.builds(
    "{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 14), st.sampled_from([0, 30, 45])
)
_times = st.times().map(lambda time: time.isoformat()) | st.just("24:00:00")
_dates = (st.dates(*(moment.date() for moment in _NEAR)) | st.dates()).map(str)


def _with_offset(times: Texts) -> Texts:
    return st.builds("{}{}".format, times, _offsets)


_whole = st.integers(-100, 100)
_intervals = st.builds(
    "{} years {} mons {} days {} hours {} mins {}.{:06} secs".format,
    *(_whole, _whole, _whole, _whole, _whole),
    st.integers(0, 59),
    st.integers(0, 999999),
)

STRATEGIES: dict[str, Make] = {
    "date": fixed(
        _dates | st.sampled_from(["infinity", "-infinity", "4713-01-01 BC", "5874897-12-31"])
    ),
    "time": fixed(_times),
    "timetz": fixed(_with_offset(_times)),
    "timestamp": fixed(
        _stamps
        | st.sampled_from(
            ["infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999"]
        )
    ),
    "timestamptz": fixed(
        _with_offset(_stamps)
        | st.sampled_from(
            ["infinity", "-infinity", "4713-01-02 00:00:00+00 BC", "294276-12-31 23:59:59+00"]
        )
    ),
    # Infinite intervals came with PostgreSQL 17.
    "interval": fixed(
        st.sampled_from(["1 day", "00:00:00", "-1 day", "infinity", "-infinity"]) | _intervals
    ),
}
