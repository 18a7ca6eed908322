"""Stopping a thread wherever an exception from outside can arrive: after each call it makes."""

import sys


class Stop(BaseException):
    """What a server's timeout, Ctrl-C or an exit raises in a thread."""


def stopped(module, count, work):
    """Do `work` with a Stop after call number `count` in `module`; return whether it came to that.

    Python looks for such exceptions where a function begins and where a call returns.
    """
    seen = 0

    def look(frame, event, argument):
        nonlocal seen
        if frame.f_code.co_filename == module.__file__ and event in ("call", "return", "c_return"):
            seen += 1
            if seen == count:
                sys.setprofile(None)
                raise Stop

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        work()
    except Stop:
        return True
    finally:
        sys.setprofile(before)
    return seen >= count
